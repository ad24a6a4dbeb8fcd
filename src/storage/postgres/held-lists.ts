import { countedUpTo } from '../contract/search-store.ts'

/** The texts of one thread that hold a term and all pass a filter, or all fail it. */
export interface ThreadList {
  readonly thread: string
  readonly isEligible: boolean
  /** The sequence of each text. */
  readonly numbers: readonly number[]
  /** Where each stands; null when they stand nowhere. */
  readonly places: readonly number[] | null
}

/** The texts of a scope that hold a term. */
export interface TermList {
  /** How many there are. From {@link countedUpTo} on they are not listed. */
  readonly texts: number
  readonly threads: readonly ThreadList[]
}

/** The state of a scope that lists are true of. */
export interface ListsVersion {
  readonly removed: number
  readonly documentCount: number
  /** Up to where sequences were given away in the tenant: what comes later has a greater one. */
  readonly lastSequence: number
}

/** A text that came to a scope since its lists were read. */
export interface Newcomer extends Pick<ThreadList, 'thread' | 'isEligible'> {
  readonly number: number
  readonly place: number | null
  /** The keys of its terms. */
  readonly keys: ReadonlySet<string>
}

/** Lists of some terms, by their keys. */
export interface KnownLists {
  /** Null when none are held. */
  readonly version: ListsVersion | null
  readonly lists: ReadonlyMap<string, TermList>
}

/** Lists as a search has them. */
export interface ReadLists extends KnownLists {
  readonly version: ListsVersion
  /** What came to those that it knew before; null when these are true no more. */
  readonly newcomers: readonly Newcomer[] | null
}

interface HeldScope {
  version: ListsVersion
  readonly lists: Map<string, TermList>
  bytes: number
}

/** Up to how many newcomers are added to lists; with more, the lists are read anew. */
export const mostNewcomers = 200

/** Roughly how many bytes of lists are held by default. */
const usualMostBytes = 16 * 1024 * 1024

/** Roughly what a text takes in a list, a list of a thread, and a scope without lists, in bytes. */
const [textBytes, threadBytes, scopeBytes] = [16, 200, 600]

/**
 * Lists of terms that were searched lately, between the searches of one process: numbers, no words. Those of a scope are true of
 * one version of it. A search that finds the scope grown adds what came, and one that finds that something was removed reads all anew, so
 * it does not matter which process wrote. The scopes searched longest ago go first when there is no room.
 */
export class HeldLists {
  readonly #scopes = new Map<string, HeldScope>()
  readonly #mostBytes: number
  #bytes = 0

  /** Holds roughly `mostBytes`. Default: 16 MiB. */
  constructor(mostBytes = usualMostBytes) {
    this.#mostBytes = mostBytes
  }

  /** Roughly what is held, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Those of some terms that are held under a name, which stands for a scope and a filter. */
  known(name: string, keys: readonly string[]): KnownLists {
    const scope = this.#scopes.get(name)
    if (scope === undefined) return { version: null, lists: new Map() }
    const found = keys.flatMap((key) => {
      const list = scope.lists.get(key)
      return list === undefined ? [] : [[key, list] as const]
    })
    return { version: scope.version, lists: new Map(found) }
  }

  /**
   * Holds what a search has read. `before` is what it knew; when another search has brought the lists to another version
   * meanwhile, nothing is taken in.
   */
  keep(name: string, before: KnownLists, { version, lists, newcomers }: ReadLists): void {
    const known = this.#scopes.get(name)
    if ((known?.version ?? null) !== before.version) return
    this.drop(name)
    const isContinued = known !== undefined && newcomers !== null
    const scope = isContinued ? known : { version, lists: new Map(), bytes: scopeBytes }
    if (isContinued && newcomers.length > 0) {
      scope.version = version
      addToOthers(scope, lists, newcomers)
    }
    for (const [key, list] of lists) put(scope, key, list)
    this.#scopes.set(name, scope)
    this.#bytes += scope.bytes
    this.#makeRoom()
  }

  /** Lets go of what is held under a name. */
  drop(name: string): void {
    this.#bytes -= this.#scopes.get(name)?.bytes ?? 0
    this.#scopes.delete(name)
  }

  #makeRoom(): void {
    for (const [name, scope] of this.#scopes) {
      if (this.#bytes <= this.#mostBytes) return
      if (this.#scopes.size > 1) this.drop(name)
      else this.#shorten(scope)
    }
  }

  /** Lets go of the lists of a scope that were read first. */
  #shorten(scope: HeldScope): void {
    for (const key of scope.lists.keys()) {
      if (this.#bytes <= this.#mostBytes) return
      this.#bytes -= remove(scope, key)
    }
  }
}

/** A list with those newcomers that hold its term. It stays as it is for whoever has it. */
export function withNewcomers(
  list: TermList,
  key: string,
  newcomers: readonly Newcomer[],
): TermList {
  const holders = newcomers.filter(({ keys }) => keys.has(key))
  if (holders.length === 0) return list
  const threads = [...list.threads]
  const groups = Map.groupBy(holders, ({ thread, isEligible, place }) =>
    [isEligible, place === null, thread].join(' '),
  )
  for (const group of groups.values()) {
    const index = threads.findIndex((each) => belongsTo(each, group[0]))
    const thread = joined(threads[index], group)
    if (index === -1) threads.push(thread)
    else threads[index] = thread
  }
  return { texts: list.texts + holders.length, threads }
}

function belongsTo(list: ThreadList, newcomer: Newcomer | undefined): boolean {
  return (
    list.thread === newcomer?.thread &&
    list.isEligible === newcomer.isEligible &&
    (list.places === null) === (newcomer.place === null)
  )
}

/** A list with newcomers that belong to it, of which there is at least one. */
function joined(list: ThreadList | undefined, newcomers: readonly Newcomer[]): ThreadList {
  const [{ thread, isEligible, place }] = newcomers as [Newcomer]
  const places = newcomers.map((newcomer) => newcomer.place ?? 0)
  return {
    thread,
    isEligible,
    numbers: [...(list?.numbers ?? []), ...newcomers.map(({ number }) => number)],
    places: place === null ? null : [...(list?.places ?? []), ...places],
  }
}

/** Brings the lists that a search did not ask for up to what came; `asked` are the ones it did. */
function addToOthers(
  scope: HeldScope,
  asked: ReadonlyMap<string, TermList>,
  newcomers: readonly Newcomer[],
): void {
  const others = [...scope.lists].filter(([key]) => !asked.has(key))
  for (const [key, list] of others) {
    const grown = withNewcomers(list, key, newcomers)
    if (grown !== list) put(scope, key, grown)
  }
}

/** Puts a list, unless its term is too common to be listed. */
function put(scope: HeldScope, key: string, list: TermList): void {
  remove(scope, key)
  if (list.texts >= countedUpTo) return
  scope.lists.set(key, list)
  scope.bytes += bytesOf(list)
}

function remove(scope: HeldScope, key: string): number {
  const list = scope.lists.get(key)
  const bytes = list === undefined ? 0 : bytesOf(list)
  scope.lists.delete(key)
  scope.bytes -= bytes
  return bytes
}

function bytesOf({ threads }: TermList): number {
  return threads.reduce(
    (sum, { numbers }) => sum + threadBytes + textBytes * numbers.length,
    threadBytes,
  )
}
