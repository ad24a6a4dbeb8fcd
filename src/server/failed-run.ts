import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { JsonObject } from '../util/json.ts'
import { encodeFailedRun } from '../wire/run-end.ts'
import type { ApiContext } from './api.ts'

/** Answers a request whose run failed with the status of its error; `failure` is the run's error frame. */
export function failedRunResponse(
  context: ApiContext,
  failure: JsonObject,
  runId: string,
): Response {
  const text = (name: string): string => {
    const value = failure[name]
    return typeof value === 'string' ? value : ''
  }
  const { status, body, headers } = encodeFailedRun(
    { errorType: text('error_type'), message: text('message'), detail: text('detail') },
    runId,
  )
  return context.json(body, toStatus(status), { ...headers, 'x-letta-run-id': runId })
}

/** A status of our error tables; all of them are of responses with a body. */
export function toStatus(status: number): ContentfulStatusCode {
  // Hono types statuses as literals, which a table of numbers cannot be.
  return status as ContentfulStatusCode
}
