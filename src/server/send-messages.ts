import { createHash } from 'node:crypto'
import type { App } from '../app/app.ts'
import { AppError } from '../errors/app-error.ts'
import type { Submission } from '../runtime/runtime.ts'
import { toInput, toRequestConfig, toTurnOptions, type SendBody } from '../wire/message-request.ts'
import type { ApiContext } from './api.ts'
import { collectRun } from './collect-run.ts'
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
 * Rejects as `Runtime.submit` does, and with `invalid_argument` for the answer to an approval that nobody asked for.
 */
export async function submitMessages(
  app: App,
  context: ApiContext,
  request: SendRequest,
): Promise<Submission> {
  const { body, mode } = request
  const input = toInput(body)
  if (input.kind === 'answer') {
    const { id } = await app.services.conversations.get(
      context.get('scope'),
      request.conversationId,
    )
    throw nothingAwaited(id)
  }
  if (mode.callbackUrl !== null) throw noCallbacks()
  const submission = await app.runtime.submit(context.get('scope'), {
    conversationId: request.conversationId,
    messages: input.messages,
    options: toTurnOptions(body, mode.kind === 'tokens'),
    runType: request.runType,
    background: mode.background,
    callbackUrl: null,
    requestConfig: toRequestConfig(body),
    requestHash: hashOf(context, request.text),
    isRetry: Number(context.req.header('x-stainless-retry-count') ?? 0) >= 1,
    rejectBusy: app.settings.rejectBusy || context.req.header('x-letta-busy') === 'reject',
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
  const { run } = await submitMessages(app, context, request)
  const messageTypes = request.body.include_return_message_types ?? null
  const { kind, pings } = request.mode
  if (kind !== 'tokens' && kind !== 'steps') {
    return await collectRun(app, context, { runId: run.id, messageTypes })
  }
  return await streamRun(app, context, {
    runId: run.id,
    mode: kind,
    messageTypes,
    startingAfter: 0,
    pings,
    isOwnResponse: true,
  })
}

/** The same for repetitions of one request by one caller, and for nothing else. */
function hashOf(context: ApiContext, text: string): string {
  const { tenantId, userId } = context.get('scope')
  const caller = [tenantId, userId, context.req.header('authorization') ?? '']
  return createHash('sha256')
    .update(JSON.stringify([context.req.method, context.req.path, caller]))
    .update(text)
    .digest('hex')
}

/** The sentence that clients of the original know. */
function nothingAwaited(conversationId: string): AppError {
  return new AppError(
    'invalid_argument',
    'Cannot process approval response: No tool call is currently awaiting approval. Please send a regular message to interact with the agent.',
    { data: { conversation_id: conversationId } },
  )
}

function noCallbacks(): AppError {
  return new AppError(
    'not_supported',
    'Cannot call back when the run ends: callback_url is not part of this version. Leave it out and ask for the run.',
  )
}
