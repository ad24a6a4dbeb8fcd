import type { ModelRoute, ModelSettings } from './model-settings.ts'
import {
  providerDefinitions,
  type ProviderDefinition,
  type ProviderKind,
} from './provider-definitions.ts'

/** An address where models of a provider are called. */
export interface Endpoint {
  readonly definition: ProviderDefinition
  /** How to speak to it; anything but a provider's own address of OpenAI takes plain chat completions. */
  readonly kind: ProviderKind
  /** The base URL, with version, without trailing slash and without credentials. */
  readonly url: string
  /** Null when none is to be sent. */
  readonly apiKey: string | null
  /** Whether it is another address than the provider's own. */
  readonly custom: boolean
  /** The variable a person would correct when the address is wrong. */
  readonly urlVariable: string
}

/** The endpoint of a provider, or null when it has neither key nor address. */
export function configuredEndpoint(
  settings: ModelSettings,
  definition: ProviderDefinition,
): Endpoint | null {
  const given = settings.providers.find((provider) => provider.provider === definition.name)
  const apiKey = given?.apiKey ?? null
  const url = withVersion(given?.baseUrl ?? definition.url, definition.kind)
  if (url === null) return null
  const custom = url !== definition.url
  if (apiKey === null && !custom) return null
  const kind = custom && definition.kind === 'openai' ? 'openai-compatible' : definition.kind
  return { definition, kind, url, apiKey, custom, urlVariable: definition.urlVariable }
}

/** Every provider that can be used, with its endpoint, in the order of the definitions. */
export function configuredEndpoints(settings: ModelSettings): readonly Endpoint[] {
  return providerDefinitions.flatMap((definition) => {
    const endpoint = configuredEndpoint(settings, definition)
    return endpoint === null ? [] : [endpoint]
  })
}

/** The first route whose pattern matches one of the handles. */
export function findRoute(
  routes: readonly ModelRoute[],
  handles: readonly string[],
): ModelRoute | undefined {
  return routes.find((route) => handles.some((handle) => matchesRoute(route, handle)))
}

/** Whether a route serves more than one handle. */
export function isWildcard(route: ModelRoute): boolean {
  return route.pattern.includes('*')
}

/**
 * The endpoint a route leads to. The provider's own key is never sent there: a gateway may belong to someone else, so
 * only a key that is written into the route's URL is sent.
 */
export function routedEndpoint(route: ModelRoute, definition: ProviderDefinition): Endpoint {
  const url = new URL(route.url)
  const apiKey = decodeURIComponent(url.password || url.username)
  url.username = ''
  url.password = ''
  return {
    definition,
    kind: 'openai-compatible',
    url: withVersion(url.href, 'openai-compatible') ?? url.href,
    apiKey: apiKey === '' ? null : apiKey,
    custom: true,
    urlVariable: 'LETTA_MODEL_ROUTES',
  }
}

function matchesRoute(route: ModelRoute, handle: string): boolean {
  const parts = route.pattern.split('*')
  const [head = ''] = parts
  if (parts.length === 1) return handle === head
  const tail = parts.at(-1) ?? ''
  if (handle.length < head.length + tail.length) return false
  if (!handle.startsWith(head) || !handle.endsWith(tail)) return false
  let position = head.length
  for (const part of parts.slice(1, -1)) {
    const found = handle.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return position <= handle.length - tail.length
}

/** Adds the version that people leave out of base URLs, as each kind of API expects it. */
function withVersion(url: string | null, kind: ProviderKind): string | null {
  if (url === null) return null
  const trimmed = url.replace(/\/+$/, '')
  const { pathname } = new URL(trimmed)
  const isBare = pathname === '/'
  const hasVersion = /\/v\d[^/]*$/.test(pathname)
  if (kind === 'anthropic') return hasVersion ? trimmed : `${trimmed}/v1`
  if (kind === 'google') return hasVersion ? trimmed : `${trimmed}/v1beta`
  return isBare ? `${trimmed}/v1` : trimmed
}
