import type { TenantScope } from '../../domain/scope.ts'
import type { Clock } from '../../util/clock.ts'
import type {
  ScopeVersion,
  SearchStore,
  TextOwner,
  TextPage,
} from '../../storage/contract/search-store.ts'
import { LargeCounts } from './large-counts.ts'
import { TextTable } from './text-table.ts'

/** Texts of agents and archives that were searched lately, held between searches by one process. */
export interface TextMemory {
  /** How many texts there were in scopes that had too many; noted by whoever searches them. */
  readonly large: LargeCounts
  /**
   * All texts of a scope as they are stored now, or how many there are when that is more than `completeUpTo`. What came
   * since the last time is read; after a removal, all are. Rejects with what the store rejects with.
   */
  read(place: TextPlace, wanted: WantedTexts): Promise<WholeScope | LargeScope>
  /** Lets go of all texts of a tenant at once, as some of them were forgotten. */
  drop(tenantId: string): void
}

/** How a {@link TextMemory} is made. */
export interface TextMemoryOptions {
  /** Roughly how many bytes of texts are held. Default: 64 MiB. */
  readonly mostBytes?: number
  /**
   * By which texts are let go that nobody has searched for five minutes, also because another process may have forgotten
   * some of them. Default: they are held until there is no room.
   */
  readonly clock?: Clock
}

/** Where texts are read. */
export interface TextPlace {
  readonly store: Pick<SearchStore, 'readTexts'>
  readonly scope: TenantScope
}

/** Whose texts are wanted. */
export interface WantedTexts {
  readonly owner: TextOwner
  readonly completeUpTo: number
  /** Passages with these tags are told; empty = no matter. */
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
}

/** All texts of a scope. They are true until anything is awaited. */
export interface WholeScope {
  readonly table: TextTable
  /** The passages with the tags that were asked for; null where none were. */
  readonly tagged: ReadonlySet<string> | null
}

/** A scope with more texts than are read. */
export interface LargeScope {
  readonly table: null
  readonly documentCount: number
}

/** The texts that are held of one agent or archive. */
interface HeldTexts {
  readonly tenantId: string
  readonly version: ScopeVersion
  readonly table: TextTable
  /** The largest `completeUpTo` they were asked for with: a request that wants fewer says nothing about them. */
  readonly mostTexts: number
  /** When they were searched last; 0 without a clock. */
  readonly usedAt: number
}

/** After how long without a search texts are let go, in milliseconds. */
const idleMs = 5 * 60_000

/** Roughly how many bytes of texts are held by default. */
const defaultMostBytes = 64 * 1024 * 1024

/** How many texts are read at a time, so that other work gets its turn in between. */
const pageSize = 1000

/** After how many pages reading gives up: texts are then removed faster than they are read. */
const mostPages = 1000

/** Makes a memory that holds nothing yet; the texts searched longest ago go when it is full. */
export function createTextMemory(options: TextMemoryOptions = {}): TextMemory {
  const { mostBytes = defaultMostBytes, clock } = options
  const held = new Map<string, HeldTexts>()
  /** Grows when texts are dropped: what was read before that is not taken in any more. */
  let age = 0
  let isWatching = false

  /** Lets go of what nobody searches, as long as there is anything. */
  async function watchIdle(given: Clock): Promise<void> {
    if (isWatching) return
    isWatching = true
    while (held.size > 0) {
      await given.sleep(idleMs)
      for (const [key, { usedAt }] of held) {
        if (usedAt + idleMs <= given.now()) held.delete(key)
      }
    }
    isWatching = false
  }

  function keep(key: string, texts: HeldTexts): void {
    held.delete(key)
    held.set(key, texts)
    let bytes = held.values().reduce((sum, { table }) => sum + table.bytes, 0)
    for (const [oldest, { table }] of held) {
      if (bytes <= mostBytes || oldest === key) break
      held.delete(oldest)
      bytes -= table.bytes
    }
  }

  /** Takes a page in; the texts with it, or null when another search has changed them meanwhile. */
  function add(
    whose: {
      readonly key: string
      readonly tenantId: string
      readonly isAlone: boolean
      readonly mostTexts: number
    },
    known: { readonly version: ScopeVersion | null; readonly age: number },
    page: TextPage,
  ): TextTable | null {
    const { key, tenantId, isAlone } = whose
    const before = held.get(key)
    const isStale = known.age !== age || !isSame(before?.version ?? null, known.version)
    if (page.version === null || isStale) return null
    const table = page.isContinued && before !== undefined ? before.table : new TextTable()
    for (const text of page.texts) {
      if (isAlone) table.addAlone(text)
      else table.add(text)
    }
    const mostTexts = Math.max(whose.mostTexts, before?.mostTexts ?? 0)
    keep(key, { tenantId, version: page.version, table, mostTexts, usedAt: clock?.now() ?? 0 })
    if (clock !== undefined) void watchIdle(clock)
    return table
  }

  return {
    large: new LargeCounts(),
    async read({ store, scope }, { owner, ...wanted }) {
      const key = JSON.stringify([scope.tenantId, owner])
      let isAnew = false
      for (let count = 0; count < mostPages; count += 1) {
        const known = { version: held.get(key)?.version ?? null, age }
        const page = await store.readTexts(scope, {
          owner,
          known: known.version,
          limit: pageSize,
          ...wanted,
        })
        const tagged = page.tagged === null ? null : new Set(page.tagged)
        if (page.version === null) {
          if (isOutgrown(held.get(key), page)) held.delete(key)
          const { documentCount } = page
          return documentCount > 0
            ? { table: null, documentCount }
            : { table: new TextTable(), tagged }
        }
        const whose = {
          key,
          tenantId: scope.tenantId,
          isAlone: owner.kind === 'facts',
          mostTexts: wanted.completeUpTo,
        }
        const table = add(whose, known, page)
        isAnew ||= !page.isContinued
        if (table === null || !page.isCurrent) continue
        // A text that was put back to where it stood before is not among those that came since.
        if (isAnew || table.size === page.documentCount) return { table, tagged }
        held.delete(key)
      }
      throw new Error('the texts of a scope changed faster than they could be read')
    },
    drop(tenantId) {
      age += 1
      for (const [key, texts] of held) if (texts.tenantId === tenantId) held.delete(key)
    },
  }
}

/** Whether what is held of a scope is of no use to anybody: it is empty now, or larger than was ever asked for. */
function isOutgrown(texts: HeldTexts | undefined, { documentCount }: TextPage): boolean {
  return documentCount === 0 || documentCount > (texts?.mostTexts ?? 0)
}

function isSame(left: ScopeVersion | null, right: ScopeVersion | null): boolean {
  if (left === null || right === null) return left === right
  return (
    left.scopeToken === right.scopeToken &&
    left.documentCount === right.documentCount &&
    left.removed === right.removed &&
    left.lastSequence === right.lastSequence
  )
}
