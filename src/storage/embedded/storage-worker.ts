import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { AppError } from '../../errors/app-error.ts'
import { operationKinds } from '../operation-kinds.ts'
import { EmbeddedEngine, type OperationCall, type Outcome } from './engine.ts'
import { lockedTooLong, storeClosed } from '../engine/host-errors.ts'
import { PeerWatch } from './peer-watch.ts'
import { compactPause } from './purge-folder.ts'
import { toStorageError } from './sqlite-error.ts'
import {
  toTransferred,
  type WorkerReply,
  type WorkerRequest,
  type WorkerResult,
  type WorkerSettings,
} from './worker-protocol.ts'
import { largestBatch, retryDelay, writePause } from './write-pace.ts'

/** The limit of the log, in pages, where `Checkpoints` sees to it before; a commit that meets it takes about 35 ms. */
const longestLog = 4000

type CallRequest = Extract<WorkerRequest, { readonly type: 'call' }>
type CompactRequest = Extract<WorkerRequest, { readonly type: 'compact' }>
type CheckpointRequest = Extract<WorkerRequest, { readonly type: 'checkpoint' }>

/** Serves one engine on a worker thread, in the order of the calls: writes in group commits, reads one by one. */
export class StorageWorker {
  readonly #port: MessagePort
  readonly #settings: WorkerSettings
  readonly #peers: PeerWatch
  readonly #calls: CallRequest[] = []
  readonly #compactions: CompactRequest[] = []
  readonly #checkpoints: CheckpointRequest[] = []
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4))
  #engine: EmbeddedEngine | null = null
  #isClosing = false
  #lastCommit = Number.NEGATIVE_INFINITY

  constructor(port: MessagePort, settings: WorkerSettings) {
    this.#port = port
    this.#settings = settings
    this.#peers = new PeerWatch(settings.processFolder, settings.owner)
  }

  /** Answers what the port brings until it is told to close. */
  listen(): void {
    this.#port.on('message', (request: WorkerRequest) => {
      this.#take(request)
      this.#takeWaiting()
      this.#serve()
      if (this.#isClosing) this.#close()
    })
  }

  #take(request: WorkerRequest): void {
    if (request.type === 'open') this.#open()
    else if (request.type === 'call') this.#calls.push(request)
    else if (request.type === 'compact') this.#compactions.push(request)
    else if (request.type === 'checkpoint') this.#checkpoints.push(request)
    else if (request.type === 'version') this.#tellVersion(request.id)
    else this.#isClosing = true
  }

  /** Everything sent so far, so that it shares a commit. */
  #takeWaiting(): void {
    for (;;) {
      const next = receiveMessageOnPort(this.#port)
      if (next === undefined) return
      this.#take(next.message as WorkerRequest)
    }
  }

  #open(): void {
    const { file, backupFolder, now, role } = this.#settings
    try {
      const readOnly = role === 'reader'
      this.#engine = new EmbeddedEngine({ file, backupFolder, now, readOnly, longestLog })
      this.#reply({ type: 'opened', description: this.#engine.description })
    } catch (error) {
      this.#reply({ type: 'refused', error: toTransferred(toStorageError(error, file)) })
    }
  }

  #serve(): void {
    for (let next = this.#calls[0]; next !== undefined; next = this.#calls[0]) {
      if (isRead(next)) this.#readNext(next)
      else this.#commitNext()
    }
    for (const { id, rewrite } of this.#compactions.splice(0)) {
      this.#answer(id, this.#compact(rewrite))
    }
    for (const { id } of this.#checkpoints.splice(0)) this.#answer(id, this.#checkpoint())
  }

  #answer(id: number, refusal: AppError | null): void {
    const result: WorkerResult =
      refusal === null
        ? { id, ok: true, json: null }
        : { id, ok: false, error: toTransferred(refusal) }
    this.#reply({ type: 'results', results: [result] })
  }

  #tellVersion(id: number): void {
    try {
      const json = JSON.stringify(this.#requireEngine().dataVersion())
      this.#reply({ type: 'results', results: [{ id, ok: true, json }] })
    } catch (error) {
      this.#answer(id, toStorageError(error, this.#settings.file))
    }
  }

  #checkpoint(): AppError | null {
    try {
      this.#requireEngine().checkpoint()
      return null
    } catch (error) {
      return toStorageError(error, this.#settings.file)
    }
  }

  /** Tries until nobody is in the way; returns the error when that takes too long. */
  #compact(rewrite: boolean): AppError | null {
    const start = performance.now()
    try {
      while (!this.#requireEngine().compact({ rewrite })) {
        if (this.#isOverdue(start)) return lockedTooLong(this.#settings.file)
        this.#sleep(compactPause)
      }
      return null
    } catch (error) {
      return toStorageError(error, this.#settings.file)
    }
  }

  #readNext(request: CallRequest): void {
    this.#calls.shift()
    this.#reply({ type: 'results', results: [toResult(request, this.#read(toCall(request)))] })
  }

  #read(call: OperationCall): Outcome {
    const start = performance.now()
    for (;;) {
      try {
        return { ok: true, value: this.#requireEngine().read(call) }
      } catch (error) {
        const refusal = toStorageError(error, this.#settings.file)
        if (refusal.code !== 'storage_busy' || this.#isOverdue(start)) {
          return { ok: false, error: refusal }
        }
      }
      this.#sleep(retryDelay())
    }
  }

  #commitNext(): void {
    const refusal = this.#takeLock()
    this.#takeWaiting()
    const batch = this.#calls.splice(0, this.#countWrites())
    const outcomes = refusal === null ? this.#commit(batch.map(toCall)) : []
    this.#lastCommit = performance.now()
    const results = batch.map((request, index) =>
      toResult(request, outcomes[index] ?? { ok: false, error: refusal ?? lost(request) }),
    )
    this.#reply({ type: 'results', results })
  }

  /** Commits in the transaction that is open: all together, or each on its own where one of them fails. */
  #commit(calls: readonly OperationCall[]): readonly Outcome[] {
    const engine = this.#requireEngine()
    const outcomes = calls.length > 1 ? engine.commitTogether(calls) : engine.commit(calls)
    if (outcomes !== null) return outcomes
    const refusal = this.#takeLock()
    if (refusal === null) return engine.commit(calls)
    return calls.map(() => ({ ok: false, error: refusal }))
  }

  /** How many of the next calls share a commit: a read between two writes sees the first of them. */
  #countWrites(): number {
    const read = this.#calls.findIndex(isRead)
    return Math.min(largestBatch, read < 0 ? this.#calls.length : read)
  }

  /** Waits for the write lock; returns the error that the waiting writes get when it is not to be had. */
  #takeLock(): AppError | null {
    try {
      const pause = writePause(this.#lastCommit, this.#peers)
      if (pause > 0) this.#sleep(pause)
      const start = performance.now()
      while (!this.#requireEngine().tryBegin()) {
        if (this.#isOverdue(start)) return lockedTooLong(this.#settings.file)
        this.#sleep(retryDelay())
      }
      return null
    } catch (error) {
      return toStorageError(error, this.#settings.file)
    }
  }

  #requireEngine(): EmbeddedEngine {
    if (this.#engine !== null) return this.#engine
    throw storeClosed(this.#settings.file)
  }

  #isOverdue(start: number): boolean {
    return performance.now() - start >= this.#settings.busyDeadlineMs
  }

  /** Blocks this thread, which has nothing else to do, exact to less than a millisecond. */
  #sleep(milliseconds: number): void {
    Atomics.wait(this.#sleeper, 0, 0, milliseconds)
  }

  #close(): void {
    this.#engine?.close()
    this.#engine = null
    this.#port.close()
  }

  #reply(reply: WorkerReply): void {
    this.#port.postMessage(reply)
  }
}

function isRead({ name }: CallRequest): boolean {
  return operationKinds[name] === 'read'
}

function toCall(request: CallRequest): OperationCall {
  const [scope, input] = JSON.parse(request.arguments) as [unknown, unknown]
  return { name: request.name, scope, input }
}

function toResult({ id }: CallRequest, outcome: Outcome): WorkerResult {
  return outcome.ok
    ? { id, ok: true, json: outcome.value === undefined ? null : JSON.stringify(outcome.value) }
    : { id, ok: false, error: toTransferred(outcome.error) }
}

function lost(request: CallRequest): AppError {
  return new AppError(
    'internal',
    `Cannot run ${request.name}: the engine gave no result. Report this.`,
  )
}
