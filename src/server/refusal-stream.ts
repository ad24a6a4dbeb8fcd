import type { App } from '../app/app.ts'
import type { AppError } from '../errors/app-error.ts'
import { pendingApprovalText } from '../wire/error.ts'
import { encodeRunError, encodeStopReason } from '../wire/run-end.ts'
import { encodePing, type WireFrame } from '../wire/run-frames.ts'
import type { ApiContext } from './api.ts'
import { createEventStream, eventStreamHeaders } from './sse.ts'

/** How long a reader may take nothing before the stream is given up, in milliseconds. */
const stalledAfterMs = 60_000

/**
 * Refuses a message to a conversation that waits for an approval within the stream that was asked for: with pings on, a
 * stream of the original has begun by then. Nothing was stored.
 */
export function refusalStream(app: App, context: ApiContext, error: AppError): Response {
  const { run_id: given } = error.data
  const runId = typeof given === 'string' ? given : ''
  const body = createEventStream({
    frames: refusal(runId),
    ping: () => encodePing({ id: `ping-${app.ids.uuid()}`, at: app.clock.now(), runId }),
    pingIntervalMs: app.settings.pingIntervalMs,
    stalledAfterMs,
    clock: app.clock,
    onDelivered: () => undefined,
    onAbandoned: () => undefined,
  })
  return context.body(body, 200, eventStreamHeaders)
}

async function* refusal(runId: string): AsyncGenerator<WireFrame, void, undefined> {
  const numbers = { seq_id: null, run_id: runId }
  const failure = {
    errorType: 'internal_error',
    message: 'An unknown error occurred with the LLM streaming request.',
    detail: pendingApprovalText,
  }
  yield { name: null, data: { ...encodeStopReason('error'), ...numbers } }
  yield { name: 'error', data: { ...encodeRunError(failure, runId), seq_id: null } }
}
