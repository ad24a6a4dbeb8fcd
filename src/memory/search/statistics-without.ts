import type { SearchEntry } from '../../storage/contract/search-entry.ts'
import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import { documentFrequency } from './coverage.ts'
import { searchConstants } from './search-constants.ts'
import type { AgentSearchOptions } from './search-source.ts'
import { messageEntry } from './search-entry.ts'

/**
 * The statistics of a scope as if the messages with these identifiers were not stored.
 *
 * A question is stored before it is searched for; without this its own words would count as known and its rare words as
 * less rare. Of many identifiers only the first `searchConstants.pageSize` are looked at.
 */
export async function statisticsWithout(
  { store, scope, timezone }: AgentSearchOptions,
  excludeIds: readonly string[],
  statistics: SearchStatistics,
): Promise<SearchStatistics> {
  if (excludeIds.length === 0) return statistics
  const ids = excludeIds.slice(0, searchConstants.pageSize)
  const messages = await store.getMessages(scope, { ids })
  return subtract(
    statistics,
    messages.flatMap((message) => messageEntry(message, { timezone }) ?? []),
  )
}

function subtract(statistics: SearchStatistics, entries: readonly SearchEntry[]): SearchStatistics {
  const tokenSets = entries.map(
    ({ tokens, speaker, dates }) => new Set([...tokens, ...speaker, ...dates]),
  )
  const frequencies = Object.keys(statistics.documentFrequency).map((term): [string, number] => {
    const holders = tokenSets.filter((tokens) => tokens.has(term)).length
    return [term, Math.max(0, documentFrequency(statistics, term) - holders)]
  })
  const tokenCount = entries.reduce((sum, { tokens }) => sum + tokens.length, 0)
  return {
    documentCount: Math.max(0, statistics.documentCount - entries.length),
    tokenCount: Math.max(0, statistics.tokenCount - tokenCount),
    documentFrequency: Object.fromEntries(frequencies),
  }
}
