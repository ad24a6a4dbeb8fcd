import { expect, test } from 'vitest'
import { createCanary } from '../storage/conformance/canary.ts'
import { World } from '../storage/conformance/world.ts'
import type { Connection } from '../storage/embedded/connection.ts'
import { openStore } from '../storage/open-store.ts'
import { MemoryDatabases } from './memory-databases.ts'

/** Every row of every table; of the pages of the index their numbers, as they count how often its settings changed. */
function readEverything(connection: Connection): readonly (readonly [unknown, unknown])[] {
  const tables = connection.all(
    `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')`,
  )
  return tables.map(([name]) => {
    const columns = name === 'search_index_data' ? 'id' : '*'
    return [name, connection.all(`SELECT ${columns} FROM ${String(name)}`)]
  })
}

test('MemoryDatabases lends a database that came back as if it had just been made', async () => {
  const databases = new MemoryDatabases()
  const connection = databases.borrow()
  const before = readEverything(connection)
  const store = await openStore({ location: ':memory:', hooks: { connection } })
  await createCanary(new World(store))
  await store.close()
  expect(readEverything(connection)).not.toEqual(before)
  databases.giveBack(connection)
  expect(databases.borrow()).toBe(connection)
  expect(readEverything(connection)).toEqual(before)
})

test('MemoryDatabases lends no database to two at once', () => {
  const databases = new MemoryDatabases()
  const [one, two] = [databases.borrow(), databases.borrow()]
  expect(one).not.toBe(two)
})
