import type { MiddlewareHandler } from 'hono'
import type { App } from '../../app/app.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ServerEnvironment } from '../api.ts'
import { isLoopback } from '../loopback.ts'

/**
 * Refuses requests whose Host header names another machine: a page whose name was pointed at this machine could
 * otherwise speak to a server that asks for no key. Where a key is always asked for, any name is served.
 */
export function guardHost(app: App): MiddlewareHandler<ServerEnvironment> {
  const { allowedHosts, requireKey } = app.settings
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()))
  return async (context, next) => {
    const { hostname, host } = new URL(context.req.url)
    const isServed =
      requireKey || isLoopback(hostname) || [hostname, host, '*'].some((name) => allowed.has(name))
    if (!isServed) {
      throw new AppError(
        'origin_refused',
        `Cannot serve the host "${host}": this server answers to loopback names only. Add the name to LETTA_ALLOWED_HOSTS.`,
      )
    }
    await next()
  }
}
