import { describe, expect, test } from 'vitest'
import { analyse } from '../../src/memory/analysis/analyse.ts'
import { commonWords } from '../../src/memory/search/common-words.ts'
import { developmentTopics } from './development-topics.ts'
import { heldOutTopics } from './held-out-topics.ts'
import { judgeAnswer, scoreTable } from './judge-answer.ts'
import { createOfflineTable, type TableScenario } from './offline-table.ts'
import type { Topic } from './topic.ts'

const splits = [
  ['development', developmentTopics],
  ['held-out', heldOutTopics],
] as const

function sentences(topic: Topic): readonly string[] {
  return [...topic.tells, ...topic.updates, ...topic.asks, ...topic.nearMisses]
}

function contentWords(text: string): readonly string[] {
  return analyse(text.replace('{value}', '')).filter((word) => !commonWords.has(word))
}

describe('createOfflineTable()', () => {
  test.each(splits)('makes at least 100 questions of all kinds for %s', (split) => {
    const table = createOfflineTable({ split })
    const questions = table.flatMap((scenario) => scenario.questions)
    expect(questions.length).toBe(120)
    expect(new Set(questions.map(({ id }) => id)).size).toBe(120)
    const count = (kind: string) => questions.filter((question) => question.kind === kind).length
    expect([count('paraphrased'), count('updated'), count('unanswerable')]).toEqual([30, 45, 45])
  })

  test('is the same for the same seed and another for another', () => {
    const first = createOfflineTable({ split: 'held-out', seed: 5 })
    expect(createOfflineTable({ split: 'held-out', seed: 5 })).toEqual(first)
    expect(createOfflineTable({ split: 'held-out', seed: 6 })).not.toEqual(first)
  })

  test.each(splits)(
    'tells what it asks for, the newer last, and never what is to be declined, in %s',
    (split) => {
      const wrong = createOfflineTable({ split, seed: 3 }).flatMap(({ statements, questions }) => {
        const at = (value: string | null) =>
          value === null ? -1 : statements.findIndex((statement) => statement.includes(value))
        return questions.filter(({ expected, outdated }) => {
          const isTold = expected === null || at(expected) >= 0
          return !isTold || (outdated !== null && at(outdated) >= at(expected))
        })
      })
      expect(wrong).toEqual([])
    },
  )

  test('shares no topic, value or sentence between the splits', () => {
    const keys = [...developmentTopics, ...heldOutTopics].map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    const seen = new Set(
      developmentTopics.flatMap((topic) => [...topic.values, ...sentences(topic)]),
    )
    const shared = heldOutTopics.flatMap((topic) => [...topic.values, ...sentences(topic)])
    expect(shared.filter((text) => seen.has(text))).toEqual([])
  })

  test.each(splits)(
    'words every question of %s so that it shares a word with what was told',
    (_, topics) => {
      for (const topic of topics) {
        for (const tell of topic.tells) {
          const words = new Set(analyse(tell))
          for (const ask of topic.asks) {
            expect(
              analyse(ask).some((word) => words.has(word)),
              `${tell} / ${ask}`,
            ).toBe(true)
          }
        }
      }
    },
  )

  test.each(splits)('puts no question of %s in the words of the statement alone', (_, topics) => {
    const repeated = topics.flatMap(({ tells, asks }) =>
      asks.filter((ask) => tells.some((tell) => tell.toLowerCase().includes(ask.toLowerCase()))),
    )
    expect(repeated).toEqual([])
    expect(topics.every((topic) => topic.asks.every((ask) => contentWords(ask).length > 0))).toBe(
      true,
    )
  })

  test.each(splits)(
    'has a place for the value in every statement of %s, and values that cannot be mixed up',
    (_, topics) => {
      for (const { tells, updates, asks, nearMisses, values } of topics) {
        const statements = [...tells, ...updates]
        expect(statements.filter((text) => text.split('{value}').length !== 2)).toEqual([])
        expect([...asks, ...nearMisses].filter((text) => !text.endsWith('?'))).toEqual([])
        const inside = values.filter((value) =>
          values.some((other) => other !== value && other.includes(value)),
        )
        expect(inside).toEqual([])
      }
    },
  )
})

describe('judgeAnswer()', () => {
  const scenario: TableScenario = {
    name: 's',
    statements: ['The oven is old.', 'The oven is new.'],
    questions: [],
  }
  const known = { id: '1', kind: 'updated', text: 'q', expected: 'new', outdated: 'old' } as const
  const unknown = {
    id: '2',
    kind: 'unanswerable',
    text: 'q',
    expected: null,
    outdated: null,
  } as const

  test.each([
    ['the newest alone', known, 'You said: The oven is NEW.', true],
    ['the newest before the outdated', known, 'The oven is new. The oven is old.', true],
    ['the outdated first', known, 'The oven is old. The oven is new.', false],
    ['nothing', known, 'Nothing matches.', false],
    ['a decline', unknown, 'Nothing matches.', true],
    ['a quotation where none fits', unknown, 'You said: “The oven is old.”', false],
  ])('judges %s', (_, question, reply, right) => {
    expect(judgeAnswer(scenario, question, reply).right).toBe(right)
  })

  test('is counted by kind, with the problems in words', () => {
    const score = scoreTable([
      { question: known, ...judgeAnswer(scenario, known, 'new') },
      { question: unknown, ...judgeAnswer(scenario, unknown, 'The oven is old.') },
    ])
    expect(score).toMatchObject({ right: 1, total: 2, byKind: { updated: { right: 1, total: 1 } } })
    expect(score.problems).toEqual([expect.stringContaining('should decline')])
  })
})
