import { Connection } from '../storage/embedded/connection.ts'
import { migrate } from '../storage/embedded/migrate.ts'
import { openStore } from '../storage/open-store.ts'
import type { OpenStoreOptions } from '../storage/store-options.ts'
import type { Store } from '../storage/store.ts'

/** A database with every table and nothing in it, made once for all tests of a process. */
let image: Uint8Array | null = null

/**
 * Opens a new store in memory. It begins as a copy of a prepared database, which takes a tenth of the time that making its
 * tables anew would; the suites of the engine and of migrations do not use it.
 */
export async function openMemoryStore(
  options: Pick<OpenStoreOptions, 'clock'> = {},
): Promise<Store> {
  image ??= prepareImage()
  return await openStore({ ...options, location: ':memory:', host: 'inline', hooks: { image } })
}

function prepareImage(): Uint8Array {
  const connection = new Connection(':memory:')
  try {
    migrate(connection, { backupFolder: null, now: Date.now() })
    return connection.serialize()
  } finally {
    connection.close()
  }
}
