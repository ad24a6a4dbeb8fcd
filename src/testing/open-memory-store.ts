import { openStore } from '../storage/open-store.ts'
import type { OpenStoreOptions } from '../storage/store-options.ts'
import type { Store } from '../storage/store.ts'
import { MemoryDatabases } from './memory-databases.ts'

const databases = new MemoryDatabases()

/**
 * Opens a new store in memory. Its database is one that an earlier test has left and that was emptied, which takes a tenth
 * of the time of making one; the suites of the engine and of migrations do not use it.
 */
export async function openMemoryStore(
  options: Pick<OpenStoreOptions, 'clock'> = {},
): Promise<Store> {
  const connection = databases.borrow()
  const store = await openStore({
    ...options,
    location: ':memory:',
    host: 'inline',
    hooks: { connection },
  })
  let closing: Promise<void> | null = null
  async function close(): Promise<void> {
    await store.close()
    databases.giveBack(connection)
  }
  return {
    ...store,
    close() {
      closing ??= close()
      return closing
    },
  }
}
