import { describe, expect, test } from 'vitest'
import type { SearchAnswer } from '../../domain/search.ts'
import { messageText, type Message } from '../../domain/message.ts'
import { World } from '../../storage/conformance/world.ts'
import {
  createDoubleEmbedder,
  toNoise,
  type DoubleEmbedder,
} from '../../testing/double-embedder.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { analyse } from '../analysis/analyse.ts'
import { createAgentSearch } from './create-agent-search.ts'
import { askDenseLane } from './dense-lane.ts'
import { messageEntry } from './search-entry.ts'

const timezone = 'UTC'

/** An agent that said these texts, each with the vector of `embedder`; what it finds with vectors and without. */
async function openSaid(texts: readonly string[], embedder: DoubleEmbedder) {
  const store = await openMemoryStore()
  const world = new World(store)
  const agent = await world.agent({ embedding: embedder.handle })
  for (const text of texts) {
    const { message } = world.message(agent, text)
    const entry = messageEntry(message, { timezone })
    await world.say(agent, text, { messages: [{ message, entry }] })
  }
  const { items } = await store.findWithoutVectors(world.scope, { limit: 10_000 })
  const messages = await store.getMessages(world.scope, { ids: items.map(({ id }) => id) })
  const textById = new Map(messages.map((message) => [message.id, messageText(message)]))
  const given = await embedder.resolve(embedder.handle).embed(
    items.map(({ id }) => textById.get(id) ?? ''),
    new AbortController().signal,
  )
  await store.putVectors(world.scope, {
    items: items.map((item, index) => ({ ...item, vector: given[index] ?? [] })),
  })
  const place = { store, scope: world.scope, agentId: agent.id, now: world.at(), timezone }
  const dense = { embedders: embedder, model: embedder.handle }
  const search = (text: string, given: object): Promise<SearchAnswer<Message>> =>
    createAgentSearch({ ...place, ...given }).messages({
      text,
      roles: [],
      from: null,
      until: null,
      excludeIds: [],
      limit: 10,
    })
  return {
    byWords: (text: string) => search(text, {}),
    fused: (text: string, given: object = {}) => search(text, { dense, ...given }),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

function textsOf({ hits }: SearchAnswer<Message>): readonly string[] {
  return hits.map(({ item }) => messageText(item))
}

function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const words = 'kiln clay glaze bowl fire wheel slip vase tile mug oven brush'.split(' ')

/** Texts of a few words, and questions of two of them. */
function makeUp(seed: number): { readonly texts: string[]; readonly questions: string[] } {
  const random = createRandom(seed)
  const pick = (): string => words[random(words.length)] ?? ''
  const sentence = (count: number): string => Array.from({ length: count }, pick).join(' ')
  return {
    texts: Array.from({ length: 60 }, (_, index) => `${sentence(2 + random(5))} number${index}`),
    questions: Array.from({ length: 12 }, () => sentence(2)),
  }
}

describe('searching by words and vectors', () => {
  test('finds what is near in meaning and has none of the words', async () => {
    const isPet = (text: string): boolean => /cat|kitten|animal/.test(text)
    const embedder = createDoubleEmbedder((text) => (isPet(text) ? [1, 0.1] : [0.1, 1]))
    await using said = await openSaid(['The kitten sleeps.', 'The oven is hot.'], embedder)
    expect((await said.byWords('animal')).hits).toEqual([])
    const found = await said.fused('animal')
    expect(textsOf(found)[0]).toBe('The kitten sleeps.')
    expect(found.hits[0]?.parts?.dense).toBe(1)
    expect(found.explanation).toMatchObject({
      isRelevant: false,
      dense: { model: embedder.handle, vectors: 2, weight: 1, failure: null },
    })
  })

  test('prefers among texts with the words the one that is meant', async () => {
    const embedder = createDoubleEmbedder((text) =>
      /river|water|swim/.test(text) ? [1, 0] : /bank/.test(text) ? [0.6, 0.8] : [0, 1],
    )
    const texts = [
      'We sat at the bank near water.',
      'We sat at the bank near town.',
      ...Array.from({ length: 20 }, (_, index) => `Something else number ${index}.`),
    ]
    await using said = await openSaid(texts, embedder)
    const found = await said.fused('bank to swim from')
    expect(textsOf(found)[0]).toBe(texts[0])
    expect(found.explanation?.dense?.weight).toBeGreaterThan(0)
    expect(textsOf(await said.byWords('bank to swim from'))[0]).toBe(texts[1])
  })

  test('gives exactly what words give when all vectors are alike', async () => {
    const { texts, questions } = makeUp(1)
    await using said = await openSaid(
      texts,
      createDoubleEmbedder(() => [1, 1, 1]),
    )
    for (const question of questions) {
      const [fused, byWords] = [await said.fused(question), await said.byWords(question)]
      expect(fused.hits).toEqual(byWords.hits)
      expect(fused.explanation?.dense).toMatchObject({ weight: 0, failure: null })
    }
  })

  test('counts the less the more of the query words cover', async () => {
    const isBird = (text: string): boolean => /heron|weir|bird/.test(text)
    const embedder = createDoubleEmbedder((text) => (isBird(text) ? [1, 0.1] : [0.1, 1]))
    const others = Array.from({ length: 20 }, (_, index) => `Something else number ${index}.`)
    await using said = await openSaid(['The heron stands at the weir.', ...others], embedder)
    const weightOf = async (text: string): Promise<number> =>
      (await said.fused(text)).explanation?.dense?.weight ?? -1
    const [covered, half, open] = [
      await weightOf('heron weir'),
      await weightOf('heron bird'),
      await weightOf('bird'),
    ]
    expect(covered).toBeLessThan(0.001)
    expect(half).toBeGreaterThan(0.02)
    expect(half).toBeLessThan(0.1)
    expect(open).toBe(1)
  })

  test('takes what differs by rounding alone for alike', async () => {
    const embedders = createDoubleEmbedder(() => [1, 1, 1])
    const dense = { embedders, model: embedders.handle }
    const lane = await askDenseLane(dense, 'heron', () =>
      Promise.resolve({
        items: [
          { item: { id: 'first' }, similarity: 1 },
          { item: { id: 'second' }, similarity: 0.999_999_94 },
        ],
        statistics: { vectorCount: 2, meanSimilarity: 0.999_999_9 },
      }),
    )
    expect([...(lane?.nearness.values() ?? [])]).toEqual([0, 0])
  })

  test.each([1, 2, 3])(
    'never finds less with vectors that mean nothing (seed %i)',
    async (seed) => {
      const { texts, questions } = makeUp(seed)
      await using said = await openSaid(texts, createDoubleEmbedder(toNoise(64)))
      let [withNoise, byWords] = [0, 0]
      for (const question of questions) {
        const asked = new Set(analyse(question))
        const held = ({ hits }: SearchAnswer<Message>): number =>
          hits.filter(({ item }) => {
            const own = new Set(analyse(messageText(item)))
            return [...asked].every((word) => own.has(word))
          }).length
        withNoise += held(await said.fused(question))
        byWords += held(await said.byWords(question))
      }
      expect(byWords).toBeGreaterThan(0)
      expect(withNoise).toBeGreaterThanOrEqual(byWords)
    },
  )

  test('answers by words when the endpoint is down, and says so', async () => {
    const embedder = createDoubleEmbedder(() => [1, 0])
    await using said = await openSaid(['The heron stands.'], embedder)
    embedder.fail('llm_unreachable')
    const found = await said.fused('heron')
    expect(textsOf(found)).toEqual(['The heron stands.'])
    expect(found.explanation?.dense?.failure).toMatch(/llm_unreachable/)
  })

  test('says that the vectors have another dimension than the query', async () => {
    let width = 2
    const embedder = createDoubleEmbedder(() => Array.from({ length: width }, () => 1))
    await using said = await openSaid(['The heron stands.'], embedder)
    width = 3
    const { explanation, hits } = await said.fused('heron')
    expect(hits).toHaveLength(1)
    expect(explanation?.dense?.failure).toMatch(/dimension/)
  })

  test('finds what is near among more texts than are all scored', async () => {
    const embedder = createDoubleEmbedder((text) => (/kitten|animal/.test(text) ? [1, 0] : [0, 1]))
    await using said = await openSaid(['The kitten sleeps.', 'The oven is hot.'], embedder)
    const found = await said.fused('animal', { completeUpTo: 0 })
    expect(textsOf(found)[0]).toBe('The kitten sleeps.')
  })
})
