import { describe, expect, test } from 'vitest'
import { createRecall, type Kept, type Said } from '../../testing/recall-fixture.ts'
import { sampleTime } from '../../testing/samples.ts'
import type { AgentSearch, MessageQuery, PassageQuery } from './agent-search.ts'

const day = 86_400_000

/** Said on a day counted from the first. */
function onDay(count: number, text: string): Said {
  return [text, { createdAt: sampleTime + count * day }]
}

async function find(
  { search }: { readonly search: AgentSearch },
  text: string | null,
  given: Partial<MessageQuery> = {},
) {
  const answer = await search.messages({
    text,
    roles: [],
    from: null,
    until: null,
    excludeIds: [],
    limit: 10,
    ...given,
  })
  const texts = answer.hits.map(({ item }) =>
    item.content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  )
  return { texts, reason: answer.reason, hits: answer.hits }
}

describe('messages()', () => {
  test('finds by other forms of the words, best first', async () => {
    await using recall = await createRecall([
      ['The weather is mild today.'],
      ['We adopted two cats and bought a bicycle on a rainy Sunday.'],
      ['The cats we adopted are great cats.'],
    ])
    const { texts, reason } = await find(recall, 'adopting a kitty')
    expect(texts).toEqual([
      'The cats we adopted are great cats.',
      'We adopted two cats and bought a bicycle on a rainy Sunday.',
    ])
    expect(reason).toBeNull()
    expect((await find(recall, 'my bikes')).texts).toEqual([texts[1]])
  })

  test('finds by an emoji, however it is drawn, and by no other one', async () => {
    await using recall = await createRecall([
      ['The party was great 🎉'],
      ['🦄'],
      ['I ❤️ it 👍🏽'],
      ['Section § 5'],
    ])
    expect((await find(recall, '🦄')).texts).toEqual(['🦄'])
    expect((await find(recall, 'the 👍')).texts).toEqual(['I ❤️ it 👍🏽'])
    expect((await find(recall, '§')).texts).toEqual(['Section § 5'])
    expect((await find(recall, '🎉 party')).texts).toEqual(['The party was great 🎉'])
    expect(await find(recall, '🎂')).toMatchObject({
      texts: [],
      reason: 'Nothing stored contains any of: 🎂.',
    })
    expect((await find(recall, 'Was there any more news? 🎉')).texts).toEqual([])
  })

  test('puts the newer of two equal texts first and can leave the older out', async () => {
    await using recall = await createRecall([
      onDay(0, 'What is the wifi code?'),
      onDay(1, 'The wifi code is 1234.'),
      onDay(2, ' what is the WIFI code?'),
    ])
    expect((await find(recall, 'wifi code')).texts).toEqual([
      'The wifi code is 1234.',
      ' what is the WIFI code?',
      'What is the wifi code?',
    ])
    expect((await find(recall, 'wifi code', { distinct: true })).texts).toEqual([
      'The wifi code is 1234.',
      ' what is the WIFI code?',
    ])
  })

  test('looks at user and assistant messages unless roles are named', async () => {
    const result = { callId: 'c', name: 'x', status: 'success', text: 'quartz' } as const
    await using recall = await createRecall([
      ['quartz one'],
      ['quartz two', { role: 'assistant' }],
      ['quartz three', { role: 'system' }],
      ['', { role: 'tool', toolReturns: [{ ...result, stdout: null, stderr: null }] }],
    ])
    expect((await find(recall, 'quartz')).texts.toSorted()).toEqual(['quartz one', 'quartz two'])
    expect((await find(recall, 'quartz', { roles: ['assistant'] })).texts).toEqual(['quartz two'])
    const { hits } = await find(recall, 'quartz', { roles: ['tool'] })
    expect(hits.map(({ item }) => item.role)).toEqual(['tool'])
  })

  test('never finds what is not searchable, with and without words', async () => {
    await using recall = await createRecall([['hidden gem', { searchable: false }], ['open gem']])
    expect((await find(recall, 'gem')).texts).toEqual(['open gem'])
    expect((await find(recall, null)).texts).toEqual(['open gem'])
  })

  test('keeps both ends of a time range', async () => {
    await using recall = await createRecall([
      onDay(0, 'gem amber'),
      onDay(1, 'gem birch'),
      onDay(2, 'gem cedar'),
    ])
    const from = sampleTime + day
    expect((await find(recall, 'gem', { from })).texts).toEqual(['gem cedar', 'gem birch'])
    expect((await find(recall, 'gem', { until: from })).texts).toEqual(['gem birch', 'gem amber'])
    expect((await find(recall, ' ', { from, until: from })).texts).toEqual(['gem birch'])
  })

  test('lists the newest without words, over more than one page', async () => {
    const notes = Array.from({ length: 230 }, (_, index) => onDay(index, `note ${index}`))
    await using recall = await createRecall(notes)
    expect((await find(recall, null, { limit: 2 })).texts).toEqual(['note 229', 'note 228'])
    const until = sampleTime + day
    expect((await find(recall, '', { until, limit: 5 })).texts).toEqual(['note 1', 'note 0'])
  })

  test('leaves messages out and ranks as if they were not stored', async () => {
    await using recall = await createRecall([
      ['Which orchard sells quinces?'],
      ['The orchard opens at nine.'],
    ])
    const excludeIds = [recall.messages[0]?.id ?? '']
    const { texts, hits } = await find(recall, 'Which orchard sells quinces?', { excludeIds })
    expect(texts).toEqual(['The orchard opens at nine.'])
    const orchard = Math.log(1 + 100.5 / 1.5)
    const unknown = Math.log(1 + 101.5 / 0.5)
    expect(hits[0]?.coverage).toBeCloseTo(orchard / (orchard + 2 * unknown), 10)
    expect((await find(recall, 'quinces', { excludeIds })).reason).toBe(
      'Nothing stored contains any of: quinces.',
    )
  })

  test('finds a document by a word at either end of a long query', async () => {
    await using recall = await createRecall([['The heron came back.']])
    const padding = Array.from({ length: 3000 }, (_, index) => `pad${index}`).join(' ')
    expect((await find(recall, `heron ${padding}`)).texts).toHaveLength(1)
    expect((await find(recall, `${padding} heron`)).texts).toHaveLength(1)
  })

  test.each([
    'NEAR(',
    '"',
    'a OR',
    'x* OR',
    'tokens:x',
    'y^2 AND',
    "'; --",
    'constructor',
    '__proto__',
  ])('takes %j as words, not as a query language', async (text) => {
    await using recall = await createRecall([['near "or" AND NOT x* ^y']])
    const { hits, reason } = await find(recall, text)
    expect(hits.length === 0).toBe(reason !== null)
  })

  test('finds text of scripts without spaces, by one or more characters', async () => {
    await using recall = await createRecall([
      ['我喜欢喝绿茶'],
      ['커피를 마셔요'],
      ['カフェで会いましょう'],
    ])
    expect((await find(recall, '绿茶')).texts).toEqual(['我喜欢喝绿茶'])
    expect((await find(recall, '茶')).texts).toEqual(['我喜欢喝绿茶'])
    expect((await find(recall, '커피')).texts).toEqual(['커피를 마셔요'])
    expect((await find(recall, 'カフェ')).texts).toEqual(['カフェで会いましょう'])
  })
})

