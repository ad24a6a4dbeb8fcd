import { AppError } from '../../src/errors/app-error.ts'
import type { Store } from '../../src/storage/store.ts'

/** What may go wrong with one call. */
export type Fault =
  /** Nothing happened, and the caller is told. */
  | 'error-before'
  /** It happened, and the caller is told that it failed: a connection lost at the wrong moment. */
  | 'error-after'
  /** The process dies before the call reaches the store. */
  | 'crash-before'
  /** The process dies after the commit, before it hears of it. */
  | 'crash-after'
  /** The process hangs for so long that its lease expires, then goes on. */
  | 'stall'

/** One life of the process on a store that outlives it. */
export interface Incarnation {
  /** The store as this life sees it. */
  readonly store: Store
  /** Whether it has died. */
  readonly isDead: () => boolean
  /** Lets a stalled life go on. */
  readonly wake: () => void
}

/** How a life on a store goes. */
export interface IncarnationOptions {
  readonly shared: Store
  /** Its name as lease owner. */
  readonly owner: string
  /** Owners whose process is known to be gone. */
  readonly deadOwners: ReadonlySet<string>
  /** What goes wrong with the call of this number and name; null = nothing. */
  readonly faultAt: (call: number, operation: string) => Fault | null
}

const never = new Promise<never>(() => undefined)

/** Wraps a store for one life of a process. After its death nothing it waits for ever comes. */
export function createIncarnation(options: IncarnationOptions): Incarnation {
  const { shared, owner } = options
  let calls = 0
  let dead = false
  const stalled = Promise.withResolvers<void>()

  async function call(name: string, run: () => Promise<unknown>): Promise<unknown> {
    if (dead) return await never
    // Looking for work is most of what an idle process does; faults are for what it does then.
    const isIdle = name === 'listOpenWork'
    if (!isIdle) calls += 1
    const fault = isIdle ? null : options.faultAt(calls, name)
    if (fault === 'error-before') throw lost(name)
    if (fault === 'crash-before') dead = true
    if (dead) return await never
    if (fault === 'stall') await stalled.promise
    const result = await run()
    if (fault === 'crash-after') dead = true
    if (dead) return await never
    if (fault === 'error-after') throw lost(name)
    return result
  }

  const store = new Proxy(shared, {
    get(target, key, receiver) {
      if (key === 'description') return { ...target.description, owner }
      if (key === 'ownerState') {
        return (other: string) =>
          Promise.resolve(options.deadOwners.has(other) ? 'dead' : 'unknown')
      }
      if (key === 'close') return () => Promise.resolve()
      const member: unknown = Reflect.get(target, key, receiver)
      if (typeof member !== 'function' || key === 'watch') return member
      return (...given: unknown[]) =>
        call(String(key), () => Reflect.apply(member, target, given) as Promise<unknown>)
    },
  })
  return { store, isDead: () => dead, wake: stalled.resolve }
}

function lost(operation: string): AppError {
  return new AppError('storage_failed', `Cannot ${operation}: the connection was lost. Try again.`)
}
