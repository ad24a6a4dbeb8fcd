import {
  configuredEndpoint,
  findRoute,
  isWildcard,
  routedEndpoint,
  type Endpoint,
} from './endpoint.ts'
import { catalogue, findInCatalogue, unknownContextWindow } from './catalogue.ts'
import { listingFailed } from './handle-errors.ts'
import { offlineHandle, offlineInfo } from './offline/offline-info.ts'
import { providerDefinitions } from './provider-definitions.ts'
import { resolveHandle, toResolved, type HandleContext } from './resolve-handle.ts'
import type { ResolvedModel } from './resolved-model.ts'

/** What a small endpoint of OpenAI's kind is asked for when it has it. */
const preferredOnOtherEndpoints = 'gpt-4o-mini'

/** The handles that stand for whatever model is to be used; the last is what the original server always has. */
export const automaticHandles: readonly string[] = [
  'letta/auto',
  'letta/auto-chat',
  'letta/auto-fast',
  'letta/auto-memory',
  'letta/letta-free',
]

/**
 * What `letta/auto` stands for now: the configured default, else the first provider that can be used, else offline.
 *
 * @throws AppError when the configured default cannot be used: nothing else is taken in its place.
 */
export async function resolveAutomatic(context: HandleContext): Promise<ResolvedModel> {
  const { settings } = context
  const chosen = settings.defaultModel?.trim() ?? ''
  if (chosen === offlineHandle) return { type: 'offline', info: offlineInfo }
  if (chosen !== '' && !automaticHandles.includes(chosen)) {
    return resolveHandle(context, { handle: chosen, strict: false })
  }
  for (const definition of providerDefinitions) {
    const handle = `${definition.name}/${definition.defaultModel ?? '*'}`
    const route = findRoute(settings.routes.filter(isWildcard), [handle])
    const endpoint =
      route === undefined
        ? configuredEndpoint(settings, definition)
        : routedEndpoint(route, definition)
    if (endpoint !== null) return defaultModelOf(context, endpoint)
  }
  const [route] = settings.routes
  if (route === undefined) return { type: 'offline', info: offlineInfo }
  const entry = catalogue.find(
    ({ provider, name }) => findRoute(settings.routes, [`${provider}/${name}`]) !== undefined,
  )
  const handle = entry === undefined ? route.pattern : `${entry.provider}/${entry.name}`
  return resolveHandle(context, { handle, strict: false })
}

async function defaultModelOf(context: HandleContext, endpoint: Endpoint): Promise<ResolvedModel> {
  const { definition } = endpoint
  const preferred =
    endpoint.custom && definition.name === 'openai'
      ? preferredOnOtherEndpoints
      : definition.defaultModel
  const take = (name: string): ResolvedModel =>
    toResolved({ handle: `${definition.name}/${name}`, name, endpoint, listed: null })
  const isKnown = preferred !== null && findInCatalogue(definition.name, preferred) !== undefined
  if (!endpoint.custom && isKnown) return take(preferred)
  const listing = await context.endpointModels.list(endpoint)
  if (listing.state === 'listed') {
    const found = listing.models.find((model) => model.id === preferred) ?? listing.models[0]
    if (found !== undefined) {
      const handle = `${definition.name}/${found.id}`
      return toResolved({ handle, name: found.id, endpoint, listed: found })
    }
  }
  if (preferred !== null) return take(preferred)
  return withoutModel(endpoint, listing)
}

function withoutModel(
  endpoint: Endpoint,
  listing: Awaited<ReturnType<HandleContext['endpointModels']['list']>>,
): ResolvedModel {
  const { definition } = endpoint
  const handle = `${definition.name}/default`
  const reason =
    listing.state === 'failed'
      ? listing
      : { code: 'llm_not_found' as const, reason: 'it lists no chat model' }
  const error = listingFailed({ handle, endpoint, code: reason.code, reason: reason.reason })
  return {
    type: 'unreachable',
    info: {
      handle,
      provider: definition.name,
      name: 'default',
      contextWindow: unknownContextWindow,
      maxOutputTokens: null,
      extractive: false,
      endpointType: definition.endpointType,
      endpoint: endpoint.url,
    },
    failure: {
      code: reason.code,
      message: error.message,
      detail: reason.reason,
      retryable: error.retryable,
      retryAfterMs: null,
    },
  }
}
