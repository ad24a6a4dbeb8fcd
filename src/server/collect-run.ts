import type { App } from '../app/app.ts'
import { AppError } from '../errors/app-error.ts'
import { followSignals } from '../util/follow-signals.ts'
import type { JsonObject } from '../util/json.ts'
import type { ApiContext } from './api.ts'
import { failedRunResponse } from './failed-run.ts'
import { showRun } from './run-frames.ts'
import { socketResponse } from './socket-response.ts'

/** A run whose outcome a client waits for. */
export interface CollectRunOptions {
  readonly runId: string
  readonly messageTypes: readonly string[] | null
  readonly compactionMessages: boolean
  readonly memoryChanges: boolean
}

/**
 * Waits for the end of a run and answers with all of it: the same frames as a stream, collected.
 *
 * Rejects with `request_timeout` when the run takes longer than a request may; the run goes on.
 */
export async function collectRun(
  app: App,
  context: ApiContext,
  options: CollectRunOptions,
): Promise<Response> {
  const { runId } = options
  const signal = context.req.raw.signal
  const messages: JsonObject[] = []
  let stopReason: JsonObject | null = null
  let usage: JsonObject | null = null
  for await (const { name, data } of untilTimeout(app, context, options)) {
    if (name === 'error') return failedRunResponse(context, data, runId)
    if (data['message_type'] === 'stop_reason') stopReason = data
    else if (data['message_type'] === 'usage_statistics') usage = data
    else messages.push(data)
  }
  const body = JSON.stringify({
    messages,
    stop_reason: stopReason,
    usage: usage ?? { message_type: 'usage_statistics', run_ids: [runId] },
    logprobs: null,
    turns: null,
  })
  return deliver(context, { body, runId }, () => {
    if (!signal.aborted) app.runtime.delivered(context.get('scope'), { runId })
  })
}

async function* untilTimeout(
  app: App,
  context: ApiContext,
  { runId, messageTypes, compactionMessages, memoryChanges }: CollectRunOptions,
): AsyncGenerator<{ readonly name: string | null; readonly data: JsonObject }, void, undefined> {
  const { requestTimeoutMs } = app.settings
  const ended = new AbortController()
  const late = new AbortController()
  if (requestTimeoutMs > 0) {
    app.clock.sleep(requestTimeoutMs, { signal: ended.signal }).then(
      () => late.abort('it takes too long'),
      () => undefined,
    )
  }
  const following = followSignals([context.req.raw.signal, late.signal])
  try {
    yield* showRun(app, context.get('scope'), {
      runId,
      signal: following.signal,
      messageTypes,
      compactionMessages,
      memoryChanges,
      mode: 'response',
      startingAfter: 0,
    })
  } finally {
    following.leave()
    ended.abort('the run has ended')
  }
  if (late.signal.aborted) throw timedOut(runId, requestTimeoutMs)
  context.req.raw.signal.throwIfAborted()
}

function timedOut(runId: string, milliseconds: number): AppError {
  return new AppError(
    'request_timeout',
    `Cannot wait for the answer any longer: the run ${runId} takes more than ${milliseconds / 1000} s. It goes on; ask for its stream or its messages.`,
    { data: { run_id: runId } },
  )
}

/** A JSON response that tells when its reader has taken it: on a socket when all of it has left. */
function deliver(
  context: ApiContext,
  { body, runId }: { readonly body: string; readonly runId: string },
  onDelivered: () => void,
): Response {
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'x-letta-run-id': runId,
  }
  const outgoing = socketResponse(context)
  if (outgoing === null) return context.body(takenOnce(body, onDelivered), 200, headers)
  outgoing.once('finish', onDelivered)
  return context.body(body, 200, headers)
}

/** A text as a stream of one piece, which tells when somebody who has it asks for more. */
function takenOnce(text: string, onTaken: () => void): ReadableStream<Uint8Array> {
  let taken = false
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken) {
          onTaken()
          controller.close()
          return
        }
        taken = true
        controller.enqueue(new TextEncoder().encode(text))
      },
    },
    { highWaterMark: 0 },
  )
}