describe('the reason for an empty answer', () => {
  test('is that nothing is stored', async () => {
    await using recall = await createRecall([])
    expect((await find(recall, 'anything')).reason).toBe(
      'There is no message stored yet that has words.',
    )
    expect((await find(recall, null)).reason).toBe(
      'The filter (role user or assistant) leaves no message.',
    )
    expect((await findPassages(recall, 'anything')).reason).toBe(
      'There is no passage stored yet that has words.',
    )
    expect((await findPassages(recall, '')).reason).toBe('There is no passage stored yet.')
  })

  test('names the words that occur nowhere as they were written', async () => {
    await using recall = await createRecall([['hello there']])
    expect((await find(recall, 'Flying saucers')).reason).toBe(
      'Nothing stored contains any of: flying, saucers.',
    )
    expect((await find(recall, 'who is it')).reason).toBe(
      'The query has only common words (who, is, it), and no stored message consists of them.',
    )
    expect((await find(recall, '?!')).reason).toBe(
      'The query holds no letters, digits or signs, so there is nothing to look for.',
    )
  })

  test('names the filter that keeps what was found away', async () => {
    await using recall = await createRecall([['a saucer']])
    const from = sampleTime + day
    expect((await find(recall, 'saucers on Mars', { from })).reason).toBe(
      'The filter (role user or assistant, from 2026-11-23T12:00:00.000Z) leaves no message that contains any of: saucers.',
    )
  })
})

const kept: readonly Kept[] = [
  ['Basil needs sun.', ['garden', 'herbs'], sampleTime],
  ['Mint needs shade and spreads.', ['garden'], sampleTime + day],
  ['The boiler needs service.', ['house'], sampleTime + 2 * day],
]

async function findPassages(
  { search }: { readonly search: AgentSearch },
  text: string,
  given: Partial<PassageQuery> = {},
) {
  const answer = await search.passages({
    text,
    tags: [],
    tagMatch: 'any',
    from: null,
    until: null,
    limit: 10,
    ...given,
  })
  return { texts: answer.hits.map(({ item }) => item.text), reason: answer.reason }
}

describe('passages()', () => {
  test('finds by words, best first', async () => {
    await using recall = await createRecall([], kept)
    expect((await findPassages(recall, 'boiler service needed')).texts).toEqual([
      'The boiler needs service.',
      'Mint needs shade and spreads.',
      'Basil needs sun.',
    ])
  })

  test('filters by any or all tags before the limit', async () => {
    await using recall = await createRecall([], kept)
    const tags = ['garden', 'herbs']
    const find = async (text: string, given: Partial<PassageQuery>) =>
      (await findPassages(recall, text, given)).texts
    expect(await find('needs', { tags, limit: 1 })).toEqual(['Mint needs shade and spreads.'])
    expect(await find('needs', { tags: ['garden'] })).toHaveLength(2)
    expect(await find('needs', { tags, tagMatch: 'all' })).toEqual(['Basil needs sun.'])
    expect(await find('', { tags: ['house'] })).toEqual(['The boiler needs service.'])
    expect(await find('', { tags, tagMatch: 'all' })).toEqual(['Basil needs sun.'])
  })

  test('lists the newest without words', async () => {
    await using recall = await createRecall([], kept)
    expect((await findPassages(recall, ' ', { limit: 2 })).texts).toEqual([
      'The boiler needs service.',
      'Mint needs shade and spreads.',
    ])
  })

  test('says which filter leaves nothing', async () => {
    await using recall = await createRecall([], kept)
    const given = { tags: ['garden', 'herbs'], tagMatch: 'all' } as const
    expect(await findPassages(recall, 'boiler', given)).toEqual({
      texts: [],
      reason: 'The filter (tag garden and herbs) leaves no passage that contains any of: boiler.',
    })
  })
})
