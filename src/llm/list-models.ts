import { catalogue } from './catalogue.ts'
import { configuredEndpoint, findRoute, routedEndpoint, type Endpoint } from './endpoint.ts'
import type { ModelInfo } from './model.ts'
import { providerDefinitions } from './provider-definitions.ts'
import { listedSources, toResolved, type HandleContext } from './resolve-handle.ts'

/**
 * Every model of a provider that can be used now, by provider, then name.
 *
 * Providers at their own address are answered from the catalogue where it knows them, so that a listing needs no
 * network; other endpoints are asked. An endpoint that cannot be asked contributes what the catalogue knows.
 */
export async function listModels(context: HandleContext): Promise<readonly ModelInfo[]> {
  const { settings } = context
  const known = catalogue.flatMap((entry) => {
    const handle = `${entry.provider}/${entry.name}`
    const definition = providerDefinitions.find(({ name }) => name === entry.provider)
    if (definition === undefined) return []
    const route = findRoute(settings.routes, [handle])
    const endpoint =
      route === undefined
        ? configuredEndpoint(settings, definition)
        : routedEndpoint(route, definition)
    return endpoint === null
      ? []
      : [{ endpoint, routed: route !== undefined, info: infoOf(handle, entry.name, endpoint) }]
  })
  const asked = await Promise.all(
    listedSources(settings)
      .filter(({ endpoint }) => endpoint.custom || !isInCatalogue(endpoint))
      .map(async ({ prefix, endpoint }) => {
        const listing = await context.endpointModels.list(endpoint)
        const models = listing.state === 'listed' ? listing.models : null
        return {
          endpoint,
          answered: models !== null,
          infos: (models ?? []).map((listed) => {
            const handle = `${prefix}/${listed.id}`
            return toResolved({ handle, name: listed.id, endpoint, listed }).info
          }),
        }
      }),
  )
  const answered = new Set(
    asked.filter((source) => source.answered).map(({ endpoint }) => endpoint.url),
  )
  const remaining = known.filter(({ endpoint, routed }) => routed || !answered.has(endpoint.url))
  return inOrder([...remaining.map(({ info }) => info), ...asked.flatMap(({ infos }) => infos)])
}

function infoOf(handle: string, name: string, endpoint: Endpoint): ModelInfo {
  return toResolved({ handle, name, endpoint, listed: null }).info
}

function isInCatalogue(endpoint: Endpoint): boolean {
  return catalogue.some((entry) => entry.provider === endpoint.definition.name)
}

function inOrder(infos: readonly ModelInfo[]): readonly ModelInfo[] {
  const unique = new Map<string, ModelInfo>()
  for (const info of infos) {
    const isSameModelAgain = info.provider === 'openai-proxy' && unique.has(`openai/${info.name}`)
    if (!isSameModelAgain) unique.set(info.handle, info)
  }
  const rank = (info: ModelInfo): number => {
    const index = providerDefinitions.findIndex(({ name }) => name === info.provider)
    return index === -1 ? providerDefinitions.length : index
  }
  return [...unique.values()].toSorted(
    (left, right) => rank(left) - rank(right) || (left.name < right.name ? -1 : 1),
  )
}
