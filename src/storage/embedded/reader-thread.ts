import { toError } from '../../errors/to-error.ts'
import type { WorkerClient } from './worker-client.ts'

/** A thread with an engine, as far as it matters here. */
export type StorageThread = Pick<WorkerClient, 'isBusy' | 'call' | 'checkpoint' | 'open' | 'close'>

/** So many reads that had to wait, within so many milliseconds, are worth a thread of their own. */
const waitsWorthIt = 25
const windowMs = 1_000

/**
 * The thread that reads. It takes 8 MB, so it is started once reads often have to wait for the writer, or when it is asked
 * for, and takes over when it has opened the database; until then the writer reads, too.
 */
export class ReaderThread {
  readonly #writer: StorageThread
  readonly #start: () => StorageThread
  #client: StorageThread | null = null
  #isOpen = false
  #failure: Error | null = null
  #waits = 0
  #windowFrom = Number.NEGATIVE_INFINITY

  /** `start` starts the thread; what it returns is opened and closed here. */
  constructor(writer: StorageThread, start: () => StorageThread) {
    this.#writer = writer
    this.#start = start
  }

  /**
   * The thread for the next read: this one, or the writer as long as this one is not there.
   *
   * @throws AppError as opening an engine throws, when the thread could not open the database.
   */
  forRead(): StorageThread {
    if (this.#failure !== null) throw this.#failure
    if (this.#client === null && this.#isWorthIt()) this.start()
    return this.opened ?? this.#writer
  }

  /** This thread; null as long as it is not there. */
  get opened(): StorageThread | null {
    return this.#isOpen ? this.#client : null
  }

  /** Starts the thread if it was not started yet. */
  start(): void {
    if (this.#client === null) void this.#open()
  }

  /** Lets the reads sent so far finish, then ends the thread if it was started. */
  async close(): Promise<void> {
    await this.#client?.close()
  }

  #isWorthIt(): boolean {
    if (!this.#writer.isBusy) return false
    const now = performance.now()
    if (now - this.#windowFrom > windowMs) {
      this.#windowFrom = now
      this.#waits = 0
    }
    this.#waits += 1
    return this.#waits >= waitsWorthIt
  }

  /** Never rejects: a thread that cannot open the database says so to every later read. */
  async #open(): Promise<void> {
    this.#client = this.#start()
    try {
      await this.#client.open()
      this.#isOpen = true
    } catch (error) {
      this.#failure = toError(error, 'open the database for reading')
    }
  }
}
