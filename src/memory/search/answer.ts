import type { SearchAnswer, SearchExplanation, SearchHit } from '../../domain/search.ts'
import { documentFrequency } from './coverage.ts'
import type { FoundTexts } from './find-texts.ts'
import type { QueryPlan } from './query-plan.ts'
import { searchConstants } from './search-constants.ts'

/** Why a query of nothing but punctuation finds nothing. */
export const noWords =
  'The query holds no letters, digits or signs, so there is nothing to look for.'

/** Which part of a ranking is wanted. */
export interface PageOfHits {
  readonly limit: number
  readonly offset?: number
}

/** What of a ranking an answer is made of. */
export interface RankedAnswer<Item> {
  readonly plan: QueryPlan
  readonly found: FoundTexts
  /** Why there are no hits, if there are none. */
  readonly reason: string
  /** Reads items; those that are gone by now are left out. */
  load(ids: readonly string[]): Promise<readonly Item[]>
  /** Of items with the same key only the newest is given, in the place of the best. Default: all are given. */
  readonly keyOf?: (item: Item) => string
  /** Whether each text of the ranking is a hit, so that there are as many. Where it is not, `counts` reads all to count. */
  readonly isCounted: boolean
  readonly counts?: boolean
}

/** How many items are read at once to be counted. */
const countedAtOnce = 500

/** Reads the items of one page of a ranking, as many as it needs. */
export async function answerWith<Item extends { readonly id: string; readonly createdAt: number }>(
  page: PageOfHits,
  given: RankedAnswer<Item>,
): Promise<SearchAnswer<Item>> {
  const { keyOf = ({ id }: Item) => id } = given
  const { ranking } = given.found
  const shown = (page.offset ?? 0) + page.limit + 1
  const [wanted, atOnce] =
    given.counts === true && !given.isCounted
      ? [Number.POSITIVE_INFINITY, Math.max(shown, countedAtOnce)]
      : [shown, shown]
  const byKey = new Map<string, SearchHit<Item>>()
  let start = 0
  for (; start < ranking.count && byKey.size < wanted; start += atOnce) {
    const part = ranking.best(start + atOnce).slice(start)
    const items = await given.load(part.map(({ id }) => id))
    const byId = new Map(items.map((item) => [item.id, item]))
    for (const { id, score, coverage, parts } of part) {
      const item = byId.get(id)
      if (item === undefined) continue
      const key = keyOf(item)
      const earlier = byKey.get(key)
      if (earlier === undefined) byKey.set(key, { item, score, coverage, parts })
      else if (earlier.item.createdAt < item.createdAt) byKey.set(key, { ...earlier, item })
    }
  }
  const isRead = start >= ranking.count
  const counted = given.isCounted ? ranking.count : null
  return toAnswer(page, [...byKey.values()], {
    reason: toReason(given),
    total: isRead ? byKey.size : counted,
    isCut: given.found.isCut,
    explanation: explain(given),
  })
}

/** Why there are no hits, and why only words were looked for. */
function toReason({ reason, found }: Pick<RankedAnswer<never>, 'reason' | 'found'>): string {
  const failure = found.ranking.dense?.failure ?? null
  return failure === null ? reason : `${reason} By words alone: ${failure}`
}

/** An answer by date alone. */
export function unrankedAnswer<Item>(
  page: PageOfHits,
  reason: string,
  items: readonly Item[],
): SearchAnswer<Item> {
  const hits = items.map((item) => ({ item, score: 0, coverage: 0, parts: null }))
  const isRead = hits.length <= (page.offset ?? 0) + page.limit
  const total = isRead ? hits.length : null
  return toAnswer(page, hits, { reason, total, isCut: false, explanation: null })
}

function toAnswer<Item>(
  { limit, offset = 0 }: PageOfHits,
  hits: readonly SearchHit<Item>[],
  {
    reason,
    ...known
  }: Pick<SearchAnswer<Item>, 'explanation' | 'total' | 'isCut'> & { readonly reason: string },
): SearchAnswer<Item> {
  const shown = hits.slice(offset, offset + limit)
  const why = hits.length === 0 ? reason : noFurther(hits.length, known.isCut)
  return {
    hits: shown,
    reason: shown.length === 0 ? why : null,
    hasMore: hits.length > offset + limit,
    ...known,
  }
}

/** Why a page behind the last one is empty. */
function noFurther(count: number, isCut: boolean): string {
  return isCut
    ? `Only the ${count} best are ranked, as very many match. Look for rarer words or narrow the filter.`
    : `There are only ${count} results.`
}

function explain({
  plan,
  found: { ranking, asked },
}: Pick<RankedAnswer<never>, 'plan' | 'found'>): SearchExplanation {
  const { statistics, bestCoverage } = ranking
  return {
    version: searchConstants.version,
    terms: plan.terms.map((term) => ({
      term,
      word: plan.words.get(term) ?? term,
      documents: documentFrequency(statistics, term),
      isAsked: asked === null || asked.includes(term),
    })),
    stored: statistics.documentCount,
    considered: ranking.considered,
    ranked: ranking.count,
    isComplete: asked === null,
    ranges: plan.ranges,
    asksWhen: plan.asksWhen,
    asksAgent: plan.asksAgent,
    dense: ranking.dense,
    bestCoverage,
    isRelevant: bestCoverage >= searchConstants.leastCoverage,
  }
}
