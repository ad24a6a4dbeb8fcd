import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { analyseQuery } from '../../memory/analysis/analyse.ts'
import type { SearchHit } from '../../memory/search/agent-search.ts'
import { createAgentSearch } from '../../memory/search/create-agent-search.ts'
import { rank } from '../../memory/search/rank.ts'
import { searchConstants } from '../../memory/search/search-constants.ts'
import { formatInZone, parseRangeEnd } from '../../memory/zoned-time.ts'
import type { ArchivalHit } from '../../wire/archive.ts'
import type { AppParts } from '../app-parts.ts'
import type { PassageTarget } from './archives.ts'

/** What to look for among passages. */
export interface PassageSearchQuery {
  readonly text: string
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
  readonly from: number | null
  readonly until: number | null
  readonly limit: number
}

/** A range of dates as a client writes it; each end is read in the zone of the agent. */
export interface GivenRange {
  readonly start: string | undefined
  readonly end: string | undefined
}

/** Finding passages. */
export interface PassageSearchService {
  /** Passages of an agent or archive, best first; none for a query without words. `not_found`. */
  search(
    scope: TenantScope,
    target: PassageTarget,
    query: PassageSearchQuery,
  ): Promise<readonly ArchivalHit[]>
  /** The same for an agent with dates still to be read. `invalid_argument` for one that cannot be. */
  searchArchivalMemory(
    scope: TenantScope,
    agentId: string,
    query: Omit<PassageSearchQuery, 'from' | 'until'> & GivenRange,
  ): Promise<readonly ArchivalHit[]>
}

/** Makes the service that finds passages. */
export function createPassageSearch({ store }: Pick<AppParts, 'store'>): PassageSearchService {
  async function searchAgent(
    scope: TenantScope,
    agent: { readonly id: string; readonly timezone: string },
    query: PassageSearchQuery,
  ): Promise<readonly ArchivalHit[]> {
    if (query.text.trim() === '') return []
    const search = createAgentSearch({ store, scope, agentId: agent.id })
    const { hits } = await search.passages(query)
    return hits.map((hit) => toHit(hit, agent.timezone))
  }

  async function searchArchive(
    scope: TenantScope,
    archiveId: string,
    query: PassageSearchQuery,
  ): Promise<readonly ArchivalHit[]> {
    await store.getArchive(scope, { id: archiveId })
    const { terms } = analyseQuery(query.text)
    if (terms.length === 0) return []
    const { tags, tagMatch, from, until } = query
    const candidates = await store.searchPassages(scope, {
      archiveId,
      terms,
      tags,
      tagMatch,
      from,
      until,
      limit: searchConstants.candidateLimit,
    })
    return rank(terms, candidates)
      .slice(0, query.limit)
      .map((hit) => toHit(hit, 'UTC'))
  }

  return {
    async search(scope, target, query) {
      if ('archiveId' in target) return await searchArchive(scope, target.archiveId, query)
      return await searchAgent(scope, await store.getAgent(scope, { id: target.agentId }), query)
    },
    async searchArchivalMemory(scope, agentId, { start, end, ...query }) {
      const agent = await store.getAgent(scope, { id: agentId })
      const { timezone } = agent
      return await searchAgent(scope, agent, {
        ...query,
        from:
          start === undefined
            ? null
            : parseRangeEnd({ text: start, name: 'start_datetime', timezone }, 'start'),
        until:
          end === undefined
            ? null
            : parseRangeEnd({ text: end, name: 'end_datetime', timezone }, 'end'),
      })
    },
  }
}

function toHit(hit: SearchHit<Passage>, timezone: string): ArchivalHit {
  return {
    passage: hit.item,
    timestamp: formatInZone(hit.item.createdAt, timezone),
    score: hit.score,
  }
}
