import { describe, expect, test } from 'vitest'
import type { StoredText } from '../../storage/contract/search-store.ts'
import { indexedText } from '../../testing/indexed-text.ts'
import { messageEntry } from './search-entry.ts'
import { planQuery } from './query-plan.ts'
import { rank, type RankedText, type RankInput } from './rank.ts'
import { searchConstants } from './search-constants.ts'
import { TextTable } from './text-table.ts'

const noon = Date.UTC(2023, 4, 8, 12)
const moment = { now: Date.UTC(2023, 5, 1), timezone: 'UTC' }

interface Line {
  readonly text: string
  readonly id?: string
  readonly role?: 'user' | 'assistant'
  readonly name?: string
  readonly at?: number
  readonly session?: number
  readonly sequence?: number
  readonly isEligible?: boolean
}

/** All lines of one conversation, a minute apart. */
function textsOf(lines: readonly Line[]): readonly StoredText[] {
  return lines.map((line, index) => {
    const { role = 'user', name = null, at = noon + index * 60_000 } = line
    const said = { role, name, createdAt: at, toolCalls: [], toolReturns: [], searchable: true }
    const content = [{ type: 'text', text: line.text }] as const
    const entry = messageEntry({ ...said, content }, { timezone: 'UTC' })
    if (entry === null) throw new Error(`no words in ${line.text}`)
    return indexedText(entry, {
      id: line.id ?? `id-${index}`,
      createdAt: at,
      sequence: line.sequence ?? index,
      role,
      thread: 'c',
      place: index,
      session: line.session ?? 0,
    })
  })
}

function inputOf(texts: readonly StoredText[], given: Partial<RankInput> = {}): RankInput {
  const table = new TextTable()
  for (const text of texts) table.add(text)
  return { table, hidden: new Set(), passes: () => true, chosenFrom: null, ...given }
}

function rankLines(lines: readonly Line[], query: string): readonly RankedText[] {
  const passes = (text: number): boolean => lines[text]?.isEligible !== false
  return rank(planQuery(query, moment), inputOf(textsOf(lines), { passes })).best(lines.length)
}

function idsOf(lines: readonly Line[], query: string): readonly string[] {
  return rankLines(lines, query).map(({ id }) => id)
}

/** Each in a session of its own, so that no context counts. */
function apart(...texts: readonly string[]): readonly Line[] {
  return texts.map((text, index) => ({ text, session: index, at: noon }))
}

