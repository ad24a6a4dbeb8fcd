import { countTokens } from '../../src/llm/count-tokens.ts'
import { replyTo, type LongTalk } from '../../test/compaction/long-talk.ts'

/** What the summary of the original takes, in tokens: the 300 words it asks for. */
const summaryTokens = 400

/**
 * What a request of the original has before anything is said, in tokens, four bytes each as it counts them itself: 1,690 characters of base
 * text, 5,450 of its three default tools, whose descriptions hold their examples, and about 700 around blocks and metadata. Counted from
 * its public source, without what stands in the blocks; it was not run.
 */
const originalFixed = Math.ceil((1690 + 5450 + 700) / 4)

/**
 * Tokens of each turn's request by the rule of the original server (specification, runtime 5.4): when a request had more
 * than 0.9 of the window, 40 % of the messages leave, then 10 % more at a time, until the rest takes less than 0.7 of it.
 */
export function originalTokens(given: {
  readonly talk: LongTalk
  readonly window: number
}): readonly number[] {
  const { talk, window } = given
  const fixed = originalFixed
  let view: number[] = []
  let summary = 0
  return talk.says.map((text, turn) => {
    view.push(countTokens(text) + 8)
    const request = fixed + summary + sum(view)
    view.push(countTokens(replyTo(turn)) + 8)
    if (request > window * 0.9) {
      view = evict(view, window - fixed)
      summary = summaryTokens
    }
    return request
  })
}

function evict(view: readonly number[], room: number): number[] {
  for (let share = 0.4; share < 1; share += 0.1) {
    const kept = view.slice(Math.round(view.length * share))
    if (sum(kept) < room * 0.7) return kept
  }
  return []
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
