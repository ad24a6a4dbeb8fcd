import { describe, expect, test } from 'vitest'
import { factsEver, type FactStatement, type StatedFact } from '../../domain/fact.ts'
import { slotOf, toSubject, valueKeyOf } from './fact-keys.ts'
import { type FactEdit, placeFact } from './place-fact.ts'
import { tellEdits } from './tell-fact.ts'

const actor = { kind: 'agent', id: 'agent-1' } as const

function statement(value: string, given: Partial<FactStatement> = {}): FactStatement {
  return {
    kind: 'fact',
    agentId: 'agent-1',
    subject: 'user',
    attribute: 'city',
    value,
    slot: 'city',
    valueKey: valueKeyOf(value),
    isAdded: false,
    validFrom: 100,
    statedUntil: null,
    origin: 'agent',
    sourceMessageIds: ['message-1'],
    ...given,
  }
}

function known(value: string, given: Partial<StatedFact> = {}): StatedFact {
  return {
    ...statement(value),
    id: `fact-${value}`,
    version: 1,
    actor,
    reason: 'test',
    recordedAt: 1,
    closedAt: null,
    ...given,
  }
}

function place(
  facts: readonly StatedFact[],
  stated: FactStatement,
  corrects = false,
): readonly FactEdit[] {
  return placeFact(facts, { kind: 'state', statement: stated, corrects }, { actor })
}

describe('placeFact()', () => {
  test('adds a value for another time, before or after', () => {
    for (const validFrom of [50, 200]) {
      const stated = statement('Lisbon', { validFrom })
      expect(place([known('Porto')], stated)).toEqual([{ action: 'create', statement: stated }])
    }
  })

  test('a code in other capitals is another value, and a correction words a value anew', () => {
    expect(place([known('Fox2')], statement('fox2'))).toMatchObject([
      { action: 'edit', set: { value: 'fox2' } },
    ])
    expect(place([known('mcdonald')], statement('McDonald'), true)).toMatchObject([
      { action: 'edit', set: { value: 'McDonald' } },
    ])
    expect(place([known('Porto')], statement('porto'))).toEqual([])
  })

  test('what a tool told changes nothing that others stated, and is theirs once they state it', () => {
    const fromTool = (value: string, given: Partial<FactStatement> = {}): FactStatement =>
      statement(value, { origin: 'tool', sourceMessageIds: ['message-9'], ...given })
    const porto = known('Porto')
    const rome = fromTool('Rome')
    expect(place([porto], rome, true)).toEqual([{ action: 'create', statement: rome }])
    expect(place([porto], fromTool('Porto', { statedUntil: 400 }))).toEqual([])
    const earlier = fromTool('Porto', { validFrom: 50 })
    expect(place([porto], earlier)).toEqual([{ action: 'create', statement: earlier }])
    const held = known('Rome', { origin: 'tool' })
    expect(place([held], statement('Rome', { validFrom: 300 }))).toMatchObject([
      { action: 'edit', set: { origin: 'agent' } },
    ])
  })

  test('writes nothing for what is known from the same message', () => {
    expect(place([known('Porto')], statement('PORTO.', { validFrom: 300 }))).toEqual([])
  })

  test('keeps both messages as sources of a value that was said again', () => {
    const again = statement('Porto', { validFrom: 300, sourceMessageIds: ['message-2'] })
    expect(place([known('Porto')], again)).toEqual([
      {
        action: 'edit',
        before: known('Porto'),
        set: { sourceMessageIds: ['message-1', 'message-2'] },
      },
    ])
  })

  test('ends a value when its end is said', () => {
    const ended = statement('Porto', { validFrom: 300, statedUntil: 400 })
    expect(place([known('Porto')], ended)).toMatchObject([
      { action: 'edit', set: { statedUntil: 400 } },
    ])
  })

  test('lets the next value begin earlier when it is said to have held before', () => {
    expect(place([known('Porto')], statement('Porto', { validFrom: 50 }))).toMatchObject([
      { action: 'edit', set: { validFrom: 50 } },
    ])
    const between = [known('Porto'), known('Lisbon', { validFrom: 70 })]
    expect(place(between, statement('Porto', { validFrom: 50 }))).toMatchObject([
      { action: 'create' },
    ])
  })

  test('revises what the same message said of the same time, and keeps what another said', () => {
    expect(place([known('Porto')], statement('Lisbon'))).toMatchObject([
      { action: 'edit', before: { value: 'Porto' }, set: { value: 'Lisbon', valueKey: 'lisbon' } },
    ])
    const other = statement('Lisbon', { sourceMessageIds: ['message-2'] })
    expect(place([known('Porto')], other)).toEqual([{ action: 'create', statement: other }])
  })

  test('a correction revises what held then, and takes back what contradicted it', () => {
    const contradicting = [
      known('Porto'),
      known('Lisbon', { sourceMessageIds: ['message-2'], recordedAt: 2 }),
      known('Faro', { validFrom: 500 }),
    ]
    expect(place(contradicting, statement('Braga', { validFrom: 300 }), true)).toMatchObject([
      { action: 'edit', before: { value: 'Lisbon' }, set: { value: 'Braga' } },
      { action: 'delete', before: { value: 'Porto' } },
    ])
    expect(place([], statement('Braga'), true)).toMatchObject([{ action: 'create' }])
  })

  test('takes a fact back by its id, and refuses one that is not known', () => {
    const close = (factId: string): readonly FactEdit[] =>
      placeFact([known('Porto')], { kind: 'close', factId }, { actor })
    expect(close('fact-Porto')).toEqual([{ action: 'delete', before: known('Porto') }])
    expect(() => close('fact-none')).toThrow(/^Cannot find the fact fact-none/)
  })
})

