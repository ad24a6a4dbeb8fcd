import { type AppError, isAppError } from '../../errors/app-error.ts'
import type { WorkerClient } from './worker-client.ts'

/** A thread that can move the log into the file. */
export type CheckpointThread = Pick<WorkerClient, 'checkpoint'>

/**
 * After so many commits that are told of, about as many pages of the log have gathered as SQLite would let gather by itself.
 * Commits mostly write the same pages, of which only the newest are moved: every 12 commits it took half as much again of the processor.
 */
const commitsBetween = 24

/** After so many without a pause the thread that reads is worth starting, as the log would grow until a commit has to move it. */
const commitsWithoutPause = 30

/** How long nothing must have been committed before the writer itself is asked, in milliseconds. */
const idleMs = 100

/** Where checkpoints are made. */
export interface CheckpointOptions {
  readonly writer: CheckpointThread
  /** The thread that reads, if there is one by now. */
  readonly reader: () => CheckpointThread | null
  /** Has that thread started, if it was not yet. */
  readonly startReader: () => void
}

/**
 * Sees to it that what was committed gets from the log into the file while nobody waits for it: on the thread that reads, or on
 * the writer once it has nothing to do. SQLite would do it within a commit, which then takes some 10 ms longer.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions
  #commits = 0
  #state: 'free' | 'running' | 'closed' = 'free'
  #timer: NodeJS.Timeout | null = null
  #failure: AppError | null = null

  constructor(options: CheckpointOptions) {
    this.#options = options
  }

  /** What forbids any further write, as the disk has lost something; null = nothing does. */
  get failure(): AppError | null {
    return this.#failure
  }

  /** To be called after each commit that is told of. */
  noteCommit(): void {
    this.#commits += 1
    if (this.#commits < commitsBetween || this.#state !== 'free') return
    const reader = this.#options.reader()
    if (reader === null && this.#commits >= commitsWithoutPause) this.#options.startReader()
    if (reader !== null) void this.#run(reader)
    else if (this.#timer !== null) this.#timer.refresh()
    else this.#timer = setTimeout(() => void this.#run(this.#options.writer), idleMs).unref()
  }

  /** No checkpoint is begun after this. */
  close(): void {
    this.#state = 'closed'
    this.#stopTimer()
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /**
   * Only a log that was moved whole is begun anew, and what is committed meanwhile stays in it: under load it grew until a
   * commit had to move all of it. So what came in meanwhile is moved, too, and the last few pages between two commits.
   */
  async #emptyLog(thread: CheckpointThread): Promise<void> {
    const { writer } = this.#options
    await thread.checkpoint()
    if (thread === writer) return
    await thread.checkpoint()
    await writer.checkpoint()
  }

  /** Never rejects: what was committed is safe in the log, and the next one tries again. */
  async #run(thread: CheckpointThread): Promise<void> {
    this.#stopTimer()
    this.#commits = 0
    this.#state = 'running'
    try {
      await this.#emptyLog(thread)
    } catch (error) {
      if (isAppError(error, 'storage_disk_failed')) this.#failure = error
    }
    if (this.#state === 'running') this.#state = 'free'
  }
}
