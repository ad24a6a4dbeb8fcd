import { z } from 'zod'
import type { SearchAnswer, SearchExplanation, SearchHit } from '../domain/search.ts'
import type { Json, JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { encodeTime } from './time.ts'

/** What our searches take besides the original's fields. */
export const explainShape = {
  /** Answer with an object: the results with the parts of their scores, and how they were found. */
  explain: optional(z.boolean()),
  /** Up to how many stored texts all are scored; above it the index chooses candidates. */
  complete_up_to: optional(z.int().min(0).max(20_000)),
  /** How many of the best results to pass over. */
  offset: optional(z.int().min(0).max(100_000)),
}

/** A list of results, as the original answers; with `explain` an object that says how they were found. */
export function encodeAnswer<Item>(
  { hits, reason, hasMore, total, isCut, explanation }: SearchAnswer<Item>,
  options: { readonly encode: (hit: SearchHit<Item>) => JsonObject; readonly explain: boolean },
): Json {
  if (!options.explain) return hits.map(options.encode)
  return {
    results: hits.map((hit) => ({
      ...options.encode(hit),
      relevance: encodeRelevance(hit),
    })),
    reason,
    has_more: hasMore,
    total,
    cut: isCut,
    explanation: encodeExplanation(explanation),
  }
}

/** Why a result is where it is. */
export function encodeRelevance({
  score,
  coverage,
  parts,
}: Pick<SearchHit<never>, 'score' | 'coverage' | 'parts'>): JsonObject {
  return { score, coverage, parts: parts === null ? null : { ...parts } }
}

/** How an answer was found; null = by date alone. */
export function encodeExplanation(explanation: SearchExplanation | null): JsonObject | null {
  if (explanation === null) return null
  return {
    version: explanation.version,
    terms: explanation.terms.map(({ term, word, documents, isAsked }) => ({
      term,
      word,
      documents,
      asked: isAsked,
    })),
    stored: explanation.stored,
    considered: explanation.considered,
    ranked: explanation.ranked,
    complete: explanation.isComplete,
    ranges: explanation.ranges.map(({ from, until, phrase }) => ({
      phrase,
      from: from === null ? null : encodeTime(from),
      until: until === null ? null : encodeTime(until),
    })),
    asks_when: explanation.asksWhen,
    asks_agent: explanation.asksAgent,
    dense: explanation.dense === null ? null : { ...explanation.dense },
    best_coverage: explanation.bestCoverage,
    relevant: explanation.isRelevant,
  }
}
