import type { MiddlewareHandler } from 'hono'
import type { App } from '../../app/app.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ServerEnvironment } from '../api.ts'

/** Origins that the original server lets in. */
const originalOrigins = [
  'http://letta.localhost',
  'http://localhost:8283',
  'http://localhost:8083',
  'http://localhost:3000',
  'http://localhost:4200',
  'https://app.letta.com',
] as const

/** Headers of ours that scripts of an allowed origin may read. */
const exposedHeaders =
  'x-letta-run-id, x-letta-stripped, x-letta-words-alone, x-request-id, x-should-retry'

/**
 * Answers browsers: requests from pages of the server's own origin or an allowed one are served and may be read there;
 * those of any other are refused before they do anything.
 */
export function allowOrigins(app: App): MiddlewareHandler<ServerEnvironment> {
  const allowed = new Set([...originalOrigins, ...app.settings.allowedOrigins])
  return async (context, next) => {
    const origin = context.req.header('origin')
    if (origin === undefined) {
      await next()
      return undefined
    }
    if (!allowed.has(origin) && origin !== new URL(context.req.url).origin) {
      throw new AppError(
        'origin_refused',
        `Cannot serve a page of ${origin}: it is not an origin this server allows. Add it to ACCEPTABLE_ORIGINS.`,
      )
    }
    const headers = {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': exposedHeaders,
      vary: 'Origin',
    }
    const isPreflight = context.req.header('access-control-request-method') !== undefined
    if (context.req.method === 'OPTIONS' && isPreflight) {
      return context.body(null, 204, {
        ...headers,
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': context.req.header('access-control-request-headers') ?? '*',
        'access-control-max-age': '600',
      })
    }
    await next()
    for (const [name, value] of Object.entries(headers)) context.header(name, value)
    return undefined
  }
}
