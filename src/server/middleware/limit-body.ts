import type { MiddlewareHandler } from 'hono'
import type { App } from '../../app/app.ts'
import type { ServerEnvironment } from '../api.ts'
import { refuseLongBody } from '../request-body.ts'

/** Refuses a body by its announced length before any of it is read. */
export function limitBody(app: App): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    refuseLongBody(context.req.raw, app.settings.bodyLimitBytes)
    await next()
  }
}
