import type { MiddlewareHandler } from 'hono'
import type { App } from '../../app/app.ts'
import { defaultScope, type TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ApiContext, ServerEnvironment } from '../api.ts'

/** Paths that answer without a key. */
const openPath = /^(?:\/(?:v1|latest)\/(?:health|live|ready)|\/ready)\/?$/

/** Paths below which only administrators may do anything. */
const adminPath = /^\/(?:v1|latest)\/(keys|background-jobs|embeddings\/rebuild)(?:\/|$)/

const adminActions: Readonly<Record<string, string>> = {
  keys: 'manage keys',
  'background-jobs': 'look after background jobs',
  'embeddings/rebuild': 'rebuild embeddings',
}

/** POST routes that change nothing: searches, and attaching to the stream of a run. */
const readingPost =
  /^\/(?:v1|latest)\/(?:(?:messages|passages|tools)\/search|(?:runs|conversations)\/[^/]+\/stream)\/?$/

/**
 * Finds out who asks and whether that is allowed: by the key of the request, or as the default user while there is no
 * key. Requests from the program itself (`isOpen`) always come from the default user.
 */
export function authenticate(
  app: App,
  { isOpen }: { readonly isOpen: boolean },
): MiddlewareHandler<ServerEnvironment> {
  return async (context, next) => {
    if (isOpen || openPath.test(context.req.path)) {
      context.set('scope', defaultScope)
      await next()
      return
    }
    const scope = await app.services.keys.authenticate(secretOf(context), app.settings)
    // The whole body that clients of the original know.
    if (scope === null) throw new AppError('unauthorized', 'Unauthorized')
    authorize(context, scope)
    context.set('scope', scope)
    await next()
  }
}

/** The secret a request carries, or null. */
export function secretOf(context: ApiContext): string | null {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(context.req.header('authorization') ?? '')?.[1]
  const bare = /^password\s+(\S+)\s*$/i.exec(context.req.header('x-bare-password') ?? '')?.[1]
  return bearer ?? bare ?? null
}

function authorize(context: ApiContext, scope: TenantScope): void {
  const { method, path } = context.req
  const resource = adminPath.exec(path)?.[1]
  if (resource !== undefined && (scope.role !== 'admin' || scope.agentIds !== undefined)) {
    throw forbidden(
      adminActions[resource] ?? resource,
      'Use a key with the role admin and without a limit to agents.',
    )
  }
  const reads = method === 'GET' || method === 'HEAD' || readingPost.test(path)
  if (scope.role === 'reader' && !reads) {
    throw forbidden('change anything', 'Use a key with the role member or admin.')
  }
}

function forbidden(action: string, advice: string): AppError {
  return new AppError(
    'forbidden',
    `Cannot ${action}: the role of this key does not allow it. ${advice}`,
  )
}