describe('rank()', () => {
  test('puts rarer words, more matches and shorter texts first', () => {
    const lines = apart(
      'bread butter',
      'yeast butter',
      'yeast bread',
      'bread jam eggs salt oil',
      'fig',
    )
    expect(idsOf(lines, 'yeast bread')).toEqual(['id-2', 'id-1', 'id-0', 'id-3'])
  })

  test('breaks ties by the newer, then the later stored, then the id', () => {
    const line = (id: string, at: number, sequence: number): Line => {
      return { id, text: 'heron', at: noon + at, sequence, session: at * 10 + sequence }
    }
    const lines = [
      line('d', 1, 0),
      line('c', 2, 1),
      line('b', 2, 2),
      line('f', 0, 0),
      line('e', 0, 0),
    ]
    const alone = lines.map((given) => ({ ...given, session: 0 }))
    expect(idsOf(alone, 'heron').toSorted()).toEqual(['b', 'c', 'd', 'e', 'f'])
    const flat = textsOf(lines).map((text) => ({ ...text, place: null, session: null }))
    const order = (texts: readonly StoredText[]): readonly string[] =>
      rank(planQuery('heron', moment), inputOf(texts))
        .best(5)
        .map(({ id }) => id)
    expect(order(flat)).toEqual(['b', 'c', 'd', 'e', 'f'])
    expect(order(flat.toReversed())).toEqual(['b', 'c', 'd', 'e', 'f'])
  })

  test('finds the answer to a sentence with the words, between people who have names', () => {
    const lines: readonly Line[] = [
      { text: 'What did you think of the ceramics course?', name: 'Ada' },
      { text: 'Wonderful, I made a blue bowl.', name: 'Bo' },
      { text: 'Nothing to do with it at all.', name: 'Bo', session: 2 },
    ]
    expect(idsOf(lines, 'ceramics course')).toEqual(['id-1', 'id-0'])
  })

  test('takes a question for what its answer is about, and the answer for more than the question', () => {
    const told = { text: 'Yes, in blue and with a lid.', name: 'Bo' }
    const other = { text: 'A vase is on the wheel now.', name: 'Ada', session: 9 }
    const beginnings = [
      { text: 'Did you glaze the bowl?', name: 'Ada' },
      { text: 'You did glaze the bowl.', name: 'Ada' },
      { text: 'Did I glaze the bowl?', name: 'Bo' },
    ]
    const [asked, stated, alone] = beginnings.map((line) =>
      rankLines([line, told, other], 'glaze the bowl vase'),
    )
    const scoreOf = (ranked: readonly RankedText[] | undefined, id: string): number =>
      ranked?.find((text) => text.id === id)?.parts.text ?? 0
    const share = (ranked: readonly RankedText[] | undefined): number =>
      scoreOf(ranked, 'id-1') / scoreOf(ranked, 'id-0')
    expect(share(asked)).toBeGreaterThan(1.5 * share(stated))
    expect(share(alone)).toBeLessThan(share(asked) / 1.5)
  })

  test('prefers what a named person says of themselves to what they say of the listener', () => {
    const said = (name?: string): readonly Line[] =>
      ['You paint horses.', 'I paint horses.'].map((text, session) => {
        return { text, session, at: noon, ...(name !== undefined && { name }) }
      })
    const scores = (lines: readonly Line[]): readonly number[] =>
      ['id-0', 'id-1'].map(
        (id) => rankLines(lines, 'paint horses').find((text) => text.id === id)?.parts.text ?? 0,
      )
    expect(scores(said('Ada'))).toEqual([expect.closeTo(searchConstants.listenerFactor), 1])
    expect(scores(said())).toEqual([1, 1])
  })

  test('never lets context stand for own words where nobody has a name', () => {
    const lines: readonly Line[] = [
      { text: 'Tell me about ceramics.' },
      { text: 'Clay is fired in a kiln.', role: 'assistant' },
    ]
    expect(idsOf(lines, 'ceramics')).toEqual(['id-0'])
  })

  test('holds back what the agent said, unless it is asked for', () => {
    const lines: readonly Line[] = [
      { text: 'I like the risotto.', session: 0 },
      { text: 'You should try the risotto.', role: 'assistant', session: 1 },
    ]
    expect(idsOf(lines, 'my risotto')[0]).toBe('id-0')
    expect(idsOf(lines, 'Which risotto did you recommend?')[0]).toBe('id-1')
  })

  test('prefers the one speaker that is named', () => {
    const lines: readonly Line[] = [
      { text: 'I paint horses.', name: 'Ada', session: 0, at: noon },
      { text: 'I paint horses.', name: 'Bo', session: 1, at: noon },
    ]
    const [first] = rankLines(lines, 'Does Ada paint horses?')
    expect(first?.id).toBe('id-0')
    expect(first?.parts.speaker).toBe(searchConstants.namedFactor)
    const both = rankLines(lines, 'Do Ada and Bo paint horses?')
    expect(both.map(({ parts }) => parts.speaker)).toEqual([1, 1])
  })

  test('prefers what tells a time when a time is asked for', () => {
    const lines = apart('The kiln broke.', 'The kiln broke last week.')
    expect(idsOf(lines, 'When did the kiln break?')[0]).toBe('id-1')
    expect(rankLines(lines, 'Why did the kiln break?').map(({ parts }) => parts.when)).toEqual([
      1, 1,
    ])
  })

  test('prefers what was said at the time that is spoken of', () => {
    const lines: readonly Line[] = [
      { text: 'The kiln broke.', at: Date.UTC(2023, 4, 31, 9), session: 0 },
      { text: 'The kiln broke.', at: Date.UTC(2023, 3, 1), session: 1 },
    ]
    const [first, second] = rankLines(lines, 'What about the kiln in April 2023?')
    expect([first?.id, first?.parts.range]).toEqual(['id-1', searchConstants.rangeFactor])
    expect(second?.parts.range).toBe(1)
  })

  test('adds to a message what the rest of its session is about', () => {
    const lines: readonly Line[] = [
      { text: 'Sourdough again.', session: 0 },
      ...Array.from({ length: 6 }, () => ({
        text: 'Flour and water, as ever, mixed.',
        session: 0,
      })),
      { text: 'Sourdough again.', session: 7 },
      ...Array.from({ length: 6 }, () => ({
        text: 'Rain and wind, as ever, howling.',
        session: 7,
      })),
    ]
    const ranked = rankLines(lines, 'sourdough flour')
    const best = ranked.filter(({ id }) => ['id-0', 'id-7'].includes(id))
    expect(best.map(({ id }) => id)).toEqual(['id-0', 'id-7'])
    expect(best[0]?.parts.session).toBe(searchConstants.sessionWeight)
  })

  test('ranks only what passes the filters, with the others as context', () => {
    const lines: readonly Line[] = [
      { text: 'Ceramics?', name: 'Ada', isEligible: false },
      { text: 'Yes, tomorrow.', name: 'Bo' },
    ]
    expect(idsOf(lines, 'ceramics')).toEqual(['id-1'])
  })

  test('drops what holds no term and survives empty statistics', () => {
    expect(idsOf(apart('heron'), 'zebra')).toEqual([])
    const nothing = { documentCount: 0, tokenCount: 0, documentFrequency: {} }
    for (const chosenFrom of [{ statistics: nothing, asked: [] }, null]) {
      const input = inputOf(textsOf(apart('heron')), { chosenFrom })
      expect(rank(planQuery('heron', moment), input).best(1)[0]).toMatchObject({ coverage: 1 })
    }
  })

  test('treats hidden texts as if they were not stored', () => {
    const lines: readonly Line[] = [
      { text: 'Ceramics on Monday?', name: 'Ada' },
      { text: 'Yes, tomorrow?', name: 'Bo' },
      { text: 'We fired the ceramics.', name: 'Ada', session: 2 },
      { text: 'Nothing to do with it.', name: 'Bo', session: 2 },
    ]
    const texts = textsOf(lines)
    const query = planQuery('ceramics tomorrow', moment)
    const without = rank(query, inputOf(texts.slice(1)))
    const hidden = rank(query, inputOf(texts, { hidden: new Set([0]) }))
    expect(hidden.best(9)).toEqual(without.best(9))
    expect([hidden.statistics.documentFrequency, hidden.considered]).toEqual([
      without.statistics.documentFrequency,
      3,
    ])
  })

  test('gives the same order and scores however the texts came into the table', () => {
    const random = createRandom()
    const words = ['kiln', 'clay', 'glaze', 'bowl', 'fire', 'wheel', 'may', 'ada', 'user']
    for (let round = 0; round < 40; round += 1) {
      const lines = Array.from({ length: 30 }, (_, index): Line => {
        const text = Array.from({ length: 1 + random(9) }, () => words[random(words.length)])
        const name = random(2) === 0 ? { name: ['Ada', 'Bo'][random(2)] ?? '' } : {}
        return { text: text.join(' '), session: Math.floor(index / 7) * 7, ...name }
      })
      const texts = textsOf(lines)
      const plan = planQuery('When did Ada glaze the clay bowl in May, user?', moment)
      const expected = rank(plan, inputOf(texts)).best(30)
      expect(rank(plan, inputOf(texts.toReversed())).best(30)).toEqual(expected)
      expect(rank(plan, inputOf(texts)).best(4)).toEqual(expected.slice(0, 4))
    }
  })
})

function createRandom(): (below: number) => number {
  let state = 3
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
