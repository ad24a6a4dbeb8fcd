import type { Candidates } from '../../storage/contract/search-store.ts'
import type { SearchAnswer, SearchExplanation, SearchHit } from '../../domain/search.ts'
import { documentFrequency } from './coverage.ts'
import type { QueryPlan } from './query-plan.ts'
import type { RankedDocument } from './rank.ts'
import { searchConstants } from './search-constants.ts'

/** Why a query of nothing but punctuation finds nothing. */
export const noWords = 'The query holds no letters or digits, so there is nothing to look for.'

/** Which part of a ranking is wanted. */
export interface PageOfHits {
  readonly limit: number
  readonly offset?: number
}

/** What of a ranking an answer is made of. */
export interface RankedAnswer<Item> {
  readonly plan: QueryPlan
  readonly candidates: Candidates
  readonly ranked: readonly RankedDocument[]
  /** Why there are no hits, if there are none. */
  readonly reason: string
  /** Reads items; those that are gone by now are left out. */
  load(ids: readonly string[]): Promise<readonly Item[]>
  /** Of items with the same key only the newest is given, in the place of the best. */
  keyOf(item: Item): string
}

/** Reads the items of one page of a ranking, as many as it needs. */
export async function answerWith<Item extends { readonly id: string; readonly createdAt: number }>(
  page: PageOfHits,
  given: RankedAnswer<Item>,
): Promise<SearchAnswer<Item>> {
  const { ranked } = given
  const wanted = (page.offset ?? 0) + page.limit + 1
  const byKey = new Map<string, SearchHit<Item>>()
  for (let start = 0; start < ranked.length && byKey.size < wanted; start += wanted) {
    const part = ranked.slice(start, start + wanted)
    const items = await given.load(part.map(({ document }) => document.id))
    const byId = new Map(items.map((item) => [item.id, item]))
    for (const { document, score, coverage, parts } of part) {
      const item = byId.get(document.id)
      if (item === undefined) continue
      const key = given.keyOf(item)
      const earlier = byKey.get(key)
      if (earlier === undefined) byKey.set(key, { item, score, coverage, parts })
      else if (earlier.item.createdAt < item.createdAt) byKey.set(key, { ...earlier, item })
    }
  }
  return toAnswer(page, [...byKey.values()], { ...given, explanation: explain(given) })
}

/** An answer by date alone. */
export function unrankedAnswer<Item>(
  page: PageOfHits,
  reason: string,
  items: readonly Item[],
): SearchAnswer<Item> {
  const hits = items.map((item) => ({ item, score: 0, coverage: 0, parts: null }))
  return toAnswer(page, hits, { reason, explanation: null })
}

function toAnswer<Item>(
  { limit, offset = 0 }: PageOfHits,
  hits: readonly SearchHit<Item>[],
  { reason, explanation }: Pick<SearchAnswer<Item>, 'explanation'> & { readonly reason: string },
): SearchAnswer<Item> {
  const shown = hits.slice(offset, offset + limit)
  const why = hits.length === 0 ? reason : `There are only ${hits.length} results.`
  return {
    hits: shown,
    reason: shown.length === 0 ? why : null,
    hasMore: hits.length > offset + limit,
    explanation,
  }
}

function explain({
  plan,
  candidates,
  ranked,
}: Pick<RankedAnswer<never>, 'plan' | 'candidates' | 'ranked'>): SearchExplanation {
  const asked = new Set(candidates.asked)
  const bestCoverage = Math.max(0, ...ranked.map(({ coverage }) => coverage))
  return {
    version: searchConstants.version,
    terms: plan.terms.map((term) => ({
      term,
      word: plan.words.get(term) ?? term,
      documents: documentFrequency(candidates.statistics, term),
      isAsked: asked.has(term),
    })),
    stored: candidates.statistics.documentCount,
    considered: candidates.documents.length,
    ranked: ranked.length,
    isComplete: candidates.isComplete,
    ranges: plan.ranges,
    asksWhen: plan.asksWhen,
    asksAgent: plan.asksAgent,
    bestCoverage,
    isRelevant: bestCoverage >= searchConstants.leastCoverage,
  }
}
