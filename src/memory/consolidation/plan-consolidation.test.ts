import { describe, expect, test } from 'vitest'
import type { Passage } from '../../domain/archive.ts'
import { type Fact, factsEver, type StatedFact } from '../../domain/fact.ts'
import { samplePassage } from '../../storage/conformance/samples.ts'
import { sampleBlock } from '../../testing/samples.ts'
import { findUnreplaced } from '../admission/find-unreplaced.ts'
import { slotOf, valueKeyOf } from '../facts/fact-keys.ts'
import { type ConsolidatedMemory, planConsolidation } from './plan-consolidation.ts'

const day = 24 * 60 * 60_000
const now = 100 * day

function plan(given: Partial<ConsolidatedMemory>) {
  return planConsolidation({
    blocks: [],
    sharedBlockIds: new Set(),
    passages: [],
    facts: [],
    now,
    ...given,
  })
}

function passage(id: string, text: string, given: Partial<Passage> = {}): Passage {
  return samplePassage({
    id: `passage-${id}`,
    text,
    tags: [],
    metadata: {},
    createdAt: day,
    ...given,
  })
}

function fact(id: string, value: string, given: Partial<StatedFact> = {}): StatedFact {
  return {
    id: `fact-${id}`,
    kind: 'fact',
    agentId: 'agent-1',
    subject: 'user',
    attribute: 'city',
    value,
    slot: slotOf('', 'city'),
    valueKey: valueKeyOf(value),
    isAdded: false,
    validFrom: day,
    statedUntil: null,
    origin: 'agent',
    sourceMessageIds: [`message-${id}`],
    version: 1,
    actor: { kind: 'agent', id: 'agent-1' },
    reason: 'test',
    recordedAt: day,
    closedAt: null,
    ...given,
  }
}

const ever = (...facts: readonly StatedFact[]): readonly Fact[] => factsEver(facts, facts)

/** The passages that go, each with the one that stays. */
function merged(...passages: readonly Passage[]): Record<string, string> {
  const removed = plan({ passages }).flatMap(({ removedPassages }) => removedPassages)
  return Object.fromEntries(removed.map(({ passageId, keptBy }) => [passageId, keptBy]))
}

/** What a block becomes. */
function tidied(value: string, given: Partial<ConsolidatedMemory> = {}): string {
  const [cleanup] = plan({ blocks: [sampleBlock({ value })], ...given })
  return cleanup?.blocks[0]?.value ?? value
}

describe('passages', () => {
  test('that say the same in other capitals, or whole sentences of another, are merged with their tags', () => {
    const all = [
      passage('a', 'The boat is Mia.', { tags: ['boat'] }),
      passage('b', 'the boat is mia', { tags: ['name'] }),
      passage('c', 'She has two masts. The boat is Mia! It lies in Porto.', { tags: ['port'] }),
      passage('d', 'It lies in Porto. The boat is Mia.'),
    ]
    const [cleanup, ...others] = plan({ passages: all })
    expect(others).toEqual([])
    expect(cleanup?.removedPassages.map(({ passageId }) => passageId)).toEqual([
      'passage-a',
      'passage-b',
    ])
    expect(cleanup?.taggedPassages).toEqual([
      { passageId: 'passage-c', text: all[2]?.text, tags: ['port', 'boat', 'name'] },
    ])
  })

  test.each([
    [
      'a sentence that only stands in a longer one',
      'I like tea.',
      'I never said that I like tea.',
      {},
    ],
    ['about another day', 'The boat is Mia.', 'The boat is Mia.', { createdAt: 2 * day }],
    ['that is trusted less', 'The boat is Mia.', 'The boat is Mia.', { origin: 'web' }],
    ['of a document', 'The boat is Mia.', 'The boat is Mia.', { metadata: { document: {} } }],
    ['of a text in pieces', 'The boat is Mia.', 'The boat is Mia.', { metadata: { piece: {} } }],
    ['of one word', 'Mia', 'Mia', {}],
    ['in another archive', 'The boat is Mia.', 'The boat is Mia.', { archiveId: 'archive-other' }],
    ['with another sign', '- 5 degrees in Bern', '+ 5 degrees in Bern', {}],
    ['with another number', '4) Take the pill', '5) Take the pill', {}],
  ] as const)('stay beside one %s', (_name, one, other, given) => {
    expect(merged(passage('a', one), passage('b', other, given))).toEqual({})
  })

  test('said again after something that takes it back stay', () => {
    const at = (hour: number) => ({ createdAt: day + hour })
    const again = [
      passage('a', 'I like tea.', at(1)),
      passage('b', 'I no longer like tea.', at(2)),
      passage('c', 'I like tea.', at(3)),
    ] as const
    expect(merged(...again)).toEqual({})
    const [whole] = [passage('d', 'I like tea. I no longer like tea.', at(1))]
    expect(merged(whole, passage('e', 'I like tea.', at(2)))).toEqual({})
    expect(merged(again[0], passage('f', 'Anna plays chess.', at(2)), again[2])).not.toEqual({})
  })

  test('with metadata of their own stay', () => {
    const same = { metadata: { page: 1 } }
    expect(merged(passage('a', 'Two words'), passage('b', 'Two words', same))).toEqual({
      'passage-a': 'passage-b',
    })
    expect(
      merged(passage('a', 'Two words', same), passage('b', 'Two words', { metadata: { page: 2 } })),
    ).toEqual({})
  })

  test('of a whole archive are planned in one pass', () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      passage(`${index}`, `Note${index % 10_000} of kite${index % 10_000}.`),
    )
    expect(plan({ passages: many })).toHaveLength(10_000)
  })
})

