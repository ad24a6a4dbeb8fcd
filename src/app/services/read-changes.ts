import type { BlockVersion } from '../../domain/block.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { MemoryChangeQuery } from '../../storage/contract/memory-store.ts'
import type { Store } from '../../storage/store.ts'

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
  query: Omit<MemoryChangeQuery, 'limit' | 'before'>,
): AsyncGenerator<MemoryChange, void, undefined> {
  let before: number | undefined
  for (;;) {
    const place = before === undefined ? {} : { before }
    const page = await store.listMemoryChanges(scope, { ...query, ...place, limit: pageSize })
    yield* page
    before = page.at(-1)?.number
    if (page.length < pageSize) return
  }
}

/** Every version of a block, oldest first. Throws as `listBlockVersions` does. */
export async function readBlockVersions(
  { store, pageSize = defaultPageSize }: HistorySource,
  scope: TenantScope,
  id: string,
): Promise<readonly BlockVersion[]> {
  const versions: BlockVersion[] = []
  for (;;) {
    const oldest = versions.at(-1)
    const place = oldest === undefined ? {} : { beforeVersion: oldest.version }
    const page = await store.listBlockVersions(scope, { id, limit: pageSize, ...place })
    versions.push(...page)
    if (page.length < pageSize) return versions.toReversed()
  }
}
