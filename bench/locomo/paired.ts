import { toInterval, type Measure, type QuestionScore } from './score.ts'

/** What a change does to a measure, in points of percent: its mean over the questions, each compared with itself. */
export interface Difference {
  readonly mean: number
  /** The ends of its 95 % interval. */
  readonly low: number
  readonly high: number
  /** The mean of each chat, in the order of the scores. */
  readonly byChat: readonly number[]
}

/** Compares the scores of the same questions; throws when they are of others. */
export function compareScores(
  before: readonly QuestionScore[],
  after: readonly QuestionScore[],
  measure: Measure,
): Difference {
  const isSame = after.every(({ chat }, index) => before[index]?.chat === chat)
  if (!isSame || before.length !== after.length) {
    throw new Error('Cannot compare the scores: they are of other questions. Save them anew.')
  }
  const gains = after.map((score, index) => score[measure] - (before[index]?.[measure] ?? 0))
  const chats = [...new Set(after.map(({ chat }) => chat))]
  const ofChat = (chat: string): readonly number[] =>
    gains.filter((_, index) => after[index]?.chat === chat)
  const { mean, low, high } = toInterval(gains)
  return { mean, low, high, byChat: chats.map((chat) => toInterval(ofChat(chat)).mean) }
}