describe('blocks', () => {
  test('lose repeated lines of a list, empty lines and blanks at the end', () => {
    expect(
      tidied('\n- Drinks mate daily  \n- Has a dog\n- drinks mate daily.\n\n\n\nPorto\n\n'),
    ).toBe('- Drinks mate daily\n- Has a dog\n\nPorto')
  })

  test.each([
    ['below headings', 'Project A\nIs done by Anna\nProject B\nIs done by Anna'],
    ['below headings with marks', '# A\n- is done now\n# B\n- is done now'],
    ['in lists of lists', '- A:\n  - is done now\n- B:\n  - is done now'],
    ['that are short', 'To do\nCall Ann\nCall Ann'],
    ['about another day', '24. Dezember feiern wir bei Oma\n25. Dezember feiern wir bei Oma'],
    ['as steps', '1. Stir the soup slowly\n2. Add some salt\n3. Stir the soup slowly'],
    ['with another sign', '- 5 degrees in Bern\n+ 5 degrees in Bern'],
    ['with a code in other capitals', 'The wifi code is Fox2\nThe wifi code is fox2'],
  ])('keep lines that mean something each time: %s', (_name, value) => {
    expect(tidied(value)).toBe(value)
  })

  test('lose lines that say nothing but a value that is over, unless other agents have the block', () => {
    const facts = ever(fact('old', 'Porto'), fact('new', 'Rome', { validFrom: 2 * day }))
    const value = 'City: Porto\nThe city is Porto, where Ann lives.\nName: Ada'
    expect(tidied(value, { facts })).toBe('The city is Porto, where Ann lives.\nName: Ada')
    const sharedBlockIds = new Set([sampleBlock().id])
    expect(tidied(value, { facts, sharedBlockIds })).toBe(value)
    const web = ever(fact('old', 'Porto'), fact('x', 'Rome', { validFrom: 2 * day, origin: 'web' }))
    expect(tidied(value, { facts: web })).toBe(value)
  })

  test('that are read-only, or tidy, stay as they are', () => {
    const value = 'one two three\none two three'
    expect(plan({ blocks: [sampleBlock({ value, readOnly: true })] })).toEqual([])
    expect(plan({ blocks: [sampleBlock({ value: tidied(value) })] })).toEqual([])
  })
})