describe('tellEdits()', () => {
  const telling = { now: 1000, timezone: 'UTC' }
  const day = 86_400_000

  test.each([
    [
      [known('Porto')],
      statement('Lisbon', { validFrom: 200 }),
      /^Remembered: city = Lisbon .* Before: city = Porto/,
    ],
    [
      [known('Porto')],
      statement('Lisbon', { validFrom: 50 }),
      /^Remembered: city = Lisbon .* Now it is: city = Porto/,
    ],
    [
      [known('Porto')],
      statement('Lisbon', { sourceMessageIds: ['other'] }),
      /Contradiction: city = Porto .* is also stated; both are kept\.$/,
    ],
    [[known('Porto')], statement('Porto'), /^That is known already/],
    [[], statement('Porto', { validFrom: 0, statedUntil: day }), /\(1970-01-01 to 1970-01-01\)\.$/],
    [
      factsEver(
        [known('Porto'), known('Lisbon', { validFrom: day, statedUntil: 2 * day })],
        [known('Porto'), known('Lisbon', { validFrom: day, statedUntil: 2 * day })],
      ),
      statement('Lisbon', { validFrom: day, statedUntil: 3 * day }),
      /^Changed: city = Lisbon \(1970-01-02 to 1970-01-03\)\. Now it is: city = Porto \(since 1970-01-01\)\.$/,
    ],
  ])('says what is known now and what it does to the rest (%#)', (facts, stated, text) => {
    expect(tellEdits(place(facts, stated), facts, telling)).toMatch(text)
  })
})

describe('slotOf()', () => {
  test.each([
    ['Base images', 'the BASE image'],
    ['city', 'Cities'],
    ["the cat's name", 'the cat’s name'],
    ['🦊', '🦊'],
    ['所在城市', '所在城市'],
  ])('is the same for %j and %j', (left, right) => {
    expect(slotOf('Anna', left)).toBe(slotOf('anna', right))
  })

  test('tells subjects and attributes apart', () => {
    const slots = [slotOf('a', 'b c'), slotOf('a b', 'c'), slotOf('', 'b c'), slotOf('a', 'c b')]
    expect(new Set(slots).size).toBe(4)
  })

  test('has one word for the person the agent talks to', () => {
    expect(['', 'I', ' me ', 'The user', 'Human'].map(toSubject)).toEqual(Array(5).fill('user'))
    expect(toSubject('Anna')).toBe('Anna')
  })
})

describe('placeFact() of instructions', () => {
  const instruction = { kind: 'instruction', attribute: '', isAdded: true } as const
  const never = known('Never deploy on Fridays', { ...instruction, validFrom: 50 })

  test('lets the one that was said last take the place of its opposite, as one change', () => {
    const always = statement('Always deploy on Fridays.', instruction)
    const edits = place([never, known('Never deploy on Mondays', instruction)], always)
    expect(edits).toMatchObject([
      { action: 'edit', before: { id: never.id }, set: { value: always.value, validFrom: 100 } },
    ])
    expect(tellEdits(edits, [never], { now: 100, timezone: 'UTC' })).toBe(
      'Changed: Always deploy on Fridays. (since 1970-01-01). It was: Never deploy on Fridays (since 1970-01-01).',
    )
  })

  test.each([
    ['Please do not deploy on Fridays', 'Deploy on Fridays', true],
    ['Never answer in English', 'Always answer in French', false],
    ['Never deploy on Fridays', "Don't deploy on Fridays", false],
    ['Always use tabs', 'Always use tabs, never spaces', false],
    ['Never', 'Always', false],
  ])('%j and %j are opposites: %s', (one, other, isOpposite) => {
    const actions = [
      place([known(one, instruction)], statement(other, instruction)),
      place([known(other, instruction)], statement(one, instruction)),
    ].map((edits) => edits.map(({ action }) => action))
    const expected = [isOpposite ? 'edit' : 'create']
    expect(actions).toEqual([expected, expected])
  })

  test('lets no text of a tool take the place of what the user wants', () => {
    const always = statement('Always deploy on Fridays', { ...instruction, origin: 'web' })
    expect(place([never], always)).toMatchObject([{ action: 'create' }])
  })
})
