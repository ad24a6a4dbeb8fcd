import type { MiddlewareHandler } from 'hono'
import type { App } from '../../app/app.ts'
import type { ServerEnvironment } from '../api.ts'

/** Gives each request a random value by which the log and the answer name it. */
export function identifyRequest(app: App): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    const requestId = app.ids.uuid()
    context.set('requestId', requestId)
    // Before there is an answer, as one that has been made is made once more for a further header.
    context.header('x-request-id', requestId)
    await next()
  }
}
