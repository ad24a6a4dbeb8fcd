import { describe, expect, test } from 'vitest'
import type { Candidates, SearchDocument } from '../../storage/contract/search-store.ts'
import { messageEntry } from './search-entry.ts'
import { planQuery } from './query-plan.ts'
import { rank } from './rank.ts'
import { searchConstants } from './search-constants.ts'

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

/** Candidates for a query: all lines of one conversation, a minute apart. */
function candidatesOf(lines: readonly Line[], query: string): Candidates {
  const terms = new Set(planQuery(query, moment).terms)
  const documents = lines.map((line, index): SearchDocument => {
    const { role = 'user', name = null, at = noon + index * 60_000 } = line
    const said = { role, name, createdAt: at, toolCalls: [], toolReturns: [], searchable: true }
    const content = [{ type: 'text', text: line.text }] as const
    const entry = messageEntry({ ...said, content }, { timezone: 'UTC' })
    if (entry === null) throw new Error(`no words in ${line.text}`)
    const { tokens, dates, session: _, ...rest } = entry
    return {
      ...rest,
      id: line.id ?? `id-${index}`,
      createdAt: at,
      sequence: line.sequence ?? index,
      role,
      matches: tokens.filter((token) => terms.has(token)),
      length: tokens.length,
      dateMatches: dates.filter((token) => terms.has(token)),
      dateLength: dates.length,
      thread: 'c',
      place: index,
      session: line.session ?? 0,
      isEligible: line.isEligible ?? true,
    }
  })
  const holders = (term: string): number =>
    documents.filter(({ matches }) => matches.includes(term)).length
  return {
    documents,
    isComplete: true,
    asked: [...terms],
    statistics: {
      documentCount: documents.length,
      tokenCount: documents.reduce((sum, { length }) => sum + length, 0),
      documentFrequency: Object.fromEntries([...terms].map((term) => [term, holders(term)])),
    },
  }
}

function rankLines(lines: readonly Line[], query: string): ReturnType<typeof rank> {
  return rank(planQuery(query, moment), candidatesOf(lines, query))
}

function idsOf(lines: readonly Line[], query: string): readonly string[] {
  return rankLines(lines, query).map(({ document }) => document.id)
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
    const candidates = candidatesOf(lines, 'heron')
    const flat = candidates.documents.map((document) => ({
      ...document,
      place: null,
      session: null,
    }))
    const order = (documents: readonly SearchDocument[]): readonly string[] =>
      rank(planQuery('heron', moment), { ...candidates, documents }).map(
        ({ document }) => document.id,
      )
    expect(order(flat)).toEqual(['b', 'c', 'd', 'e', 'f'])
    expect(order(flat.toReversed())).toEqual(['b', 'c', 'd', 'e', 'f'])
  })

  test('finds the answer to a sentence with the words, between people who have names', () => {
    const lines: readonly Line[] = [
      { text: 'What did you think of the ceramics course?', name: 'Ada' },
      { text: 'Wonderful, I made a blue bowl.', name: 'Bo' },
      { text: 'Nothing to do with it at all.', name: 'Bo', session: 2 },
    ]
    expect(idsOf(lines, 'ceramics course')).toEqual(['id-0', 'id-1'])
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
    expect(first?.document.id).toBe('id-0')
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
    expect([first?.document.id, first?.parts.range]).toEqual(['id-1', searchConstants.rangeFactor])
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
    const best = ranked.filter(({ document }) => document.length === 2)
    expect(best.map(({ document }) => document.id)).toEqual(['id-0', 'id-7'])
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
    const candidates = candidatesOf(apart('heron'), 'heron')
    const statistics = { documentCount: 0, tokenCount: 0, documentFrequency: {} }
    const plan = planQuery('heron', moment)
    for (const isComplete of [true, false]) {
      expect(rank(plan, { ...candidates, statistics, isComplete })[0]).toMatchObject({
        coverage: 1,
      })
    }
  })
})
