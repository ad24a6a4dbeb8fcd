import type { Question } from './read-chats.ts'

/** How well one question was answered by a ranking of turns; each 0 to 1. */
export interface QuestionScore {
  readonly category: number
  readonly chat: string
  readonly turn1: number
  readonly turn5: number
  readonly turn10: number
  readonly all10: number
  readonly session1: number
  readonly session5: number
  readonly sessionNdcg5: number
}

/** The measures of {@link QuestionScore} that are averaged. */
export const measures = [
  'turn1',
  'turn5',
  'turn10',
  'all10',
  'session1',
  'session5',
  'sessionNdcg5',
] as const satisfies readonly (keyof QuestionScore)[]

/** One of {@link measures}. */
export type Measure = (typeof measures)[number]

/** Scores a ranking of turn ids, best first; a session ranks by its best turn. */
export function scoreRanking(
  question: Question,
  chat: string,
  ranked: readonly string[],
): QuestionScore {
  const found = (limit: number): number =>
    question.gold.filter((id) => ranked.slice(0, limit).includes(id)).length / question.gold.length
  const sessionOf = (id: string): string => id.split(':')[0] ?? ''
  const gold = new Set(question.gold.map(sessionOf))
  const sessions = [...new Set(ranked.map(sessionOf))].slice(0, 5)
  return {
    category: question.category,
    chat,
    turn1: found(1),
    turn5: found(5),
    turn10: found(10),
    all10: found(10) === 1 ? 1 : 0,
    session1: gold.has(sessions[0] ?? '') ? 1 : 0,
    session5: sessions.filter((session) => gold.has(session)).length / gold.size,
    sessionNdcg5: ndcg(sessions, gold),
  }
}

function ndcg(ranked: readonly string[], gold: ReadonlySet<string>): number {
  const gain = (index: number): number => 1 / Math.log2(index + 2)
  const got = ranked.reduce((sum, id, index) => sum + (gold.has(id) ? gain(index) : 0), 0)
  const best = Array.from({ length: Math.min(ranked.length, gold.size) }, (_, index) => gain(index))
  const most = best.reduce((sum, value) => sum + value, 0)
  return most === 0 ? 0 : got / most
}

/** A mean with half of its 95 % interval, in percent. */
export interface Share {
  readonly mean: number
  readonly half: number
}

/** The mean of some values with a bootstrap interval over them; the same for the same seed. */
export function toShare(values: readonly number[], seed = 1): Share {
  const { mean, low, high } = toInterval(values, seed)
  return { mean, half: (high - low) / 2 }
}

/** The mean of some values and the ends of its 95 % interval, in percent. */
export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** The mean of some values with a bootstrap interval over them, as {@link toShare} has it. */
export function toInterval(values: readonly number[], seed = 1): Interval {
  const mean = meanOf(values)
  if (values.length === 0) return { mean: 0, low: 0, high: 0 }
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const means = Array.from({ length: 1000 }, () => {
    let sum = 0
    for (let count = 0; count < values.length; count += 1) {
      sum += values[Math.floor(random() * values.length)] ?? 0
    }
    return sum / values.length
  }).toSorted((left, right) => left - right)
  const [low = mean, high = mean] = [means[25], means[974]]
  return { mean: mean * 100, low: low * 100, high: high * 100 }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
