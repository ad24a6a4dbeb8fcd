import { hash } from 'node:crypto'
import type { App } from '../app/app.ts'
import { AppError, isAppError } from '../errors/app-error.ts'
import type { Submission } from '../runtime/runtime.ts'
import { requireReachable } from '../net/post-json.ts'
import {
  toAnswerOptions,
  toInput,
  toRequestConfig,
  toTurnOptions,
  type SendBody,
} from '../wire/message-request.ts'
import { decodeBusy } from '../wire/busy.ts'
import type { ApiContext } from './api.ts'
import { collectRun } from './collect-run.ts'
import { refusalStream } from './refusal-stream.ts'
import { streamRun } from './stream-run.ts'

/** How the client wants to be answered. */
export interface SendMode {
  readonly kind: 'response' | 'tokens' | 'steps' | 'background'
  readonly pings: boolean
  readonly background: boolean
  readonly callbackUrl: string | null
}

/** A request that sends messages. */
export interface SendRequest {
  readonly conversationId: string
  readonly body: SendBody
  /** The body as it came, by which a repetition is recognised. */
  readonly text: string
  readonly mode: SendMode
  /** The wire's `metadata.run_type`. */
  readonly runType: string
}

/**
 * Stores the input of a request. Afterwards every error of the same request says that it must not be sent again.
 *
 * Rejects as `Runtime.submit` and `Runtime.answer` do.
 */
export async function submitMessages(
  app: App,
  context: ApiContext,
  request: SendRequest,
): Promise<Submission> {
  const { body, mode } = request
  const input = toInput(body)
  const rejectBusy = decodeBusy(context.req.header('x-letta-busy')) ?? app.settings.rejectBusy
  if (mode.callbackUrl !== null) requireReachable(mode.callbackUrl, app.guard)
  const shared = {
    conversationId: request.conversationId,
    runType: request.runType,
    background: mode.background,
    callbackUrl: mode.callbackUrl,
    requestConfig: toRequestConfig(body),
    requestHash: hashOf(context, request.text),
    isRetry: Number(context.req.header('x-stainless-retry-count') ?? 0) >= 1,
  }
  const scope = context.get('scope')
  const streamTokens = mode.kind === 'tokens'
  const submission =
    input.kind === 'answer'
      ? await app.runtime.answer(scope, {
          ...shared,
          ...input,
          options: toAnswerOptions(body, streamTokens),
        })
      : await app.runtime.submit(scope, {
          ...shared,
          messages: input.messages,
          options: toTurnOptions(body, streamTokens),
          rejectBusy,
        })
  context.set('acceptedRunId', submission.run.id)
  return submission
}

/** Stores the input of a request and answers with the run it started, as a stream or as a whole. */
export async function sendMessages(
  app: App,
  context: ApiContext,
  request: SendRequest,
): Promise<Response> {
  const { kind, pings } = request.mode
  const streams = kind === 'tokens' || kind === 'steps'
  const accepted = await submitMessages(app, context, request).catch((error: unknown) => {
    if (streams && pings && isAppError(error, 'pending_approval')) return error
    throw error
  })
  if (accepted instanceof AppError) return refusalStream(app, context, accepted)
  const { run } = accepted
  const messageTypes = request.body.include_return_message_types ?? null
  const compactionMessages = request.body.include_compaction_messages ?? false
  const memoryChanges = request.body.include_memory_changes ?? false
  const shown = { runId: run.id, messageTypes, compactionMessages, memoryChanges }
  if (kind !== 'tokens' && kind !== 'steps') {
    return await collectRun(app, context, shown)
  }
  return await streamRun(app, context, {
    ...shown,
    mode: kind,
    startingAfter: 0,
    pings,
    isOwnResponse: true,
  })
}

/** The same for repetitions of one request by one caller, and for nothing else. */
function hashOf(context: ApiContext, text: string): string {
  const { tenantId, userId } = context.get('scope')
  const caller = [tenantId, userId, context.req.header('authorization') ?? '']
  const place = JSON.stringify([context.req.method, context.req.path, caller])
  return hash('sha256', `${place}${text}`)
}
