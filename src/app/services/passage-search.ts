import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import type { PassageQuery } from '../../memory/search/agent-search.ts'
import type { PassageOwner } from '../../memory/search/newest.ts'
import { searchPassages } from '../../memory/search/search-passages.ts'
import { type GivenDates, readRange } from '../../memory/time-range.ts'
import { present } from '../../wire/optional.ts'
import type { AppParts } from '../app-parts.ts'

/** What was found, with the zone its dates are told in. */
export interface FoundPassages extends SearchAnswer<Passage> {
  readonly timezone: string
}

/** What to look for, and how. */
export interface PassageSearchQuery extends Omit<PassageQuery, 'from' | 'until'> {
  /** Only texts of this time, read in the zone of the agent, or in UTC for an archive. */
  readonly dates: GivenDates
  /** The query's vector of the owner's embedding model. Default: the model's endpoint makes it. */
  readonly vector?: readonly number[]
  /** Up to how many passages all are scored. Default: `searchConstants.completeUpTo`. */
  readonly completeUpTo?: number
}

/** Finding passages. */
export interface PassageSearchService {
  /**
   * Passages of an agent or archive, best first; none for a blank query. `not_found`; `validation_failed` as
   * {@link readRange}.
   */
  search(scope: TenantScope, owner: PassageOwner, query: PassageSearchQuery): Promise<FoundPassages>
}

const nothingAsked: SearchAnswer<never> = {
  hits: [],
  reason: 'The query is blank, so there is nothing to look for.',
  hasMore: false,
  total: 0,
  isCut: false,
  explanation: null,
}

/** Makes the service that finds passages. */
export function createPassageSearch(
  parts: Pick<AppParts, 'store' | 'clock' | 'texts' | 'embedders'>,
): PassageSearchService {
  const { store, texts, embedders } = parts
  /** The zone that dates are told in. */
  async function zoneOf(scope: TenantScope, owner: PassageOwner): Promise<string> {
    if ('agentId' in owner) return (await store.getAgent(scope, { id: owner.agentId })).timezone
    await store.getArchive(scope, { id: owner.archiveId })
    return 'UTC'
  }

  return {
    async search(scope, owner, { dates, completeUpTo, vector, ...query }) {
      const timezone = await zoneOf(scope, owner)
      const now = parts.clock.now()
      const range = readRange({ ...dates, now, timezone })
      if (query.text.trim() === '' && vector === undefined) return { ...nothingAsked, timezone }
      const dense = { embedders, model: null, ...present({ vector }) }
      const place = { store, texts, dense, scope, timezone, now, ...present({ completeUpTo }) }
      return { ...(await searchPassages(place, owner, { ...query, ...range })), timezone }
    },
  }
}