describe('facts', () => {
  test('that add nothing to an earlier statement are closed', () => {
    const facts = ever(fact('a', 'Porto'), fact('b', 'porto', { validFrom: 2 * day }))
    expect(plan({ facts })).toMatchObject([
      { mergedFacts: [{ factId: 'fact-b', keptBy: 'fact-a' }] },
    ])
  })

  test.each([
    ['another value came between', fact('c', 'Rome', { validFrom: 1.5 * day }), {}],
    ['the earlier one ends', null, { statedUntil: 1.5 * day }],
    ['the earlier one is trusted less', null, { origin: 'web' }],
  ] as const)('stay when %s', (_name, between, given) => {
    const all = [fact('a', 'Porto', given), fact('b', 'Porto', { validFrom: 2 * day })]
    expect(plan({ facts: ever(...all, ...(between === null ? [] : [between])) })).toEqual([])
  })
})

describe('findUnreplaced()', () => {
  const kept = passage('kept', 'The boat is Mia. It lies in Porto.')
  const removal = { passageId: 'passage-gone', text: 'It lies in Porto', keptBy: kept.id }
  const none = { removedLines: [], removedPassages: [], taggedPassages: [], mergedFacts: [] }
  const memory = { blocks: [], passages: [kept], facts: [] }

  test('finds what goes without anything that says it still', () => {
    const find = (removedPassages: (typeof removal)[], passages = [kept]) =>
      findUnreplaced({ ...none, removedPassages }, { ...memory, passages })
    expect(find([removal])).toBeNull()
    expect(find([{ ...removal, text: 'It lies in Rome' }])).toBe('It lies in Rome')
    expect(find([removal], [])).toBe('It lies in Porto')
    expect(find([removal, { ...removal, passageId: kept.id }])).toBe('It lies in Porto')
    const blocks = [{ id: 'block-1', before: 'One\nTwo', after: 'One' }]
    expect(findUnreplaced(none, { ...memory, blocks })).toBe('Two')
    const removedLines = [{ text: 'Two', keptBy: 'fact-a' }]
    expect(findUnreplaced({ ...none, removedLines }, { ...memory, blocks })).toBe('Two')
    const facts = [fact('a', 'Rome')]
    expect(findUnreplaced({ ...none, removedLines }, { ...memory, blocks, facts })).toBeNull()
    const mergedFacts = [{ factId: 'fact-a', keptBy: 'fact-b' }]
    const both = { ...memory, facts: [fact('a', 'Rome'), fact('b', 'Porto')] }
    expect(findUnreplaced({ ...none, mergedFacts }, both)).toBe('city = Rome')
  })
})

describe('what only looks alike', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['He writes C++ code.', 'He writes C# code.'],
    ['It is -5 degrees now.', 'It is 5 degrees now.'],
    ['The budget > 500 euro.', 'The budget < 500 euro.'],
    ['The password is a-b_c.', 'The password is a.b c.'],
    ['The mood today: 😀', 'The mood today: 😡'],
    ['Anna likes green tea?', 'Anna likes green tea.'],
  ]

  test.each(pairs)('%j and %j are both kept', (one, other) => {
    expect(merged(passage('a', one), passage('b', other))).toEqual({})
    const lines = `- ${one}\n- ${other}`
    expect(tidied(lines)).toBe(lines)
  })

  test.each(['City: not Berlin', 'The city was Berlin'])(
    '%j is not over with its value',
    (line) => {
      const facts = [
        fact('a', 'Berlin', { statedUntil: 2 * day }),
        fact('b', 'Porto', { validFrom: 2 * day }),
      ]
      expect(tidied(line, { facts: ever(...facts) })).toBe(line)
    },
  )

  test.each([
    '- I like tea\n- I no longer like tea\n- I like tea',
    'Anna lives in Berlin.\nAnna lives in Hamburg now.\nAnna lives in Berlin.',
  ])('%j says something new at its end', (lines) => {
    expect(tidied(lines)).toBe(lines)
  })

  test('what stands between and is about something else takes nothing back', () => {
    expect(tidied('- Anna drinks green tea\n- The dog barks\n- Anna drinks green tea')).toBe(
      '- Anna drinks green tea\n- The dog barks',
    )
  })

  test('capitals, blanks, points and quotation marks are not another meaning', () => {
    expect(tidied('- Anna likes  “green tea”.\n- anna likes green tea')).toBe(
      '- Anna likes  “green tea”.',
    )
  })
})
