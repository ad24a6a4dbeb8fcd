import { AppError } from '../errors/app-error.ts'
import type { Store } from './store.ts'
import type { OpenStoreOptions } from './store-options.ts'

/**
 * Opens a store, bringing its database up to date first.
 *
 * Rejects with `AppError`: `storage_newer` (the database is from a newer program), `storage_corrupt`,
 * `storage_read_only`, `storage_full`, `storage_busy`, `storage_failed`, `home_unusable` (the folder cannot be used),
 * `configuration_invalid` (the URL cannot be read), `storage_partial_copy` (a copy to it was not finished).
 * The engine is loaded only now.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const store = await openEngine(options)
  const { isPartialCopy, location } = store.description
  if (!isPartialCopy || options.acceptsPartialCopy === true) return store
  await store.close()
  throw new AppError(
    'storage_partial_copy',
    `Cannot open the database ${location}: a copy to it was interrupted, so it holds only a part, and keeps what the original forgets since. Run the same \`letta db copy\` again to finish it, or ${isDatabaseUrl(location) ? 'drop the database' : 'delete the folder'} and choose another.`,
    { data: { location } },
  )
}

async function openEngine(options: OpenStoreOptions): Promise<Store> {
  if (isDatabaseUrl(options.location)) {
    const { openPostgresStore } = await import('./postgres/open-postgres-store.ts')
    return await openPostgresStore(options)
  }
  const { openEmbeddedStore } = await import('./embedded/open-embedded-store.ts')
  return await openEmbeddedStore(options)
}

/** Whether a location is the URL of a database on a server rather than a folder. */
export function isDatabaseUrl(location: string): boolean {
  return /^postgres(?:ql)?:/i.test(location)
}
