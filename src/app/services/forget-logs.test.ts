import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createTemporaryFolder } from '../../storage/conformance/temporary-folder.ts'
import { openStore } from '../../storage/open-store.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

const word = 'zugheron4711x'

/** Forgets a word that is in the logs of a data folder, too; returns the receipt. */
async function forgetLogged(home: string, location: string) {
  const logger = createLogger({ level: 'info', to: { home } })
  await using test = await createTestApp({
    store: await openStore({ location, folder: home }),
    logger,
    script: [{ text: 'Noted.' }],
  })
  const agent = await test.createAgent()
  await test.ask(agent, `My locker opens with ${word}.`)
  logger.info('kept')
  logger.error({ said: word }, 'Cannot do anything with it')
  for (const name of ['server.log', 'letta.log.1', 'letta.log-20261127', 'notes.txt']) {
    writeFileSync(join(home, name), `kept\nsaid ${word.toUpperCase()}\n`)
  }
  writeFileSync(join(home, 'letta.log.2.gz'), 'packed')
  const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
  const { token } = await test.app.services.forget.preview(defaultScope, request)
  return await test.app.services.forget.confirm(defaultScope, request, token)
}

function expectClean(home: string, receipt: Awaited<ReturnType<typeof forgetLogged>>): void {
  for (const name of ['letta.log', 'server.log', 'letta.log.1', 'letta.log-20261127']) {
    const text = readFileSync(join(home, name), 'utf8')
    expect(text.toLowerCase(), name).not.toContain(word)
    expect(text, name).toContain('kept')
  }
  expect(receipt).toMatchObject({ state: 'done', cleaning: { logLines: 4 } })
  expect(receipt.residue).toMatchObject({ rowsFound: 0, filesFound: 1 })
  expect(receipt.residue?.filesSearched).toBeGreaterThan(5)
  expect(receipt.outside).toContain('letta.log.2.gz')
  expect(receipt.outside).toContain('notes.txt in the data folder')
}

describe('forgetting cleans the logs of the data folder and names what else holds the words', () => {
  it('with the database in it', async () => {
    const folder = await createTemporaryFolder()
    expectClean(folder.path, await forgetLogged(folder.path, folder.path))
    await folder.remove()
  })

  describePostgres('and', () => {
    it('with the database on a server', async () => {
      const folder = await createTemporaryFolder()
      await using database = await borrowDatabase()
      const receipt = await forgetLogged(folder.path, database.url)
      expectClean(folder.path, receipt)
      expect(existsSync(join(folder.path, 'letta.db'))).toBe(false)
      expect(receipt.outside.join()).toContain('write-ahead log')
      await folder.remove()
    })
  })
})
