import { catalogue, findInCatalogue, unknownContextWindow } from './catalogue.ts'
import {
  configuredEndpoint,
  configuredEndpoints,
  findRoute,
  isWildcard,
  routedEndpoint,
  type Endpoint,
} from './endpoint.ts'
import type { EndpointModels, ListedModel } from './endpoint-models.ts'
import {
  listingFailed,
  modelAmbiguous,
  modelKeyMissing,
  modelNotListed,
  modelNotRouted,
  modelUnknown,
  proxyMissing,
} from './handle-errors.ts'
import type { ModelInfo } from './model.ts'
import type { ModelRoute, ModelSettings } from './model-settings.ts'
import { providerDefinitions, type ProviderDefinition } from './provider-definitions.ts'
import type { ResolvedModel } from './resolved-model.ts'

/** The name under which the original server shows what another endpoint of OpenAI's kind has. */
export const proxyProvider = 'openai-proxy'

/** How a handle is to be looked up. */
export interface HandleQuery {
  readonly handle: string
  /**
   * Whether a name that cannot be checked, because the endpoint does not answer, is an error. Without it the name is
   * taken on trust: the call that follows fails with the reason, and a message that was accepted stays stored.
   */
  readonly strict: boolean
}

/** What handles are looked up with. */
export interface HandleContext {
  readonly settings: ModelSettings
  readonly endpointModels: EndpointModels
}

interface ProviderHandle {
  readonly handle: string
  readonly name: string
  readonly isProxy: boolean
  readonly definition: ProviderDefinition
}

interface Place {
  readonly endpoint: Endpoint
  readonly route: ModelRoute | undefined
}

/** A list younger than this is believed when it lacks a name, in milliseconds. */
const missingNameMaxAgeMs = 10_000

/**
 * Finds the model of a `provider/model` handle or of a bare name.
 *
 * @throws AppError `model_not_found`, `model_ambiguous`, `model_key_missing`; with `strict` also the code of the reason
 * why an endpoint could not be asked.
 */
export async function resolveHandle(
  context: HandleContext,
  query: HandleQuery,
): Promise<ResolvedModel> {
  const parsed = parseProviderHandle(query.handle)
  if (parsed !== null) return resolveProviderHandle(context, query, parsed)
  const handle = await resolveBareName(context, query.handle)
  return resolveHandle(context, { ...query, handle })
}

/** Splits a handle at its provider; null when what stands before the slash, if any, is no provider. */
function parseProviderHandle(handle: string): ProviderHandle | null {
  const slash = handle.indexOf('/')
  const prefix = handle.slice(0, Math.max(0, slash))
  const isProxy = prefix === proxyProvider
  const definition = providerDefinitions.find(
    (candidate) => candidate.name === (isProxy ? 'openai' : prefix),
  )
  const name = handle.slice(slash + 1)
  return definition === undefined || name === '' ? null : { handle, name, isProxy, definition }
}

async function resolveProviderHandle(
  context: HandleContext,
  query: HandleQuery,
  parsed: ProviderHandle,
): Promise<ResolvedModel> {
  const { definition, name, handle } = parsed
  const place = findPlace(context.settings, parsed)
  if (place === null) throw modelKeyMissing(handle, definition)
  const { endpoint, route } = place
  if (parsed.isProxy && !endpoint.custom) throw proxyMissing(handle)
  const isKnown =
    findInCatalogue(definition.name, name) !== undefined ||
    (route !== undefined && !isWildcard(route))
  if (isKnown) return toResolved({ handle, name, endpoint, listed: null })
  const listed = await findListed(context.endpointModels, endpoint, name)
  if (listed.state === 'listed') {
    if (listed.model === undefined) throw modelNotListed(handle, endpoint)
    return toResolved({ handle, name, endpoint, listed: listed.model })
  }
  if (listed.state === 'failed' && query.strict) {
    throw listingFailed({ handle, endpoint, ...listed })
  }
  if (listed.state === 'unlisted' && route !== undefined) throw modelNotRouted(handle, endpoint)
  return toResolved({ handle, name, endpoint, listed: null })
}

function findPlace(settings: ModelSettings, parsed: ProviderHandle): Place | null {
  const { definition, name, handle } = parsed
  const route = findRoute(settings.routes, [handle, `${definition.name}/${name}`])
  if (route !== undefined) return { route, endpoint: routedEndpoint(route, definition) }
  const endpoint = configuredEndpoint(settings, definition)
  return endpoint === null ? null : { route, endpoint }
}

