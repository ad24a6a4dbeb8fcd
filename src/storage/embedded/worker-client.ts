import { Worker } from 'node:worker_threads'
import { AppError, errorMessage } from '../../errors/app-error.ts'
import type { CommitNews } from '../commit-news.ts'
import { newsOf } from '../news-of-operation.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { StoreOperation } from '../store.ts'
import { FairQueue } from '../../util/fair-queue.ts'
import type { DatabaseFacts } from './migrate.ts'
import {
  fromTransferred,
  type WorkerReply,
  type WorkerRequest,
  type WorkerResult,
  type WorkerSettings,
} from './worker-protocol.ts'

/** Hears what came of the calls of a thread. */
export interface WorkerListener {
  /** Called after each call that was settled, when there is something to tell of it. */
  onNews(news: CommitNews): void
  /** Called once for each commit that there was something to tell of, after all of it was told. */
  onCommit(): void
}

interface Waiting {
  /** The operation that may have written; null for anything else. */
  readonly name: StoreOperation | null
  readonly resolve: (value: unknown) => void
  readonly reject: (error: AppError) => void
}

/** One worker thread with an engine. It keeps the process alive only while a call is under way. */
export class WorkerClient {
  readonly #worker: Worker
  readonly #settings: WorkerSettings
  readonly #listener: WorkerListener | null
  readonly #waiting = new Map<number, Waiting>()
  readonly #settling = new FairQueue()
  readonly #exited: Promise<void>
  #opening: PromiseWithResolvers<DatabaseFacts> | null = null
  #failure: AppError | null = null
  #isClosing = false
  #nextId = 1

  /** Starts the thread; `listener` is null when it only reads. */
  constructor(settings: WorkerSettings, listener: WorkerListener | null) {
    this.#settings = settings
    this.#listener = listener
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: `storage-${settings.role}`,
      workerData: settings,
      execArgv: [],
    })
    this.#worker.on('message', (reply: WorkerReply) => this.#receive(reply))
    // What it had answered before is settled before.
    this.#worker.on('error', (error) => this.#settling.add(() => this.#fail(error)))
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#exited = promise
    this.#worker.on('exit', () => {
      this.#settling.add(() => {
        this.#fail(new Error('the thread has ended'))
        resolve()
      })
    })
  }

  /** Whether calls are under way. */
  get isBusy(): boolean {
    return this.#waiting.size > 0
  }

  /** Opens the engine. Rejects as opening an engine throws. */
  async open(): Promise<DatabaseFacts> {
    this.#opening = Promise.withResolvers()
    this.#send({ type: 'open' })
    const description = await this.#opening.promise
    this.#worker.unref()
    return description
  }

  /** Runs an operation there. */
  call(name: StoreOperation, scope: unknown, input: unknown): Promise<unknown> {
    const json = JSON.stringify([scope, input])
    const written = operationKinds[name] === 'read' ? null : name
    return this.#ask((id) => ({ type: 'call', id, name, arguments: json }), written)
  }

  /** Compacts the engine there. Rejects with `storage_busy` when other connections do not let it. */
  async compact(rewrite: boolean): Promise<void> {
    await this.#ask((id) => ({ type: 'compact', id, rewrite }))
  }

  /** Moves the log into the file there. Rejects as `EmbeddedEngine.checkpoint` throws. */
  async checkpoint(): Promise<void> {
    await this.#ask((id) => ({ type: 'checkpoint', id }))
  }

  /** A number that changes when another connection than the one there commits. */
  async dataVersion(): Promise<number> {
    return Number(await this.#ask((id) => ({ type: 'version', id })))
  }

  #ask(
    toRequest: (id: number) => WorkerRequest,
    name: StoreOperation | null = null,
  ): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref()
      this.#waiting.set(id, { name, resolve, reject })
      this.#send(toRequest(id))
    })
  }

  /** Lets the calls sent so far finish, then ends the thread. */
  async close(): Promise<void> {
    if (this.#failure === null && !this.#isClosing) {
      this.#isClosing = true
      this.#worker.ref()
      this.#send({ type: 'close' })
    }
    await this.#exited
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request)
  }

  #receive(reply: WorkerReply): void {
    if (reply.type === 'opened') this.#opening?.resolve(reply.description)
    else if (reply.type === 'refused') this.#opening?.reject(fromTransferred(reply.error))
    else this.#settleAll(reply.results)
  }

  /** Each in its turn, so that what all their callers do next is not done in one go. */
  #settleAll(results: readonly WorkerResult[]): void {
    let isTold = false
    results.forEach((result, index) => {
      this.#settling.add(() => {
        const news = this.#settle(result)
        if (news !== null) this.#listener?.onNews(news)
        isTold ||= news !== null
        if (isTold && index === results.length - 1) this.#listener?.onCommit()
      })
    })
  }

  /** Returns what there is to tell of it. */
  #settle(result: WorkerResult): CommitNews | null {
    const waiting = this.#waiting.get(result.id)
    this.#waiting.delete(result.id)
    if (this.#waiting.size === 0 && !this.#isClosing) this.#worker.unref()
    if (!result.ok) {
      waiting?.reject(fromTransferred(result.error))
      return null
    }
    const value: unknown = result.json === null ? undefined : JSON.parse(result.json)
    waiting?.resolve(value)
    const name = waiting?.name ?? null
    return name === null ? null : newsOf(name, value)
  }

  /** A thread that ended takes its calls with it: whether they were committed is not known. */
  #fail(cause: unknown): void {
    this.#failure ??= new AppError(
      'storage_failed',
      `Cannot use the database ${this.#settings.file}: its ${this.#settings.role} stopped (${errorMessage(cause)}). Start the program again.`,
      { cause, data: { location: this.#settings.file } },
    )
    this.#opening?.reject(this.#failure)
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }
}
