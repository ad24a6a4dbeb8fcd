import { builtIn } from './built-in.ts'
import type { StoreHost } from '../create-store.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { PurgeReport, PurgeRequest, StoreDescription, StoreOperation } from '../store.ts'
import type { CommitNews } from '../commit-news.ts'
import { CommitWatcher } from './commit-watcher.ts'
import { Connection } from './connection.ts'
import { Checkpoints } from './checkpoints.ts'
import type { DataFolder } from './data-folder.ts'
import { foreignCommits, foreignCommitsBesideOwn, type ForeignCommits } from './foreign-commits.ts'
import { storeClosed } from '../engine/host-errors.ts'
import { ownerStateIn, type ProcessLock } from './process-lock.ts'
import { purgeFolder } from './purge-folder.ts'
import { ReaderThread } from './reader-thread.ts'
import { WorkerClient } from './worker-client.ts'
import type { WorkerSettings } from './worker-protocol.ts'

/** What a {@link WorkerHost} is opened with. */
export interface WorkerHostOptions {
  readonly folder: DataFolder
  readonly lock: ProcessLock
  readonly busyDeadlineMs: number
  readonly now: number
}

/**
 * Runs the engine on threads of its own, so that the caller's never waits for the disk: one that writes, and one that
 * reads, which is started when a read first finds the writer busy. Until then a silent program does with one.
 */
export class WorkerHost implements StoreHost {
  readonly description: StoreDescription
  readonly #options: WorkerHostOptions
  readonly #threads: Threads
  #closing: Promise<void> | null = null

  private constructor(options: WorkerHostOptions, threads: Threads, description: StoreDescription) {
    this.#options = options
    this.#threads = threads
    this.description = description
  }

  /** Starts both threads and brings the database up to date. Rejects as opening an engine throws. */
  static async open(options: WorkerHostOptions): Promise<WorkerHost> {
    const threads = startThreads(options)
    try {
      const engine = await threads.writer.open()
      const { folder, lock } = options
      const description = { location: folder.path, owner: lock.owner, ...engine }
      return new WorkerHost(options, threads, { ...builtIn, ...description })
    } catch (error) {
      await threads.writer.close()
      throw error
    }
  }

  async call(name: StoreOperation, scope: unknown, input: unknown): Promise<unknown> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    const { reader, writer, checkpoints } = this.#threads
    if (operationKinds[name] === 'read') return await reader.forRead().call(name, scope, input)
    if (checkpoints.failure !== null) throw checkpoints.failure
    return await writer.call(name, scope, input)
  }

  watch(listener: (news: CommitNews) => void): () => void {
    return this.#threads.watcher.watch(listener)
  }

  async ownerState(owner: string): Promise<'alive' | 'dead' | 'unknown'> {
    if (owner === this.description.owner) return 'alive'
    return ownerStateIn(this.#options.folder.processFolder, owner)
  }

  async purge(input: PurgeRequest): Promise<PurgeReport> {
    if (this.#closing !== null) throw storeClosed(this.description.location)
    return await purgeFolder({
      ...input,
      folder: this.#options.folder.path,
      compact: (rewrite) => this.#threads.writer.compact(rewrite),
    })
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    const { reader, writer, watcher, checkpoints } = this.#threads
    watcher.close()
    checkpoints.close()
    await reader.close()
    await writer.close()
    this.#options.lock.release()
  }
}

interface Threads {
  readonly writer: WorkerClient
  readonly reader: ReaderThread
  readonly watcher: CommitWatcher
  readonly checkpoints: Checkpoints
}

function startThreads(options: WorkerHostOptions): Threads {
  const { folder, lock, busyDeadlineMs, now } = options
  const settings: Omit<WorkerSettings, 'role'> = {
    file: folder.databaseFile,
    backupFolder: folder.backupFolder,
    processFolder: folder.processFolder,
    owner: lock.owner,
    busyDeadlineMs,
    now,
  }
  const writer = new WorkerClient(
    { ...settings, role: 'writer' },
    {
      onNews: (news) => watcher.notify(news),
      onCommit: () => checkpoints.noteCommit(),
    },
  )
  const allCommits = commitsTo(folder.databaseFile)
  const watcher = new CommitWatcher(foreignCommitsBesideOwn(allCommits, () => writer.dataVersion()))
  const startReader = (): WorkerClient => new WorkerClient({ ...settings, role: 'reader' }, null)
  const reader = new ReaderThread(writer, startReader)
  const checkpoints = new Checkpoints({
    writer,
    reader: () => reader.opened,
    startReader: () => reader.start(),
  })
  return { writer, reader, watcher, checkpoints }
}

/** All commits, seen by a connection of its own that does nothing else; opened when somebody watches. */
function commitsTo(file: string): ForeignCommits {
  const opened: Connection[] = []
  return foreignCommits(
    () => {
      const connection = opened[0] ?? new Connection(file)
      opened[0] = connection
      return Number(connection.get('PRAGMA data_version')?.[0])
    },
    () => opened.pop()?.close(),
  )
}