async function findListed(
  endpointModels: EndpointModels,
  endpoint: Endpoint,
  name: string,
): Promise<
  | { readonly state: 'listed'; readonly model: ListedModel | undefined }
  | Exclude<Awaited<ReturnType<EndpointModels['list']>>, { state: 'listed' }>
> {
  const find = async (maxAgeMs?: number) => {
    const listing = await endpointModels.list(endpoint, maxAgeMs)
    if (listing.state !== 'listed') return listing
    const model = listing.models.find((candidate) => candidate.id === name)
    return { state: 'listed', model } as const
  }
  const remembered = await find()
  const isMissing = remembered.state === 'listed' && remembered.model === undefined
  return isMissing ? find(missingNameMaxAgeMs) : remembered
}

/** The handle of the one provider that has a bare name. */
async function resolveBareName(context: HandleContext, name: string): Promise<string> {
  const { settings } = context
  const inCatalogue = catalogue
    .filter((entry) => entry.name === name)
    .map((entry) => parseProviderHandle(`${entry.provider}/${name}`))
    .filter((parsed) => parsed !== null)
  const usable = inCatalogue.filter((parsed) => findPlace(settings, parsed) !== null)
  if (usable.length > 0) return onlyHandle(name, usable)
  const sources = listedSources(settings)
  const answers = await Promise.all(
    sources.map(async (source) => ({
      ...source,
      found: await findListed(context.endpointModels, source.endpoint, name),
    })),
  )
  const handles = answers
    .filter(({ found }) => found.state === 'listed' && found.model !== undefined)
    .map(({ prefix }) => ({ handle: `${prefix}/${name}` }))
  if (handles.length > 0) return onlyHandle(name, handles)
  const [locked] = inCatalogue
  if (locked !== undefined) throw modelKeyMissing(name, locked.definition)
  throw modelUnknown({
    handle: name,
    usable: sources.map(({ prefix }) => prefix),
    notes: answers.flatMap(({ endpoint, found }) =>
      found.state === 'failed' ? [`${endpoint.url} could not be asked: ${found.reason}`] : [],
    ),
  })
}

function onlyHandle(name: string, found: readonly { readonly handle: string }[]): string {
  const handles = [...new Set(found.map(({ handle }) => handle))]
  const [handle] = handles
  if (handle === undefined || handles.length > 1) throw modelAmbiguous(name, handles)
  return handle
}

/** The endpoints whose lists count, with the provider name that what they list is called by. */
export function listedSources(
  settings: ModelSettings,
): readonly { readonly prefix: string; readonly endpoint: Endpoint }[] {
  const routed = settings.routes.filter(isWildcard).flatMap((route) => {
    const prefix = route.pattern.split('/')[0] ?? ''
    const isAll = prefix.includes('*')
    const parsed = parseProviderHandle(`${isAll ? proxyProvider : prefix}/x`)
    if (parsed === null) return []
    const endpoint = routedEndpoint(route, parsed.definition)
    return [{ prefix: isAll ? proxyProvider : prefix, endpoint }]
  })
  const routesAll = settings.routes.some((route) => route.pattern === '*')
  const configured = configuredEndpoints(settings).map((endpoint) => ({
    prefix: endpoint.definition.name,
    endpoint,
  }))
  return routesAll ? routed : [...configured, ...routed]
}

/** What is known of a model at an endpoint. */
export function toResolved(input: {
  readonly handle: string
  readonly name: string
  readonly endpoint: Endpoint
  readonly listed: ListedModel | null
}): ResolvedModel {
  const { handle, name, endpoint, listed } = input
  const entry = findInCatalogue(endpoint.definition.name, name)
  const info: ModelInfo = {
    handle,
    provider: handle.slice(0, handle.indexOf('/')),
    name,
    contextWindow: listed?.contextWindow ?? entry?.contextWindow ?? unknownContextWindow,
    maxOutputTokens: listed?.maxOutputTokens ?? entry?.maxOutputTokens ?? null,
    extractive: false,
    endpointType: endpoint.definition.endpointType,
    endpoint: endpoint.url,
  }
  return { type: 'provider', info, endpoint, reasoning: entry?.reasoning ?? false }
}
