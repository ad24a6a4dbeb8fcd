import type { App } from '../../app/app.ts'
import { AppError } from '../../errors/app-error.ts'
import { encodeError, encodeUnknownError } from '../../wire/error.ts'
import type { ApiContext } from '../api.ts'
import { toStatus } from '../failed-run.ts'
import { socketResponse } from '../socket-response.ts'

/** Turns whatever a route threw into the answer the wire has for it; what nobody foresaw is logged. */
export function handleError(app: App, error: Error, context: ApiContext): Response {
  const requestId = context.get('requestId')
  const runId = context.get('acceptedRunId')
  const { method, path } = context.req
  if (context.req.raw.signal.aborted) return answerNobody(context)
  const isKnown = error instanceof AppError && error.code !== 'internal'
  if (!isKnown) app.logger.error({ err: error, requestId, method, path }, 'a request failed')
  const { status, body, headers } = isKnown
    ? encodeError(namingAgent(error, path))
    : encodeUnknownError()
  return context.json(body, toStatus(status), {
    ...headers,
    ...(runId !== undefined && { 'x-letta-run-id': runId, 'x-should-retry': 'false' }),
  })
}

/** Every agent has a default conversation: where the path means that one and it is missing, the agent is. */
function namingAgent(error: AppError, path: string): AppError {
  const isMissing = error.code === 'not_found' && error.data['kind'] === 'conversation'
  if (!isMissing || !/\/conversations\/(?:default|agent-[^/]*)(?:\/|$)/.test(path)) return error
  return new AppError('not_found', 'Agent not found', { cause: error, data: { kind: 'agent' } })
}

/**
 * The end of a request whose client is gone. On a socket nobody reads the answer; a caller in the same process gets
 * what `fetch` would have thrown.
 */
function answerNobody(context: ApiContext): Response {
  if (socketResponse(context) === null) context.req.raw.signal.throwIfAborted()
  return new Response(null, { status: 499 })
}
