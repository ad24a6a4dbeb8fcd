import { AppError } from '../errors/app-error.ts'
import type { ErrorCode } from '../errors/error-codes.ts'
import { createStore } from '../storage/create-store.ts'
import { operationKinds } from '../storage/operation-kinds.ts'
import type { Store, StoreOperation } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'

/** What a database says that stores nothing, although it may well be read. */
const refusing: ReadonlySet<ErrorCode> = new Set([
  'storage_full',
  'storage_read_only',
  'storage_corrupt',
  'storage_gone',
  'storage_disk_failed',
])

/** What no later change gets over: the store takes none any more. */
const lasting: ReadonlySet<ErrorCode> = new Set(['storage_gone', 'storage_disk_failed'])

/** Operations that never succeed without having stored something. */
const alwaysStoring: ReadonlySet<StoreOperation> = new Set(['commitStep', 'createAgent'])

/** How long a refusal counts when the same was not tried again, in milliseconds. */
const refusalLastsMs = 60_000

/** A change that was refused. */
interface Refusal {
  readonly error: AppError
  readonly at: number
}

/**
 * What a database refuses to store: whoever reads from it notices nothing of a full disk or of a server that only reads.
 *
 * A refusal counts until the same operation succeeds or one that always stores something, as others may have had nothing to
 * write, or until a minute is over, as a server that gets no requests because it is not ready would never learn that it is.
 * After a failed sync, or when the file is gone, it counts for good.
 */
export class WriteRefusals {
  readonly #clock: Pick<Clock, 'now'>
  readonly #refusals = new Map<StoreOperation, Refusal>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** The newest refusal that counts; null = there is none. */
  newest(): AppError | null {
    const since = this.#clock.now() - refusalLastsMs
    const counting = [...this.#refusals.values()].filter(
      ({ at, error }) => at > since || lasting.has(error.code),
    )
    return counting.toSorted((one, two) => two.at - one.at)[0]?.error ?? null
  }

  /** The same store, whose refusals are noticed. */
  watch(store: Store): Store {
    return createStore({
      description: store.description,
      watch: (listener) => store.watch(listener),
      ownerState: (owner) => store.ownerState(owner),
      purge: (input) => store.purge(input),
      close: () => store.close(),
      call: (name, scope, input) => {
        // The input belongs to the operation of that name, as with every host of a store.
        const operation = store[name] as (scope: unknown, input: unknown) => Promise<unknown>
        const answer = operation(scope, input)
        return operationKinds[name] === 'read' ? answer : this.#notice(name, answer)
      },
    })
  }

  async #notice(name: StoreOperation, answer: Promise<unknown>): Promise<unknown> {
    try {
      const value = await answer
      if (alwaysStoring.has(name)) this.#refusals.clear()
      else this.#refusals.delete(name)
      return value
    } catch (error) {
      if (error instanceof AppError && refusing.has(error.code)) {
        this.#refusals.set(name, { error, at: this.#clock.now() })
      }
      throw error
    }
  }
}
