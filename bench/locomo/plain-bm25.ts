import { analyse, analyseQuery } from '../../src/memory/analysis/analyse.ts'
import type { Turn } from './read-chats.ts'

/** Plain BM25 (k1 1.2, b 0.75) over the stems of each turn's own words: what everything else is compared with. */
export function createPlainBm25(turns: readonly Turn[]): (query: string) => readonly string[] {
  const documents = turns.map(({ id, text }) => ({ id, tokens: analyse(text) }))
  const total = documents.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const average = total / documents.length
  return (query) => {
    const scores = new Map<string, number>()
    for (const term of analyseQuery(query).terms) {
      const counts = documents.map(({ tokens }) => tokens.filter((token) => token === term).length)
      const holders = counts.filter((count) => count > 0).length
      const rarity = Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5))
      documents.forEach(({ id, tokens }, index) => {
        const count = counts[index] ?? 0
        if (count === 0) return
        const held = 1.2 * (0.25 + (0.75 * tokens.length) / average)
        scores.set(id, (scores.get(id) ?? 0) + (rarity * count * 2.2) / (count + held))
      })
    }
    return [...scores].toSorted((left, right) => right[1] - left[1]).map(([id]) => id)
  }
}
