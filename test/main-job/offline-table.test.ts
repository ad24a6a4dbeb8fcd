import { describe, expect, it } from 'vitest'
import { messageText } from '../../src/domain/message.ts'
import type { ModelSettings } from '../../src/llm/model-settings.ts'
import { createTestApp, type TestApp } from '../../src/testing/create-test-app.ts'
import { lastText } from '../../src/testing/run-frames.ts'
import {
  type JudgedQuestion,
  judgeAnswer,
  scoreTable,
  type TableScore,
} from '../offline-table/judge-answer.ts'
import {
  createOfflineTable,
  type TableScenario,
  type TableSplit,
} from '../offline-table/offline-table.ts'

/** Nothing in the environment: what a first run has. */
const noProviders: ModelSettings = { providers: [], defaultModel: null, routes: [] }

/** Tells one agent its statements, asks its questions, a minute apart, and judges the answers. */
async function playScenario(scenario: TableScenario): Promise<readonly JudgedQuestion[]> {
  await using test = await createTestApp({ models: noProviders })
  const agent = await test.createAgent()
  for (const statement of scenario.statements) await askLater(test, agent, statement)
  const judged: JudgedQuestion[] = []
  for (const question of scenario.questions) {
    const reply = await askLater(test, agent, question.text)
    judged.push({ question, ...judgeAnswer(scenario, question, reply) })
  }
  return judged
}

async function askLater(
  test: TestApp,
  agent: Parameters<TestApp['ask']>[0],
  text: string,
): Promise<string> {
  await test.clock.advance(60_000)
  return lastText(await test.ask(agent, text))
}

async function scoreOf(split: TableSplit): Promise<TableScore> {
  const judged: JudgedQuestion[] = []
  for (const scenario of createOfflineTable({ split }))
    judged.push(...(await playScenario(scenario)))
  return scoreTable(judged)
}

describe('the offline mode over 120 generated questions that nothing was chosen on', () => {
  it('answers four of five, and most of each kind', async () => {
    const score = await scoreOf('held-out')
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
