import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import type { AnalysedQuery } from '../analysis/analyse.ts'
import { documentFrequency } from './coverage.ts'
import type { FactSearchQuery, MessageQuery, PassageQuery } from './agent-search.ts'

/** What is known about a search that found nothing. */
export interface EmptySearch {
  /** What was looked for. */
  readonly kind: 'message' | 'passage' | 'fact'
  readonly analysed: AnalysedQuery
  /** The filters in words, see {@link messageFilters} and {@link passageFilters}. */
  readonly filters: readonly string[]
  /** Statistics of the whole scope; null when there were no words to look for. */
  readonly statistics: SearchStatistics | null
}

/** How many words of a query a reason quotes. */
const quotedWords = 12

/** Why a search found nothing, in one sentence. */
export function emptyReason(search: EmptySearch): string {
  const { kind, analysed, filters, statistics } = search
  const filter = filters.join(', ')
  if (statistics === null) {
    return filters.length === 0
      ? `There is no ${kind} stored yet.`
      : `The filter (${filter}) leaves no ${kind}.`
  }
  if (statistics.documentCount === 0) return `There is no ${kind} stored yet that has words.`
  const found = analysed.terms.filter((term) => documentFrequency(statistics, term) > 0)
  // What is true now, or is of one kind, is no filter that anybody named.
  if (found.length > 0 && filters.length === 0) {
    return `No ${kind} of those asked for contains any of: ${quote(found, analysed)}.`
  }
  if (found.length > 0) {
    return `The filter (${filter}) leaves no ${kind} that contains any of: ${quote(found, analysed)}.`
  }
  const words = quote(analysed.terms, analysed)
  return analysed.onlyStopWords
    ? `The query has only common words (${words}), and no stored ${kind} consists of them.`
    : `Nothing stored contains any of: ${words}.`
}

/** The filters of a message query in words. */
export function messageFilters(query: MessageQuery): readonly string[] {
  return [
    `role ${query.roles.join(' or ')}`,
    ...dateFilters(query),
    ...(query.excludeIds.length > 0 ? [`not one of the ${query.excludeIds.length} left out`] : []),
  ]
}

/** The filters of a passage query in words. */
export function passageFilters(query: PassageQuery): readonly string[] {
  const joined = query.tags.join(query.tagMatch === 'all' ? ' and ' : ' or ')
  return [...(query.tags.length > 0 ? [`tag ${joined}`] : []), ...dateFilters(query)]
}

/** The filters of a query for facts in words; what is true now is what is meant without one. */
export function factFilters(query: FactSearchQuery, now: number): readonly string[] {
  const { validAt, knownAt, slots } = query
  return [
    ...(slots === undefined ? [] : ['of the subject and attribute given']),
    ...(validAt === null || validAt === now ? [] : [`true at ${new Date(validAt).toISOString()}`]),
    ...(knownAt === null ? [] : [`known at ${new Date(knownAt).toISOString()}`]),
    ...dateFilters(query),
  ]
}

function dateFilters({ from, until }: Pick<MessageQuery, 'from' | 'until'>): readonly string[] {
  return [
    ...(from === null ? [] : [`from ${new Date(from).toISOString()}`]),
    ...(until === null ? [] : [`until ${new Date(until).toISOString()}`]),
  ]
}

function quote(terms: readonly string[], { words }: AnalysedQuery): string {
  const shown = terms.slice(0, quotedWords).map((term) => words.get(term) ?? term)
  const more = terms.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
