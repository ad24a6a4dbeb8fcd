import type { Agent } from '../../domain/agent.ts'
import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import type { PassageQuery } from '../../memory/search/agent-search.ts'
import type { PassageOwner } from '../../memory/search/newest.ts'
import { searchPassages } from '../../memory/search/search-passages.ts'
import { parseRangeEnd } from '../../memory/zoned-time.ts'
import { present } from '../../wire/optional.ts'
import type { AppParts } from '../app-parts.ts'

/** A range of dates as a client writes it; each end is read in the zone of the agent. */
export interface GivenRange {
  readonly start: string | undefined
  readonly end: string | undefined
}

/** What was found, with the zone its dates are told in. */
export interface FoundPassages extends SearchAnswer<Passage> {
  readonly timezone: string
}

/** What to look for, and how. */
export interface PassageSearchQuery extends PassageQuery {
  /** The query's vector of the owner's embedding model. Default: the model's endpoint makes it. */
  readonly vector?: readonly number[]
  /** Up to how many passages all are scored. Default: `searchConstants.completeUpTo`. */
  readonly completeUpTo?: number
}

/** Finding passages. */
export interface PassageSearchService {
  /** Passages of an agent or archive, best first; none for a blank query. `not_found`. */
  search(scope: TenantScope, owner: PassageOwner, query: PassageSearchQuery): Promise<FoundPassages>
  /** The same for an agent with dates still to be read. `invalid_argument` for one that cannot be. */
  searchArchivalMemory(
    scope: TenantScope,
    agentId: string,
    query: Omit<PassageSearchQuery, 'from' | 'until'> & GivenRange,
  ): Promise<FoundPassages>
}

const nothingAsked: SearchAnswer<never> = {
  hits: [],
  reason: 'The query is blank, so there is nothing to look for.',
  hasMore: false,
  explanation: null,
}

/** What an agent or archive says about its texts. */
type OwnerPlace = Pick<Agent, 'timezone' | 'embedding'>

/** Makes the service that finds passages. */
export function createPassageSearch(
  parts: Pick<AppParts, 'store' | 'clock' | 'texts' | 'embedders'>,
): PassageSearchService {
  const { store, clock, texts, embedders } = parts
  /** The zone that dates are told in, and the model that vectors are of. */
  async function placeOf(scope: TenantScope, owner: PassageOwner): Promise<OwnerPlace> {
    if ('agentId' in owner) return await store.getAgent(scope, { id: owner.agentId })
    const { embedding } = await store.getArchive(scope, { id: owner.archiveId })
    return { embedding, timezone: 'UTC' }
  }

  async function search(
    scope: TenantScope,
    owner: PassageOwner,
    query: PassageSearchQuery & OwnerPlace,
  ): Promise<FoundPassages> {
    const { timezone, embedding, completeUpTo, vector } = query
    if (query.text.trim() === '' && vector === undefined) return { ...nothingAsked, timezone }
    const dense = { embedders, model: embedding, ...present({ vector }) }
    const now = clock.now()
    const place = { store, texts, dense, scope, timezone, now, ...present({ completeUpTo }) }
    return { ...(await searchPassages(place, owner, query)), timezone }
  }

  return {
    async search(scope, owner, query) {
      const { timezone, embedding } = await placeOf(scope, owner)
      return await search(scope, owner, { ...query, timezone, embedding })
    },
    async searchArchivalMemory(scope, agentId, { start, end, ...query }) {
      const { timezone, embedding } = await placeOf(scope, { agentId })
      const from =
        start === undefined
          ? null
          : parseRangeEnd({ text: start, name: 'start_datetime', timezone }, 'start')
      const until =
        end === undefined
          ? null
          : parseRangeEnd({ text: end, name: 'end_datetime', timezone }, 'end')
      return await search(scope, { agentId }, { ...query, from, until, timezone, embedding })
    },
  }
}
