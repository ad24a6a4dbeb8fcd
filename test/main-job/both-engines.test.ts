import { expect, it } from 'vitest'
import type { ModelSettings } from '../../src/llm/model-settings.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { createTestApp } from '../../src/testing/create-test-app.ts'
import { lastText } from '../../src/testing/run-frames.ts'
import { createOfflineTable, type TableScenario } from '../offline-table/offline-table.ts'
import { describePostgres } from '../setup/describe-postgres.ts'
import { createTestDatabase } from '../setup/postgres-server.ts'

const noProviders: ModelSettings = { providers: [], defaultModel: null, routes: [] }

/** Every answer of one agent that is told a scenario's statements and asked its questions, a minute apart. */
async function playScenario(location: string, scenario: TableScenario): Promise<readonly string[]> {
  const store = await openStore({ location, hooks: { leaseClockOffset: 0 } })
  await using test = await createTestApp({ models: noProviders, store })
  const agent = await test.createAgent()
  const answers: string[] = []
  for (const text of [...scenario.statements, ...scenario.questions.map((each) => each.text)]) {
    await test.clock.advance(60_000)
    answers.push(lastText(await test.ask(agent, text)))
  }
  return answers
}

describePostgres('the offline mode on PostgreSQL', () => {
  it.each(createOfflineTable({ split: 'held-out', scenarios: 4 }))(
    'answers $name word for word as on the embedded engine',
    async (scenario) => {
      await using database = await createTestDatabase()
      const expected = await playScenario(':memory:', scenario)
      expect(await playScenario(database.url, scenario)).toEqual(expected)
      expect(expected.join('')).not.toBe('')
    },
  )
})
