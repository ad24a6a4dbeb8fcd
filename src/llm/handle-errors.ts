import { AppError } from '../errors/app-error.ts'
import type { ErrorCode } from '../errors/error-codes.ts'
import type { Endpoint } from './endpoint.ts'
import type { ProviderDefinition } from './provider-definitions.ts'

/** Says which variable the provider of a handle lacks. */
export function modelKeyMissing(handle: string, definition: ProviderDefinition): AppError {
  const { keyVariable, urlVariable, label } = definition
  const missing = keyVariable ?? urlVariable
  const advice =
    keyVariable === null
      ? `Set ${urlVariable} to the address of the ${label} server.`
      : `Set it to your ${label} key, or set ${urlVariable} to an endpoint that needs none.`
  return new AppError(
    'model_key_missing',
    `Cannot use model ${handle}: ${missing} is missing. ${advice}`,
    { data: { handle, variable: missing } },
  )
}

/** Says that an `openai-proxy` handle has no endpoint to go to. */
export function proxyMissing(handle: string): AppError {
  return new AppError(
    'model_key_missing',
    `Cannot use model ${handle}: OPENAI_BASE_URL is missing. ` +
      'Set it to the endpoint that has the model, or name the model openai/… to use OpenAI itself.',
    { data: { handle, variable: 'OPENAI_BASE_URL' } },
  )
}

/** Lists the handles a bare name may mean. */
export function modelAmbiguous(name: string, handles: readonly string[]): AppError {
  return new AppError(
    'model_ambiguous',
    `Cannot use model ${name}: several providers have it. Name one of: ${handles.join(', ')}.`,
    { data: { handle: name, handles } },
  )
}

/** Says that an endpoint which could be asked does not have the model. */
export function modelNotListed(handle: string, endpoint: Endpoint): AppError {
  return new AppError(
    'model_not_found',
    `Cannot use model ${handle}: ${endpoint.url} does not list it. ` +
      'Check the name, or start the model there.',
    { data: { handle, endpoint: endpoint.url } },
  )
}

/** Says that a pattern with `*` leads to an endpoint that cannot tell whether it has the model. */
export function modelNotRouted(handle: string, endpoint: Endpoint): AppError {
  return new AppError(
    'model_not_found',
    `Cannot use model ${handle}: it is not in the catalogue and ${endpoint.url} has no list of models. ` +
      `Add the route ${handle}=${endpoint.url} to LETTA_MODEL_ROUTES if that endpoint serves it.`,
    { data: { handle, endpoint: endpoint.url } },
  )
}

/** Says that no provider has a model. */
export function modelUnknown(input: {
  readonly handle: string
  /** Labels of the providers that can be used. */
  readonly usable: readonly string[]
  /** Why some of them could not be asked. */
  readonly notes: readonly string[]
}): AppError {
  const { handle, usable, notes } = input
  const state =
    usable.length === 0
      ? 'no provider is configured'
      : `none of the configured providers has it (${[...usable, ...notes].join('; ')})`
  return new AppError(
    'model_not_found',
    `Cannot use model ${handle}: ${state}. ` +
      'Name it as provider/model, such as openai/gpt-4o, and set the key of its provider.',
    { data: { handle } },
  )
}

/** Says that the endpoint which may have a model cannot be asked. */
export function listingFailed(input: {
  readonly handle: string
  readonly endpoint: Endpoint
  readonly code: ErrorCode
  readonly reason: string
}): AppError {
  const { handle, endpoint, code, reason } = input
  return new AppError(
    code,
    `Cannot check model ${handle} at ${endpoint.url}: ${reason}. ` +
      `Start the server there or correct ${endpoint.urlVariable}.`,
    { data: { handle, endpoint: endpoint.url } },
  )
}
