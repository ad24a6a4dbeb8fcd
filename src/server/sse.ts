import { toError } from '../errors/to-error.ts'
import type { JsonObject } from '../util/json.ts'
import type { Clock } from '../util/clock.ts'

/** One event of a stream: its data, and a name when clients shall not take it for an ordinary one. */
export interface StreamFrame {
  readonly name: string | null
  readonly data: JsonObject
}

/** What a stream of events is made from. */
export interface EventStreamOptions {
  /** The frames; asked for one after the other, and only when the reader has taken what came before. */
  readonly frames: AsyncIterator<StreamFrame>
  /** Makes the frame that opens the stream and is sent again after each silence; null = no such frames. */
  readonly ping: (() => StreamFrame) | null
  /** The silence after which a ping is sent, in milliseconds. */
  readonly pingIntervalMs: number
  /** How long a reader may leave a frame untaken before the stream is given up, in milliseconds. */
  readonly stalledAfterMs: number
  readonly clock: Clock
  /** Whether each numbered frame is written with an `id:` line; the original has none. Default: false. */
  readonly withIds?: boolean
  /** Called once when the reader has taken everything. */
  readonly onDelivered: () => void
  /**
   * Ends the connection in the middle, when the reader stalls or the frames fail. Default: the stream fails with the
   * reason, which its reader gets.
   */
  readonly cut?: ((reason: Error) => void) | null
  /** Called once when the reader is gone or stalled, or the frames failed; the frames are not asked for again. */
  readonly onAbandoned: () => void
}

/** The headers of an event stream; nothing on the way may hold it back or keep it. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const

const encoder = new TextEncoder()
const done = 'data: [DONE]\n\n'

/** The most frames written at once. */
const maxBatch = 64

/** Why sleeps end early; a constant, as the default reason is an error with a stack, made anew for each frame. */
const noLongerNeeded = 'no longer needed'

/** A stream of server-sent events that holds at most one batch of frames: its reader sets the pace. */
export function createEventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const source = new EventSource(options)
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => source.pull(controller),
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  )
}

class EventSource {
  readonly #options: EventStreamOptions
  #next: Promise<IteratorResult<StreamFrame>> | null = null
  #state: 'opening' | 'open' | 'done' | 'closed' = 'opening'
  #untaken: AbortController | null = null

  constructor(options: EventStreamOptions) {
    this.#options = options
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#untaken?.abort(noLongerNeeded)
    if (this.#state === 'done') {
      this.#close()
      controller.close()
      return
    }
    let chunk: Uint8Array
    try {
      chunk = await this.#nextChunk()
    } catch (error) {
      this.#fail(controller, toError(error, 'read the frames'))
      return
    }
    if (this.#isClosed()) return
    controller.enqueue(chunk)
    this.#watchReader(controller)
  }

  cancel(): void {
    if (!this.#isClosed()) this.#close()
  }

  /** What is written next: the opening ping, a ping after silence, or every frame that is there already. */
  async #nextChunk(): Promise<Uint8Array> {
    const { ping } = this.#options
    if (this.#state === 'opening') {
      this.#state = 'open'
      if (ping !== null) return encoder.encode(this.#toText(ping()))
    }
    const first = await this.#nextOrSilence()
    if (first === 'silence') return encoder.encode(ping === null ? '' : this.#toText(ping()))
    let text = this.#take(first)
    for (let count = 1; count < maxBatch && this.#state === 'open'; count += 1) {
      const next = await Promise.race([this.#ask(), nextTurn()])
      if (next === undefined) break
      text += this.#take(next)
    }
    return encoder.encode(text)
  }

  #ask(): Promise<IteratorResult<StreamFrame>> {
    this.#next ??= this.#options.frames.next()
    return this.#next
  }

  #take(result: IteratorResult<StreamFrame>): string {
    this.#next = null
    if (result.done !== true) return this.#toText(result.value)
    this.#state = 'done'
    return done
  }

  #toText(frame: StreamFrame): string {
    return toText(frame, this.#options.withIds === true)
  }

  async #nextOrSilence(): Promise<IteratorResult<StreamFrame> | 'silence'> {
    const { ping, clock, pingIntervalMs } = this.#options
    const next = this.#ask()
    if (ping === null) return await next
    const arrived = new AbortController()
    const silence = clock.sleep(pingIntervalMs, { signal: arrived.signal }).then(
      () => 'silence' as const,
      () => next,
    )
    try {
      return await Promise.race([next, silence])
    } finally {
      arrived.abort(noLongerNeeded)
    }
  }

  /** Gives the stream up when nobody takes what was put into it. */
  #watchReader(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { clock, stalledAfterMs } = this.#options
    const taken = new AbortController()
    this.#untaken = taken
    clock.sleep(stalledAfterMs, { signal: taken.signal }).then(
      () => {
        this.#fail(controller, new Error('Cannot send the stream: its reader takes nothing.'))
      },
      () => undefined,
    )
  }

  #fail(controller: ReadableStreamDefaultController<Uint8Array>, reason: Error): void {
    if (this.#isClosed()) return
    // Whether the reader's end of the line has what was written last is not known.
    this.#state = 'open'
    this.#close()
    const { cut = null } = this.#options
    if (cut === null) controller.error(reason)
    else cut(reason)
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #close(): void {
    const delivered = this.#state === 'done'
    this.#state = 'closed'
    this.#untaken?.abort(noLongerNeeded)
    if (delivered) this.#options.onDelivered()
    else this.#options.onAbandoned()
  }
}

function toText({ name, data }: StreamFrame, withIds: boolean): string {
  const event = name === null ? '' : `event: ${name}\n`
  const number = data['seq_id']
  const id = withIds && typeof number === 'number' ? `id: ${number}\n` : ''
  return `${id}${event}data: ${JSON.stringify(data)}\n\n`
}

/** Resolves when everything that could run at once has run. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined)
  })
}
