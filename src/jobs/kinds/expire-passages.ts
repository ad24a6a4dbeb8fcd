import type { Archive, Passage } from '../../domain/archive.ts'
import { isEndless, isExpired, retentionOf } from '../../domain/retention.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Store } from '../../storage/store.ts'
import { readAll, readPages } from '../../util/read-pages.ts'

/** How many passages are read at a time. */
const pageSize = 200

/** How many passages are forgotten in one transaction by default. */
const defaultBatch = 500

/** For how long it is waited until an agent is at rest, in milliseconds: after that passages go while it works. */
const patienceMs = 10 * 60_000

/** How many transactions one call makes at most. */
const mostBatches = 20

/** What {@link expirePassages} needs. */
export interface ExpireParts {
  readonly store: Store
  /** Forgets passages for good, with a receipt. `conflict` while an agent that has them is at work, unless `besideTurns`. */
  readonly forgetPassages: (
    scope: TenantScope,
    ids: readonly string[],
    options: { readonly besideTurns: boolean },
  ) => Promise<void>
  /** How many passages are forgotten in one transaction. Default: 500. */
  readonly expiryBatch?: number
}

/** How far {@link expirePassages} came. */
export interface ExpiryProgress {
  /** How many passages were forgotten. */
  readonly passages: number
  /** How many archives are still to be looked through. */
  readonly waiting: number
  /** How many archives had an agent at work, so that nothing of them could be forgotten. */
  readonly busy: number
  /** Since when these archives have had an agent at work whenever they were looked through, by their identifiers. */
  readonly busySince: Readonly<Record<string, number>>
  /** The archive that is next; null = all were looked through. */
  readonly next: string | null
}

/**
 * Forgets passages of a tenant whose archives say that they were kept long enough: of each archive one batch in turn, so that
 * a large one holds up no other, and not more than some batches at a time. `from` is where the last call ended, and `busySince`
 * what it found busy: an agent that is never at rest does not keep passages for ever.
 */
export async function expirePassages(
  parts: ExpireParts,
  scope: TenantScope,
  given: Pick<ExpiryProgress, 'busySince'> & {
    readonly now: number
    readonly signal: AbortSignal
    readonly from: string | null
  },
): Promise<ExpiryProgress> {
  const { store, forgetPassages, expiryBatch = defaultBatch } = parts
  const { now, signal, from } = given
  let { busySince } = given
  const queue = beginAt(await listArchives(store, scope), from)
  let passages = 0
  let busy = 0
  for (let batches = 0; queue.length > 0 && batches < mostBatches;) {
    signal.throwIfAborted()
    const [archive] = queue.splice(0, 1)
    if (archive === undefined) break
    const ids = await findExpired(store, scope, { archive, now, limit: expiryBatch })
    const { [archive.id]: since = now, ...others } = busySince
    if (ids.length === 0) {
      busySince = others
      continue
    }
    batches += 1
    const forget = (besideTurns: boolean): Promise<boolean> =>
      isForgotten(() => forgetPassages(scope, ids, { besideTurns }))
    const isQuiet = await forget(false)
    busySince = isQuiet ? others : { ...others, [archive.id]: since }
    if (!isQuiet && (now < since + patienceMs || !(await forget(true)))) {
      busy += 1
      continue
    }
    passages += ids.length
    if (ids.length === expiryBatch) queue.push(archive)
  }
  return { passages, waiting: queue.length, busy, busySince, next: queue[0]?.id ?? null }
}

/** False while an agent that has them is at work. */
async function isForgotten(forget: () => Promise<void>): Promise<boolean> {
  try {
    await forget()
    return true
  } catch (error) {
    if (isAppError(error, 'conflict')) return false
    throw error
  }
}

/** The archives from one on, then those before it; from the first on where that one is gone. */
function beginAt(archives: readonly Archive[], from: string | null): Archive[] {
  const first = Math.max(
    0,
    archives.findIndex(({ id }) => id === from),
  )
  return [...archives.slice(first), ...archives.slice(0, first)]
}

/** The archives whose passages are not kept for ever. */
async function listArchives(store: Store, scope: TenantScope): Promise<readonly Archive[]> {
  const archives = await readAll<Archive>({
    limit: pageSize,
    read: async (last) =>
      await store.listArchives(scope, { page: { order: 'asc', ...pageAfter(last) } }),
  })
  return archives.filter((archive) => !isEndless(retentionOf(archive)))
}

/** Some passages of an archive whose time is over, those stored first before the others. */
async function findExpired(
  store: Store,
  scope: TenantScope,
  given: { readonly archive: Archive; readonly now: number; readonly limit: number },
): Promise<readonly string[]> {
  const { archive, now, limit } = given
  const retention = retentionOf(archive)
  const ids: string[] = []
  const pages = readPages<Passage>({
    limit: pageSize,
    read: async (last) =>
      await store.listPassages(scope, {
        archiveId: archive.id,
        order: 'asc',
        ...pageAfter(last),
      }),
  })
  for await (const page of pages) {
    ids.push(...page.filter((passage) => isExpired(passage, retention, now)).map(({ id }) => id))
    if (ids.length >= limit) break
  }
  return ids.slice(0, limit)
}

function pageAfter(last: { readonly id: string } | undefined): {
  readonly limit: number
  readonly after?: string
} {
  return { limit: pageSize, ...(last !== undefined && { after: last.id }) }
}
