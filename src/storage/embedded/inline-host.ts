import { setTimeout as sleep } from 'node:timers/promises'
import { type AppError, isAppError } from '../../errors/app-error.ts'
import type { StoreHost } from '../create-store.ts'
import type { StoreHooks } from '../store-options.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { PurgeReport, PurgeRequest, StoreDescription, StoreOperation } from '../store.ts'
import { type CommitNews, mergeNews } from '../commit-news.ts'
import { newsOf } from '../news-of-operation.ts'
import { CommitWatcher } from './commit-watcher.ts'
import { foreignCommits } from './foreign-commits.ts'
import type { DataFolder } from './data-folder.ts'
import { EmbeddedEngine, type OperationCall, type Outcome } from './engine.ts'
import { lockedTooLong, storeClosed } from '../engine/host-errors.ts'
import { PeerWatch } from './peer-watch.ts'
import { ownerStateIn, type ProcessLock } from './process-lock.ts'
import { builtIn } from './built-in.ts'
import { compactPause, purgeFolder } from './purge-folder.ts'
import { toStorageError } from './sqlite-error.ts'
import { largestBatch, retryDelay, writePause } from './write-pace.ts'

/** What an {@link InlineHost} is opened with. */
export interface InlineHostOptions {
  /** What the store calls its place. */
  readonly location: string
  readonly owner: string
  /** The database file, or `:memory:`. */
  readonly file: string
  /** Null for a database in memory, which no other process can reach. */
  readonly folder: (DataFolder & { readonly lock: ProcessLock }) | null
  /** How long a write waits for another process's lock, in milliseconds. */
  readonly busyDeadlineMs: number
  readonly now: number
  readonly hooks: StoreHooks
  /** Why nothing can be written; what can be read is read all the same. Default: it can. */
  readonly refusal?: AppError
}

/** Opens the engine on this thread. Throws as opening an engine does. */
export function openInline(options: InlineHostOptions): InlineHost {
  const engine = new EmbeddedEngine({
    ...options.hooks,
    file: options.file,
    backupFolder: options.folder?.backupFolder ?? null,
    now: options.now,
    isUnwritable: options.refusal !== undefined,
  })
  return new InlineHost(options, engine)
}

interface PendingWrite {
  readonly call: OperationCall
  readonly settle: (outcome: Outcome) => void
}

/** Runs the engine on the thread of its caller. Writes issued in one tick are committed together. */
export class InlineHost implements StoreHost {
  readonly description: StoreDescription
  readonly #options: InlineHostOptions
  readonly #engine: EmbeddedEngine
  readonly #peers: PeerWatch | null
  readonly #watcher: CommitWatcher
  readonly #queue: PendingWrite[] = []
  #flushing: Promise<void> | null = null
  #closing: Promise<void> | null = null
  #lastCommit = Number.NEGATIVE_INFINITY

  constructor(options: InlineHostOptions, engine: EmbeddedEngine) {
    const { location, owner, folder } = options
    this.#options = options
    this.#engine = engine
    this.#peers = folder === null ? null : new PeerWatch(folder.processFolder, owner)
    this.#watcher = new CommitWatcher(
      folder === null ? null : foreignCommits(() => engine.dataVersion()),
    )
    this.description = { ...builtIn, location, owner, ...engine.description }
  }

  async call(name: StoreOperation, scope: unknown, input: unknown): Promise<unknown> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    const call = { name, scope, input }
    if (operationKinds[name] === 'write') this.#demandWritable()
    return await (operationKinds[name] === 'read' ? this.#read(call) : this.#write(call))
  }

  watch(listener: (news: CommitNews) => void): () => void {
    return this.#watcher.watch(listener)
  }

  async ownerState(owner: string): Promise<'alive' | 'dead' | 'unknown'> {
    if (owner === this.description.owner) return 'alive'
    const { folder } = this.#options
    return folder === null ? 'dead' : ownerStateIn(folder.processFolder, owner)
  }

  async purge(input: PurgeRequest): Promise<PurgeReport> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    this.#demandWritable()
    return await purgeFolder({
      ...input,
      folder: this.#options.folder?.path ?? null,
      compact: (rewrite) => this.#compact(rewrite),
    })
  }

  #demandWritable(): void {
    if (this.#options.refusal !== undefined) throw this.#options.refusal
  }

  async #compact(rewrite: boolean): Promise<void> {
    const start = performance.now()
    while (!this.#engine.compact({ rewrite })) {
      if (this.#isOverdue(start)) throw lockedTooLong(this.description.location)
      await sleep(compactPause)
      if (this.#closing !== null) throw storeClosed(this.description.location)
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#watcher.close()
    await this.#flushing
    this.#engine.close()
    this.#options.folder?.lock.release()
  }

  async #read(call: OperationCall): Promise<unknown> {
    const start = performance.now()
    for (;;) {
      try {
        return this.#engine.read(call)
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
    try {
      const pause = writePause(this.#lastCommit, this.#peers)
      if (pause > 0) await sleep(Math.ceil(pause))
      const start = performance.now()
      while (!this.#engine.tryBegin()) {
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
    const outcomes = this.#engine.commit(batch.map(({ call }) => call))
    this.#lastCommit = performance.now()
    outcomes.forEach((outcome, index) => batch[index]?.settle(outcome))
    this.#watcher.notify(
      outcomes.reduce<CommitNews | null>((news, outcome, index) => {
        const name = batch[index]?.call.name
        return outcome.ok && name !== undefined
          ? mergeNews(news, newsOf(name, outcome.value))
          : news
      }, null),
    )
  }

  #takeBatch(): PendingWrite[] {
    return this.#queue.splice(0, largestBatch)
  }

  #isOverdue(start: number): boolean {
    return performance.now() - start >= this.#options.busyDeadlineMs
  }
}
