import type { SearchDocument } from '../../storage/contract/search-store.ts'
import { scoreCounts, toRarity, type Counted } from './bm25.ts'
import { searchConstants } from './search-constants.ts'
import { speakerTokens } from './weigh-documents.ts'

/** The key of the session that a text belongs to; null when it belongs to none. */
export function sessionKey({ thread, session, role, speaker }: SearchDocument): string | null {
  if (session === null || (role === null && speaker.length === 0)) return null
  return `${session} ${thread}`
}

/** The score of each session by all that was said in it, the best 1; empty when none holds a term. */
export function scoreSessions(
  documents: readonly SearchDocument[],
  terms: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const sessions = gather(documents, terms)
  const all = [...sessions.values()]
  const totalLength = all.reduce((sum, { length }) => sum + length, 0)
  const rarity = toRarity([...terms], {
    documentCount: sessions.size,
    frequency: (term) => all.filter(({ counts }) => counts.has(term)).length,
    power: 1,
  })
  const scores = [...sessions].map(([key, counted]): [string, number] => [
    key,
    scoreCounts(counted, { rarity, averageLength: totalLength / Math.max(1, sessions.size) }),
  ])
  const best = Math.max(0, ...scores.map(([, score]) => score))
  return best === 0 ? new Map() : new Map(scores.map(([key, score]) => [key, score / best]))
}

function gather(
  documents: readonly SearchDocument[],
  terms: ReadonlySet<string>,
): ReadonlyMap<string, Counted> {
  const sessions = new Map<string, { counts: Map<string, number>; length: number }>()
  const { sessionDates } = searchConstants
  for (const document of documents) {
    const key = sessionKey(document)
    if (key === null) continue
    const session = sessions.get(key) ?? { counts: new Map<string, number>(), length: 0 }
    sessions.set(key, session)
    const add = (tokens: readonly string[], weight: number): void => {
      for (const token of tokens) {
        if (terms.has(token)) session.counts.set(token, (session.counts.get(token) ?? 0) + weight)
      }
    }
    const speaker = speakerTokens(document)
    add(document.matches, 1)
    add(speaker, 1)
    add(document.dateMatches, sessionDates)
    session.length += document.length + speaker.length + sessionDates * document.dateLength
  }
  return sessions
}
