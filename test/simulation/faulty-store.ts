import { AppError } from '../../src/errors/app-error.ts'
import type { Store } from '../../src/storage/store.ts'
import type { Clock } from '../../src/util/clock.ts'

/** What may go wrong with one call: to the store, to the model, or to a tool. */
export type Fault =
  /** Nothing happened, and the caller is told. */
  | 'error-before'
  /** It happened, and the caller is told that it failed: a connection lost at the wrong moment. */
  | 'error-after'
  /** The process dies before the call reaches its target. */
  | 'crash-before'
  /** The process dies after it was done, before it hears of it. */
  | 'crash-after'
  /** The process hangs for so long that its lease expires, then goes on. */
  | 'stall'
  /** It takes some seconds. */
  | 'delay'

/** One life of the process on a store that outlives it. */
export interface Incarnation {
  /** The store as this life sees it. */
  readonly store: Store
  /** Makes a call to something else, which may go wrong as those to the store do. */
  call<Result>(name: string, run: () => Promise<Result>): Promise<Result>
  /** Whether it has died. */
  readonly isDead: () => boolean
  /** Lets a stalled life go on. */
  readonly wake: () => void
}

/** How a life on a store goes. */
export interface IncarnationOptions {
  readonly shared: Store
  readonly clock: Clock
  /** Its name as lease owner. */
  readonly owner: string
  /** Owners whose process is known to be gone. */
  readonly deadOwners: ReadonlySet<string>
  /** What goes wrong with the call of this number and name; null = nothing. */
  readonly faultAt: (call: number, operation: string) => Fault | null
}

const never = new Promise<never>(() => undefined)

/** How long a delayed call takes, in milliseconds: less than a lease lasts. */
const delayMs = 4000

/** Looking for work is most of what an idle process does; faults are for what it does then. */
const idleCalls: ReadonlySet<string> = new Set(['listOpenWork', 'listStopRequests', 'nextWakeAt'])

/** Wraps a store for one life of a process. After its death nothing it waits for ever comes. */
export function createIncarnation(options: IncarnationOptions): Incarnation {
  const { shared, owner, clock } = options
  let calls = 0
  let dead = false
  const stalled = Promise.withResolvers<void>()

  async function call<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    if (dead) return await never
    const isIdle = idleCalls.has(name)
    if (!isIdle) calls += 1
    const fault = isIdle ? null : options.faultAt(calls, name)
    if (fault === 'error-before') throw lost(name)
    if (fault === 'crash-before') dead = true
    if (dead) return await never
    if (fault === 'stall') await stalled.promise
    if (fault === 'delay') await clock.sleep(delayMs)
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
  return { store, call, isDead: () => dead, wake: stalled.resolve }
}

function lost(operation: string): AppError {
  return new AppError('storage_failed', `Cannot ${operation}: the connection was lost. Try again.`)
}
