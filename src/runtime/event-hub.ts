import { weigh } from '../util/weigh.ts'
import type { RunFrame } from './runtime.ts'

/** How many frames of a running run are kept in memory; readers that are further behind read from the store. */
const bufferedFrames = 512

/** How many bytes they may take, however few they are; the newest one stays whatever its size. */
const usualMostBytes = 1024 * 1024

/**
 * The committed events of the runs that this process carries on, for readers in this process.
 *
 * Readers pull: there is no queue per reader, so a slow one costs no memory.
 */
export class EventHub {
  readonly #runs = new Map<string, LiveRun>()
  readonly #mostBytes: number

  /** `mostBytes` is what the frames of one run may take. Default: 1 MiB. */
  constructor(mostBytes = usualMostBytes) {
    this.#mostBytes = mostBytes
  }

  /** Begins to keep the frames of a run; nothing happens when it is known. */
  open(runId: string, conversationId: string): void {
    if (this.#runs.has(runId)) return
    this.#runs.set(runId, {
      conversationId,
      frames: [],
      weights: [],
      bytes: 0,
      waiting: new Set(),
      gone: null,
      ended: false,
      readers: 0,
    })
  }

  /** Adds committed frames and wakes the readers. Frames of a run that was not opened are dropped. */
  publish(runId: string, frames: readonly RunFrame[]): void {
    const run = this.#runs.get(runId)
    if (run === undefined || frames.length === 0) return
    for (const frame of frames) {
      const bytes = weigh(frame)
      run.frames.push(frame)
      run.weights.push(bytes)
      run.bytes += bytes
    }
    this.#dropOld(run)
    if (frames.some((frame) => frame.event.event.type === 'run-ended')) run.ended = true
    this.#wake(run)
    this.#forgetWhenDone(runId, run)
  }

  /** Sends the readers of a conversation's runs to the store: another process carries them on. */
  handOver(conversationId: string): void {
    this.#leave(conversationId, 'elsewhere')
  }

  /** Tells the readers of a conversation's runs that this process cannot carry them on; they stay open in the store. */
  fail(conversationId: string, error: Error): void {
    this.#leave(conversationId, error)
  }

  /** A view of a live run, or null when this process does not carry it on. Call `close` when done. */
  join(runId: string): LiveRunReader | null {
    const run = this.#runs.get(runId)
    if (run === undefined) return null
    run.readers += 1
    return {
      framesAfter: (sequence) => framesAfter(run.frames, sequence),
      gone: () => run.gone,
      ended: () => run.ended,
      changed: (signal) => waitForChange(run, signal),
      close: () => {
        run.readers -= 1
        this.#forgetWhenDone(runId, run)
      },
    }
  }

  /** Drops the oldest frames of a run, as many as it has too many or as take too much. */
  #dropOld(run: LiveRun): void {
    const { frames, weights } = run
    let dropped = 0
    while (
      frames.length - dropped > bufferedFrames ||
      (run.bytes > this.#mostBytes && frames.length - dropped > 1)
    ) {
      run.bytes -= weights[dropped] ?? 0
      dropped += 1
    }
    if (dropped === 0) return
    frames.splice(0, dropped)
    weights.splice(0, dropped)
  }

  #leave(conversationId: string, why: Error | 'elsewhere'): void {
    for (const [runId, run] of this.#runs) {
      if (run.conversationId !== conversationId || run.ended) continue
      run.gone = why
      this.#runs.delete(runId)
      this.#wake(run)
    }
  }

  #wake(run: LiveRun): void {
    const waiting = [...run.waiting]
    run.waiting.clear()
    for (const resolve of waiting) resolve()
  }

  #forgetWhenDone(runId: string, run: LiveRun): void {
    if (run.ended && run.readers === 0) this.#runs.delete(runId)
  }
}

/** What a reader of a live run can ask. */
export interface LiveRunReader {
  /** The frames after a number; null when some of them are no longer in memory. */
  framesAfter(sequence: number): readonly RunFrame[] | null
  /** Why this process no longer has the run: an error, or another process has it; null while it has. */
  gone(): Error | 'elsewhere' | null
  /** Whether the run's last frame was published: nothing changes any more. */
  ended(): boolean
  /** Resolves at the next change of the run, or rejects with the reason of the signal. */
  changed(signal: AbortSignal | undefined): Promise<void>
  /** Ends the reading. */
  close(): void
}

interface LiveRun {
  readonly conversationId: string
  readonly frames: RunFrame[]
  /** What each of them takes, in bytes. */
  readonly weights: number[]
  /** What all of them take. */
  bytes: number
  readonly waiting: Set<() => void>
  gone: Error | 'elsewhere' | null
  ended: boolean
  readers: number
}

function framesAfter(frames: readonly RunFrame[], sequence: number): readonly RunFrame[] | null {
  const first = frames[0]
  if (first === undefined) return sequence === 0 ? [] : null
  if (first.event.sequence > sequence + 1) return null
  return frames.slice(sequence + 1 - first.event.sequence)
}

function waitForChange(run: LiveRun, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error)
      return
    }
    function onAbort(): void {
      run.waiting.delete(onChange)
      reject(signal?.reason as Error)
    }
    function onChange(): void {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    run.waiting.add(onChange)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
