import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import { openStore } from '../../storage/open-store.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

const word = 'zugheron4711x'

describePostgres('what a transaction wrote that was open while something was forgotten', () => {
  it('loses the words, too, as its end is waited for', async () => {
    await using database = await borrowDatabase()
    const other = new pg.Client({ connectionString: database.url })
    const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
    const ended: Promise<unknown>[] = []
    await using test = await createTestApp({
      store: {
        ...store,
        async purge(input) {
          if (ended.length === 0) ended.push(sleep(200).then(() => other.query('COMMIT')))
          return await store.purge(input)
        },
      },
      script: [{ text: 'Noted.' }],
    })
    const { forget } = test.app.services
    const agent = await test.createAgent()
    await test.ask(agent, `My locker opens with ${word}.`)
    const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
    const { token } = await forget.preview(defaultScope, request)
    await other.connect()
    await other.query('BEGIN')
    await other.query(
      `INSERT INTO signals (tenant_id, conversation_id, id, name, payload, created_at, sequence)
       VALUES ($1, $2, 'signal-1', 'letter', $3, 1, 1)`,
      [defaultScope.tenantId, defaultConversationId(agent.id), JSON.stringify({ word })],
    )
    const receipt = await forget.confirm(defaultScope, request, token)
    await Promise.all(ended)
    await other.end()
    expect(receipt).toMatchObject({
      state: 'done',
      counts: { 'message remove': 2, 'signal cut': 1 },
      residue: { rowsFound: 0 },
    })
    expect((await forget.preview(defaultScope, request)).items).toEqual([])
  })
})
