import { beforeAll, describe, expect, it } from 'vitest'
import { messageText } from '../../src/domain/message.ts'
import type { ModelSettings } from '../../src/llm/model-settings.ts'
import { openMemoryStore } from '../../src/testing/open-memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { createTestApp, type TestApp } from '../../src/testing/create-test-app.ts'
import { lastText } from '../../src/testing/run-frames.ts'
import { judgeAnswer, scoreTable } from '../offline-table/judge-answer.ts'
import { createOfflineTable, type TableScenario } from '../offline-table/offline-table.ts'
import { describePostgres } from '../setup/describe-postgres.ts'
import { isWholeRun } from '../setup/is-whole-run.ts'
import { openPostgresTestStore } from '../setup/postgres-store.ts'

/** Nothing in the environment: what a first run has. */
const noProviders: ModelSettings = { providers: [], defaultModel: null, routes: [] }

const scenarios = createOfflineTable({ split: 'held-out' })

/** What each agent on the embedded engine answered, in the order of the scenarios. */
const answersOnSqlite: (readonly string[])[] = []

beforeAll(async () => {
  answersOnSqlite.length = 0
  for (const scenario of scenarios) {
    const store = await openMemoryStore()
    answersOnSqlite.push(await playScenario(store, scenario))
  }
}, 40_000)

/** Tells one agent its statements and asks its questions, a minute apart; returns the answers to the questions. */
async function playScenario(store: Store, scenario: TableScenario): Promise<readonly string[]> {
  await using test = await createTestApp({ models: noProviders, store })
  const agent = await test.createAgent()
  for (const statement of scenario.statements) await askLater(test, agent, statement)
  const answers: string[] = []
  for (const { text } of scenario.questions) answers.push(await askLater(test, agent, text))
  return answers
}

async function askLater(
  test: TestApp,
  agent: Parameters<TestApp['ask']>[0],
  text: string,
): Promise<string> {
  await test.clock.advance(60_000)
  return lastText(await test.ask(agent, text))
}

describe('the offline mode over 120 generated questions that nothing was chosen on', () => {
  it('answers four of five, and most of each kind', () => {
    const judged = scenarios.flatMap((scenario, number) =>
      scenario.questions.map((question, index) => ({
        question,
        ...judgeAnswer(scenario, question, answersOnSqlite[number]?.[index] ?? ''),
      })),
    )
    const score = scoreTable(judged)
    const share = (counts: { readonly right: number; readonly total: number }): number =>
      counts.right / counts.total
    expect(score.total).toBe(120)
    expect(share(score), score.problems.join('\n')).toBeGreaterThanOrEqual(0.8)
    expect(share(score.byKind.paraphrased)).toBeGreaterThanOrEqual(0.8)
    expect(share(score.byKind.updated)).toBeGreaterThanOrEqual(0.8)
    expect(share(score.byKind.unanswerable)).toBeGreaterThanOrEqual(0.7)
  })

  it('declines when nothing was told at all', async () => {
    await using test = await createTestApp({ models: noProviders })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'When does the ferry leave?')
    const answer = frames.findLast((frame) => frame.message?.role === 'assistant')?.message
    expect(answer === null || answer === undefined ? '' : messageText(answer)).toContain(
      'Nothing told to me before matches',
    )
  })
})

/** What both engines are asked: `.ci/run` all of it, else a third. */
const comparedScenarios = scenarios
  .map((scenario, number) => ({ ...scenario, number }))
  .filter(({ number }) => isWholeRun() || number % 3 === 0)

describePostgres('the offline mode over the same questions, on PostgreSQL', () => {
  it.each(comparedScenarios)(
    'answers $name word for word as on the embedded engine',
    async (scenario) => {
      const answers = await playScenario(await openPostgresTestStore(), scenario)
      expect(answers).toEqual(answersOnSqlite[scenario.number])
      expect(answers).toHaveLength(scenario.questions.length)
    },
  )
})
