import type { FreshQuestion, Telling } from '../../test/freshness/world.ts'
import { createPlainBm25 } from '../locomo/plain-bm25.ts'

/** How many of the best matches are looked at. */
const best = 5

/**
 * What a memory of raw text answers that takes the newest of its best matches by plain BM25: right when the sentence holds the
 * value that is asked for. No answer can be right for what was never told.
 */
export function askNewestMatch(tellings: readonly Telling[], question: FreshQuestion): boolean {
  const told = tellings.slice(0, question.after)
  const turns = told.map(({ text, subject }, index) => ({
    id: String(index),
    text,
    speaker: subject,
    session: 0,
    at: 0,
  }))
  const found = createPlainBm25(turns)(`What is ${question.subject}'s ${question.attribute}?`)
  const newest = found
    .slice(0, best)
    .map(Number)
    .toSorted((left, right) => right - left)[0]
  const text = newest === undefined ? '' : (told[newest]?.text ?? '')
  return question.answer !== null && text.includes(question.answer)
}
