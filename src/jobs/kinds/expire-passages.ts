import type { Archive } from '../../domain/archive.ts'
import { isEndless, isExpired, retentionOf } from '../../domain/retention.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Store } from '../../storage/store.ts'

/** How many passages are read, and forgotten, at a time. */
const batch = 200

/** What {@link expirePassages} needs. */
export interface ExpireParts {
  readonly store: Store
  /** Forgets passages for good, with a receipt. */
  readonly forgetPassages: (scope: TenantScope, ids: readonly string[]) => Promise<void>
}

/** Forgets the passages of a tenant whose archives say that they were kept long enough; returns how many. */
export async function expirePassages(
  { store, forgetPassages }: ExpireParts,
  scope: TenantScope,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<number> {
  /** False while an agent that has them is at work; they are looked at again the next time. */
  const tryForget = async (ids: readonly string[]): Promise<boolean> => {
    try {
      await forgetPassages(scope, ids)
      return true
    } catch (error) {
      if (isAppError(error, 'conflict')) return false
      throw error
    }
  }
  let total = 0
  for await (const archive of eachArchive(store, scope)) {
    const ids = await findExpired(store, scope, { archive, now })
    for (let start = 0; start < ids.length; start += batch) {
      signal.throwIfAborted()
      const part = ids.slice(start, start + batch)
      if (await tryForget(part)) total += part.length
    }
  }
  return total
}

/** The archives whose passages are not kept for ever. */
async function* eachArchive(store: Store, scope: TenantScope): AsyncGenerator<Archive, void> {
  let after: string | undefined
  for (;;) {
    const place = after === undefined ? {} : { after }
    const archives = await store.listArchives(scope, {
      page: { limit: batch, order: 'asc', ...place },
    })
    yield* archives.filter((archive) => !isEndless(retentionOf(archive)))
    after = archives.at(-1)?.id
    if (archives.length < batch) return
  }
}

async function findExpired(
  store: Store,
  scope: TenantScope,
  { archive, now }: { readonly archive: Archive; readonly now: number },
): Promise<readonly string[]> {
  const retention = retentionOf(archive)
  const ids: string[] = []
  let after: string | undefined
  for (;;) {
    const place = after === undefined ? {} : { after }
    const query = { archiveId: archive.id, limit: batch, order: 'asc', ...place } as const
    const page = await store.listPassages(scope, query)
    ids.push(...page.filter((passage) => isExpired(passage, retention, now)).map(({ id }) => id))
    after = page.at(-1)?.id
    if (page.length < batch) return ids
  }
}
