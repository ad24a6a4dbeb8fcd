import { quoteAsData } from '../../memory/quote.ts'
import type { SearchAnswer, SearchHit } from '../../domain/search.ts'

/** The longest return of a search tool in characters; results are shortened one by one long before it is reached. */
export const recallReturnLimit = 1_000_000

/** How many characters of stored text all results of one search may quote together, and each at least. */
const quoteBudget = 16_000
const shortestQuote = 400

/** Which results a tool was asked for: so many on each page, pages from 1. */
export interface ResultPage {
  readonly page: number
  readonly limit: number
}

/** How many results stand on the pages before. */
export function offsetOf({ page, limit }: ResultPage): number {
  return (page - 1) * limit
}

/**
 * The text a model reads: a sentence that says which results these are, whether they match well and whether there are
 * more, and the results, best first; when there are none, why.
 */
export function renderAnswer<Item>(
  answer: SearchAnswer<Item>,
  given: {
    readonly page: ResultPage
    readonly toResult: (hit: SearchHit<Item>) => Record<string, unknown>
  },
): string {
  const { hits, reason } = answer
  const results = hits.map(given.toResult)
  if (hits.length === 0) return JSON.stringify({ message: 'No results found.', reason, results })
  return JSON.stringify({ message: toMessage(answer, given.page), results })
}

function toMessage(
  { hits, hasMore, total, isCut, explanation }: SearchAnswer<unknown>,
  page: ResultPage,
): string {
  const offset = offsetOf(page)
  const count = isCut ? `the ${total} best` : String(total)
  const all = hasMore && total !== null ? ` of ${count}` : ''
  const which =
    offset === 0
      ? `${hits.length}${all} results`
      : `results ${offset + 1} to ${offset + hits.length}${all}`
  const more = hasMore ? ` (more on page ${page.page + 1})` : ''
  const failure = explanation?.dense?.failure ?? null
  const words = failure === null ? '' : `By words alone. ${quoteAsData(failure)} `
  const weak = explanation?.isRelevant === false ? 'Nothing stored matches well. ' : ''
  return `${words}${weak}Showing ${which}${more}:`
}

/** How well a hit fits, with few digits. */
export function toRelevance({ score, coverage }: SearchHit<unknown>): Record<string, number> {
  return { score: roundTo(score, 4), coverage: roundTo(coverage, 3) }
}

/**
 * Stored text as a result shows it: safe to quote, and cut to a fair share when it is long, with `truncated` beside it.
 */
export function toQuote(
  text: string,
  resultCount: number,
): { readonly content: string; readonly truncated?: true } {
  const share = Math.max(shortestQuote, Math.floor(quoteBudget / Math.max(1, resultCount)))
  if (text.length <= share) return { content: quoteAsData(text) }
  return { content: `${quoteAsData(text.slice(0, share).toWellFormed())}…`, truncated: true }
}

function roundTo(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
