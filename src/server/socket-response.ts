import type { ServerResponse } from 'node:http'
import type { ApiContext } from './api.ts'

/** The answer of Node's server that a request is answered by; null when it came from a caller in this process. */
export function socketResponse(context: ApiContext): ServerResponse | null {
  const { outgoing }: { readonly outgoing?: ServerResponse } = Object(context.env)
  return outgoing ?? null
}
