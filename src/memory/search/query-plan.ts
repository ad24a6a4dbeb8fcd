import { analyse, analyseQuery, type AnalysedQuery } from '../analysis/analyse.ts'
import { dayOf } from '../dates/calendar-words.ts'
import { asksWhen } from '../dates/is-temporal.ts'
import type { SpokenRange } from '../../domain/search.ts'
import { findQueryRanges } from '../dates/query-ranges.ts'
import { commonWords } from './common-words.ts'
import { searchConstants } from './search-constants.ts'

/** A query taken apart: what it looks for and how its answers are weighed. */
export interface QueryPlan extends AnalysedQuery {
  /** Whether it asks for a time. */
  readonly asksWhen: boolean
  /** Whether it asks for what the agent itself said. */
  readonly asksAgent: boolean
  /** The times it speaks of. */
  readonly ranges: readonly SpokenRange[]
  /** Whether it asks for nothing but what was said at those times, such as "what did we talk about yesterday?". */
  readonly asksRangeOnly: boolean
}

/** When and where a query is made. */
export interface QueryMoment {
  /** Epoch milliseconds. */
  readonly now: number
  /** The IANA zone whose calendar its days are of. */
  readonly timezone: string
}

const agentPattern =
  /\b(?:you|your|assistant|agent|bot)\b.{0,60}\b(?:said?|say(?:ing)?|t[eo]ld|tell|suggest\w*|recommend\w*|advi[sc]e\w*|propos\w*|explain\w*|mention\w*|answer\w*|repl(?:y|ied)|wrote|write|list(?:ed)?|g[ai]ve|quote\w*|remind\w*|promise\w*)\b|\byour (?:answer|advice|suggestion|recommendation|reply|explanation|list|plan)\w*\b|\b(?:recommended|suggested|said|told|advised|explained) by (?:you|the assistant)\b/i

/** Asking for the talk itself, not for what it was about. */
const talkPattern =
  /\b(?:sa(?:y|id)|t(?:ell|old)|talk\w*|discuss\w*|mention\w*|chat\w*|sp(?:eak|oke)|happen\w*)\b/i

/** Takes a query apart. Of a long one, such as a pasted document, only the beginning and the end are looked for. */
export function planQuery(text: string, moment: QueryMoment): QueryPlan {
  const analysed = analyseQuery(text)
  const { timezone } = moment
  const ranges = findQueryRanges(text, { today: dayOf(moment.now, timezone), timezone })
  const dateWords = new Set(ranges.flatMap(({ phrase }) => analyse(phrase)))
  const isEmpty = (term: string): boolean => commonWords.has(term) || dateWords.has(term)
  return {
    ...analysed,
    terms: shorten(analysed.terms),
    asksWhen: asksWhen(text),
    asksAgent: agentPattern.test(text),
    ranges,
    asksRangeOnly: ranges.length > 0 && talkPattern.test(text) && analysed.terms.every(isEmpty),
  }
}

/** Whether a moment lies in one of some ranges. */
export function isInRanges(time: number, ranges: readonly SpokenRange[]): boolean {
  return ranges.some(
    ({ from, until }) => (from === null || time >= from) && (until === null || time <= until),
  )
}

function shorten(terms: readonly string[]): readonly string[] {
  const { maxTerms } = searchConstants
  if (terms.length <= maxTerms) return terms
  return [...terms.slice(0, maxTerms / 2), ...terms.slice(-maxTerms / 2)]
}
