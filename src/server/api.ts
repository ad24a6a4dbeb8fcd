import type { Context, Hono } from 'hono'
import type { TenantScope } from '../domain/scope.ts'

/** What middleware leaves for the routes. */
export interface ServerEnvironment {
  Variables: {
    /** Whose data the request may touch. */
    scope: TenantScope
    /** A random value by which the log and the answer name the request. */
    requestId: string
    /** The run that the request's message was accepted into; from then on no error may be retried blindly. */
    acceptedRunId: string | undefined
  }
}

/** The router that routes are added to. */
export type Api = Hono<ServerEnvironment>

/** One request on its way through the routes. */
export type ApiContext = Context<ServerEnvironment>
