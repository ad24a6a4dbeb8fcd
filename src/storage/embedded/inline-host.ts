import { setTimeout as sleep } from 'node:timers/promises'
import { isAppError } from '../../errors/app-error.ts'
import type { StoreHost } from '../create-store.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { StoreDescription, StoreOperation } from '../store.ts'
import { CommitWatcher } from './commit-watcher.ts'
import type { EmbeddedEngine, OperationCall, Outcome } from './engine.ts'
import { lockedTooLong, storeClosed } from './host-errors.ts'
import type { PeerWatch } from './peer-watch.ts'
import { ownerStateIn, type ProcessLock } from './process-lock.ts'
import { toStorageError } from './sqlite-error.ts'
import { retryDelay, writePause } from './write-pace.ts'

/** What an {@link InlineHost} runs on. */
export interface InlineHostParts {
  readonly engine: EmbeddedEngine
  readonly description: StoreDescription
  /** Absent for a database in memory, which no other process can reach. */
  readonly registration?: {
    readonly lock: ProcessLock
    readonly folder: string
    readonly peers: PeerWatch
  }
  /** How long a write waits for another process's lock, in milliseconds. */
  readonly busyDeadlineMs: number
}

interface PendingWrite {
  readonly call: OperationCall
  readonly settle: (outcome: Outcome) => void
}

/** The most operations in one commit: others' processes wait for the lock meanwhile. */
const largestBatch = 256

/** Runs the engine on the thread of its caller. Writes issued in one tick are committed together. */
export class InlineHost implements StoreHost {
  readonly description: StoreDescription
  readonly #parts: InlineHostParts
  readonly #watcher: CommitWatcher
  readonly #queue: PendingWrite[] = []
  #flushing: Promise<void> | null = null
  #closing: Promise<void> | null = null
  #lastCommit = Number.NEGATIVE_INFINITY

  constructor(parts: InlineHostParts) {
    this.#parts = parts
    this.description = parts.description
    this.#watcher = new CommitWatcher(
      parts.registration === undefined ? null : () => parts.engine.dataVersion(),
    )
  }

  async call(name: StoreOperation, scope: unknown, input: unknown): Promise<unknown> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    const call = { name, scope, input }
    return await (operationKinds[name] === 'read' ? this.#read(call) : this.#write(call))
  }

  watch(listener: () => void): () => void {
    return this.#watcher.watch(listener)
  }

  async ownerState(owner: string): Promise<'alive' | 'dead' | 'unknown'> {
    if (owner === this.description.owner) return 'alive'
    const { registration } = this.#parts
    return registration === undefined ? 'dead' : ownerStateIn(registration.folder, owner)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#watcher.stop()
    await this.#flushing
    this.#parts.engine.close()
    this.#parts.registration?.lock.release()
  }

  async #read(call: OperationCall): Promise<unknown> {
    const start = performance.now()
    for (;;) {
      try {
        return this.#parts.engine.read(call)
      } catch (error) {
        if (!isAppError(error, 'storage_busy') || this.#isOverdue(start)) throw error
      }
      await sleep(retryDelay())
    }
  }

  #write(call: OperationCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        if (outcome.ok) resolve(outcome.value)
        else reject(outcome.error)
      }
      this.#queue.push({ call, settle })
      this.#flushing ??= this.#flush()
    })
  }

  async #flush(): Promise<void> {
    // Lets the rest of this tick add its writes to the same commit.
    await Promise.resolve()
    while (this.#queue.length > 0) await this.#commitNext()
    this.#flushing = null
  }

  /** Waits for the write lock, then commits what waits by then; all of it fails when the lock is not to be had. */
  async #commitNext(): Promise<void> {
    const pause = writePause(this.#lastCommit, this.#parts.registration?.peers)
    if (pause > 0) await sleep(Math.ceil(pause))
    const start = performance.now()
    try {
      while (!this.#parts.engine.tryBegin()) {
        if (this.#isOverdue(start)) throw lockedTooLong(this.description.location)
        await sleep(retryDelay())
      }
    } catch (error) {
      const refusal = toStorageError(error, this.description.location)
      for (const { settle } of this.#takeBatch()) settle({ ok: false, error: refusal })
      return
    }
    // From tryBegin() to here nothing may be awaited: reads share the connection.
    const batch = this.#takeBatch()
    const outcomes = this.#parts.engine.commit(batch.map(({ call }) => call))
    this.#lastCommit = performance.now()
    outcomes.forEach((outcome, index) => batch[index]?.settle(outcome))
    this.#watcher.notify()
  }

  #takeBatch(): PendingWrite[] {
    return this.#queue.splice(0, largestBatch)
  }

  #isOverdue(start: number): boolean {
    return performance.now() - start >= this.#parts.busyDeadlineMs
  }
}
