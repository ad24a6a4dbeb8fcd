import { expect, test } from 'vitest'
import { createAssistantChat, type AssistantChat } from '../../testing/assistant-chat.ts'
import { createRecall } from '../../testing/recall-fixture.ts'
import { sampleTime } from '../../testing/samples.ts'
import { analyse } from '../analysis/analyse.ts'

/** Plain BM25 (k1 1.2, b 0.75) over the words of each turn: what the ranking's ideas must not lose against. */
function createPlain({ turns }: AssistantChat): (query: string) => readonly number[] {
  const lengths = turns.map(() => 0)
  const counts = new Map<string, Map<number, number>>()
  for (const [turn, { text }] of turns.entries()) {
    for (const token of analyse(text)) {
      lengths[turn] = (lengths[turn] ?? 0) + 1
      const list = counts.get(token) ?? new Map<number, number>()
      counts.set(token, list.set(turn, (list.get(turn) ?? 0) + 1))
    }
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / turns.length
  return (query) => {
    const scores = turns.map(() => 0)
    for (const term of new Set(analyse(query))) {
      const list = counts.get(term) ?? new Map<number, number>()
      const rarity = Math.log(1 + (turns.length - list.size + 0.5) / (list.size + 0.5))
      for (const [turn, count] of list) {
        const held = 1.2 * (0.25 + (0.75 * (lengths[turn] ?? 0)) / average)
        scores[turn] = (scores[turn] ?? 0) + (rarity * count * 2.2) / (count + held)
      }
    }
    return [...scores.keys()].toSorted((left, right) => (scores[right] ?? 0) - (scores[left] ?? 0))
  }
}

/** Where the answer of each question stands in both rankings, from 0; 10 = not among the first ten. */
async function findPlaces(chat: AssistantChat) {
  const minute = 60_000
  await using recall = await createRecall(
    chat.turns.map(({ role, text }, turn) => [
      text,
      { role, name: null, createdAt: sampleTime + turn * minute },
    ]),
  )
  const plain = createPlain(chat)
  const places: { about: 'user' | 'assistant'; ours: number; plain: number }[] = []
  for (const { text, answer, about } of chat.questions) {
    const { hits } = await recall.search.messages({
      text,
      roles: [],
      from: null,
      until: null,
      excludeIds: [],
      limit: 10,
    })
    const id = recall.messages[answer]?.id
    const ours = hits.findIndex(({ item }) => item.id === id)
    const beside = plain(text).slice(0, 10).indexOf(answer)
    places.push({ about, ours: ours === -1 ? 10 : ours, plain: beside === -1 ? 10 : beside })
  }
  return places
}

test.each([1, 2, 3])(
  'a chat of a user and an assistant is searched no worse than by plain BM25 (seed %i)',
  async (seed) => {
    const places = await findPlaces(createAssistantChat(seed, 80))
    for (const about of ['user', 'assistant'] as const) {
      const asked = places.filter((place) => place.about === about)
      expect(asked.length).toBeGreaterThan(about === 'user' ? 35 : 8)
      for (const limit of [1, 5, 10]) {
        const found = (kind: 'ours' | 'plain'): number =>
          asked.filter((place) => place[kind] < limit).length
        expect([
          about,
          limit,
          found('ours') >= found('plain'),
          found('ours'),
          found('plain'),
        ]).toEqual([about, limit, true, expect.any(Number), expect.any(Number)])
      }
    }
  },
)
