import { describe, expect, test } from 'vitest'
import { openPostgresTestStore } from '../setup/postgres-store.ts'
import { describePostgres } from '../setup/describe-postgres.ts'
import { openMemoryStore } from '../../src/testing/open-memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { openFactMemory } from './fact-memory.ts'
import { createWorld } from './world.ts'

/** Tells a small world through the REST API and asks everything. */
async function wrongAnswers(store: Store, seed: number): Promise<readonly object[]> {
  const { tellings, questions } = createWorld({ slots: 12, seed })
  await using memory = await openFactMemory(store)
  const wrong: object[] = []
  let told = 0
  for (const question of questions) {
    for (const telling of tellings.slice(told, question.after)) {
      await memory.state(telling.day, telling)
    }
    told = Math.max(told, question.after)
    const found = await memory.look(question)
    const expected = question.answer === null ? [] : [question.answer]
    if (found.join() !== expected.join()) wrong.push({ ...question, found })
    if (question.kind !== 'now' || question.answer === null) continue
    const spoken = await memory.ask(question)
    if (spoken !== question.answer) wrong.push({ ...question, spoken })
  }
  return wrong
}

describe('freshness', () => {
  test.each([1, 2])(
    'every question of world %i is answered by what was true and known',
    async (seed) => {
      expect(await wrongAnswers(await openMemoryStore(), seed)).toEqual([])
    },
  )

  test('a world asks of all kinds, for what was told and for what was not', () => {
    const { questions, tellings } = createWorld({ slots: 40, seed: 3 })
    const count = (pick: (question: (typeof questions)[number]) => boolean): number =>
      questions.filter(pick).length
    expect(count(({ kind }) => kind === 'now')).toBe(tellings.length)
    expect(count(({ kind }) => kind === 'as-of')).toBe(160)
    expect(count(({ kind }) => kind === 'known-at')).toBe(160)
    expect(count(({ answer }) => answer === null)).toBeGreaterThan(20)
    expect(tellings.filter(({ isCorrection }) => isCorrection).length).toBeGreaterThan(10)
    expect(tellings.filter(({ until }) => until !== null).length).toBeGreaterThan(10)
  })
})

describePostgres('freshness on PostgreSQL', () => {
  test('every question of a world is answered by what was true and known', async () => {
    expect(await wrongAnswers(await openPostgresTestStore(), 1)).toEqual([])
  })
})
