import type { BlockVersion } from '../../domain/block.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { MemoryChangeQuery } from '../../storage/contract/memory-store.ts'
import type { Store } from '../../storage/store.ts'
import { readAll, readPages } from '../../util/read-pages.ts'

/** How much of a history is read at a time by default. */
const defaultPageSize = 1000

/** What a history is read from. */
export interface HistorySource {
  readonly store: Store
  /** How many changes or versions are read at a time. Default: 1000. */
  readonly pageSize?: number
}

/** Every change that a query asks for, newest first, however many there are. Throws as `listMemoryChanges` does. */
export async function* readChanges(
  { store, pageSize = defaultPageSize }: HistorySource,
  scope: TenantScope,
  query: Omit<MemoryChangeQuery, 'limit'>,
): AsyncGenerator<MemoryChange, void, undefined> {
  const pages = readPages<MemoryChange>({
    limit: pageSize,
    read: async (last) => {
      const place = last === undefined ? {} : { before: last.number }
      return await store.listMemoryChanges(scope, { ...query, ...place, limit: pageSize })
    },
  })
  for await (const page of pages) yield* page
}

/** Every version of a block, oldest first. Throws as `listBlockVersions` does. */
export async function readBlockVersions(
  { store, pageSize = defaultPageSize }: HistorySource,
  scope: TenantScope,
  id: string,
): Promise<readonly BlockVersion[]> {
  const versions = await readAll<BlockVersion>({
    limit: pageSize,
    read: async (oldest) => {
      const place = oldest === undefined ? {} : { beforeVersion: oldest.version }
      return await store.listBlockVersions(scope, { id, limit: pageSize, ...place })
    },
  })
  return versions.toReversed()
}
