import type { JsonObject } from '../util/json.ts'
import type { Clock } from '../util/clock.ts'

/** One event of a stream: its data, and a name when clients shall not take it for an ordinary one. */
export interface StreamFrame {
  readonly name: string | null
  readonly data: JsonObject
}

/** What a stream of events is made from. */
export interface EventStreamOptions {
  /** The frames; asked for one at a time, and only when the reader has taken the one before. */
  readonly frames: AsyncIterator<StreamFrame>
  /** Makes the frame that opens the stream and is sent again after each silence; null = no such frames. */
  readonly ping: (() => StreamFrame) | null
  /** The silence after which a ping is sent, in milliseconds. */
  readonly pingIntervalMs: number
  /** How long a reader may leave a frame untaken before the stream is given up, in milliseconds. */
  readonly stalledAfterMs: number
  readonly clock: Clock
  /** Called once when the reader has taken everything. */
  readonly onDelivered: () => void
  /** Called once when the reader is gone or stalled; the frames are not asked for again. */
  readonly onAbandoned: () => void
}

/** The headers of an event stream; nothing on the way may hold it back or keep it. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const

const encoder = new TextEncoder()
const done = encoder.encode('data: [DONE]\n\n')

/** A stream of server-sent events that holds at most one frame: its reader sets the pace. */
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
    this.#untaken?.abort()
    if (this.#state === 'done') {
      this.#close()
      controller.close()
      return
    }
    const chunk = await this.#nextChunk()
    if (this.#isClosed()) return
    controller.enqueue(chunk)
    this.#watchReader(controller)
  }

  cancel(): void {
    if (!this.#isClosed()) this.#close()
  }

  async #nextChunk(): Promise<Uint8Array> {
    const { ping, frames } = this.#options
    if (this.#state === 'opening') {
      this.#state = 'open'
      if (ping !== null) return encodeFrame(ping())
    }
    this.#next ??= frames.next()
    const result = await this.#nextOrSilence(this.#next)
    if (result === 'silence') return ping === null ? encoder.encode('') : encodeFrame(ping())
    this.#next = null
    if (result.done !== true) return encodeFrame(result.value)
    this.#state = 'done'
    return done
  }

  async #nextOrSilence(
    next: Promise<IteratorResult<StreamFrame>>,
  ): Promise<IteratorResult<StreamFrame> | 'silence'> {
    const { ping, clock, pingIntervalMs } = this.#options
    if (ping === null) return await next
    const arrived = new AbortController()
    const silence = clock.sleep(pingIntervalMs, { signal: arrived.signal }).then(
      () => 'silence' as const,
      () => next,
    )
    try {
      return await Promise.race([next, silence])
    } finally {
      arrived.abort()
    }
  }

  /** Gives the stream up when nobody takes what was put into it. */
  #watchReader(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { clock, stalledAfterMs } = this.#options
    const taken = new AbortController()
    this.#untaken = taken
    clock.sleep(stalledAfterMs, { signal: taken.signal }).then(
      () => {
        if (this.#isClosed()) return
        this.#close()
        controller.error(new Error('Cannot send the stream: its reader takes nothing.'))
      },
      () => undefined,
    )
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #close(): void {
    const delivered = this.#state === 'done'
    this.#state = 'closed'
    this.#untaken?.abort()
    if (delivered) this.#options.onDelivered()
    else this.#options.onAbandoned()
  }
}

function encodeFrame({ name, data }: StreamFrame): Uint8Array {
  const event = name === null ? '' : `event: ${name}\n`
  return encoder.encode(`${event}data: ${JSON.stringify(data)}\n\n`)
}
