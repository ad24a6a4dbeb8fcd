import { describe, expect, it } from 'vitest'
import type { Fact } from '../../domain/fact.ts'
import type { Passage } from '../../domain/archive.ts'
import { sampleBlock } from '../../testing/samples.ts'
import { slotOf, valueKeyOf } from '../facts/fact-keys.ts'
import { lintMemory, type LintedMemory } from './lint-memory.ts'

const now = Date.UTC(2026, 5, 20)
const dayMs = 24 * 60 * 60_000

/** Flaw and text of everything that is found. */
function lint(memory: Partial<LintedMemory>): readonly (readonly [string, string])[] {
  const { findings } = lintMemory({
    blocks: [],
    passages: [],
    unread: 0,
    facts: [],
    now,
    ...memory,
  })
  return findings.map(({ flaw, text }) => [flaw, text])
}

function block(value: string, label = 'human', limit = 1000) {
  return sampleBlock({ id: `block-${label}`, label, value, limit })
}

function passage(text: string, createdAt = now): Passage {
  return {
    id: `passage-${text}-${createdAt}`,
    archiveId: 'archive-1',
    text,
    tags: [],
    metadata: {},
    origin: 'user',
    sourceMessageIds: [],
    createdAt,
    updatedAt: createdAt,
    createdById: null,
  }
}

function residence(value: string, from: number, until: number | null): Fact {
  return {
    id: `fact-${value}`,
    kind: 'fact',
    agentId: 'agent-1',
    subject: 'user',
    attribute: 'home town',
    value,
    slot: slotOf('user', 'home town'),
    valueKey: valueKeyOf(value),
    isAdded: false,
    validFrom: from,
    statedUntil: null,
    validUntil: until,
    isContested: false,
    origin: 'user',
    sourceMessageIds: [],
    version: 1,
    actor: { kind: 'user', id: 'user-1' },
    reason: 'remember_fact',
    recordedAt: from,
    closedAt: null,
  }
}

describe('lintMemory()', () => {
  it('finds nothing in memory that is in order', () => {
    const blocks = [block('Plays the cello.\nLives in Bern.'), block('I am Ada.', 'persona')]
    const passages = [passage('The boat is called Mia.'), passage('The garden has two pear trees.')]
    expect(lint({ blocks, passages })).toEqual([])
    expect(lintMemory({ blocks, passages, unread: 0, facts: [], now }).texts).toBe(5)
  })

  it('finds the second line that says the same, in any spelling', () => {
    const blocks = [block('Likes green tea.\nPlays the cello.'), block('likes GREEN tea', 'notes')]
    expect(lint({ blocks })).toEqual([['duplicate', 'likes GREEN tea']])
  })

  it('leaves what differs in a sign', () => {
    const blocks = [block('Writes C++ code.\nWrites C# code.\nIs it 5 below?\nIs it -5 below?')]
    expect(lint({ blocks })).toEqual([])
  })

  it('finds the same passage of one day, and leaves what happens every day', () => {
    const passages = [
      passage('Ran five miles.'),
      passage('Ran six miles.', now + 1),
      passage('ran five miles!', now + 2),
    ]
    expect(lint({ passages })).toEqual([['duplicate', 'ran five miles!']])
    expect(
      lint({ passages: [passage('Ran five miles.'), passage('Ran five miles.', now + dayMs)] }),
    ).toEqual([])
  })

  it('calls no passage a repetition that tidying would leave: of a document, of another archive, or told by a tool', () => {
    const told = passage('Ran five miles.')
    const others = [
      { metadata: { document: { id: 'd' } } },
      { metadata: { piece: { part: 1, parts: 2 } } },
      { archiveId: 'archive-2' },
      { origin: 'tool' },
    ] as const
    for (const other of others) {
      expect(lint({ passages: [told, { ...told, id: 'other', ...other }] })).toEqual([])
    }
    expect(lint({ passages: [told, { ...told, id: 'other' }] })).toHaveLength(1)
  })

  it.each([
    ['a denial', 'They drank tea.', 'They didn’t drink tea.'],
    ['the same words the other way round', 'Ann owes Bob.', 'Bob owes Ann.'],
  ])('keeps %s', (_name, first, second) => {
    expect(lint({ passages: [passage(first), passage(second)] })).toEqual([])
  })

  it.each([
    ['no words', '--- !!!'],
    ['the wrapping of a prompt', 'He said <memory_blocks> are nice'],
    ['encoded data', `key ${'a8F/'.repeat(30)}`],
  ])('finds %s', (_name, text) => {
    expect(lint({ passages: [passage(text)] })).toEqual([['junk', text]])
  })

  it('keeps languages without blanks', () => {
    expect(lint({ passages: [passage('私は毎朝コーヒーを飲みます。'.repeat(10))] })).toEqual([])
  })

  it('finds a value in core memory that a later fact has replaced', () => {
    const facts = [residence('Bern', 0, now - dayMs), residence('Lyon', now - dayMs, null)]
    const text = 'Home town: Bern.\nHis sister has a house in Bern.\nHome town was Bern, is Lyon.'
    expect(lint({ blocks: [block(text)], facts })).toEqual([['stale', 'Home town: Bern.']])
    expect(lint({ blocks: [block(text)], facts: facts.slice(0, 1) })).toEqual([])
  })

  it('finds a day in core memory that nobody can tell later', () => {
    const blocks = [block('Has an exam next week.\nHas an exam on 3 July 2026.')]
    expect(lint({ blocks, passages: [passage('Has an exam tomorrow.')] })).toEqual([
      ['undated', 'Has an exam next week.'],
    ])
  })

  it('finds a block that leaves no room', () => {
    expect(lint({ blocks: [block('x'.repeat(19), 'human', 20)] })).toEqual([['full', 'human']])
    expect(lint({ blocks: [block('x'.repeat(18), 'human', 20)] })).toEqual([])
  })
})

it('quotes of a long text that says the same no more than a line', () => {
  const text = 'The heron stands at the weir and waits for a fish. '.repeat(20).trim()
  const passages = ['passage-1', 'passage-2'].map((id) => ({ ...passage(text), id }))
  const given = { blocks: [], passages, unread: 0, facts: [], now }
  const [finding] = lintMemory(given).findings
  expect(finding?.why).toContain('“The heron stands at the weir')
  expect(finding?.why.length).toBeLessThan(200)
})
