import type { RunEventBody } from '../domain/run.ts'
import { toError } from '../errors/to-error.ts'
import { sleepUnlessAborted } from '../util/clock.ts'
import type { ActiveTurn } from './turn-state.ts'

/**
 * Commits the deltas of a streamed answer in batches and shows each batch once it is on disk.
 *
 * The first delta is committed at once, later ones every `eventBatchMs` or `eventBatchSize` characters; neighbouring
 * deltas of one kind become one event. Call {@link EventWriter.flush} in the end, also after a failure.
 */
export class EventWriter {
  readonly #turn: ActiveTurn
  #pending: RunEventBody[] = []
  #size = 0
  #draining: Promise<void> | null = null
  #pause: AbortController | null = null
  #flushing = false
  #failure: Error | null = null

  constructor(turn: ActiveTurn) {
    this.#turn = turn
  }

  /** Adds an event. Rejects when an earlier batch could not be written. */
  async add(event: RunEventBody): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const { eventBatchSize } = this.#turn.parts.settings
    this.#pending = merged(this.#pending, event)
    this.#size += sizeOf(event)
    if (this.#draining === null) this.#startDraining()
    else if (this.#size >= eventBatchSize) this.#pause?.abort()
    // A model that is faster than the disk is slowed down.
    if (this.#size >= eventBatchSize * 8) await this.flush()
  }

  /** Writes what is left. Rejects when a batch could not be written. */
  async flush(): Promise<void> {
    this.#flushing = true
    this.#pause?.abort()
    await this.#draining
    if (this.#failure === null && this.#pending.length > 0) await this.#writeBatch()
    this.#flushing = false
    if (this.#failure !== null) throw this.#failure
  }

  #startDraining(): void {
    this.#draining = this.#drain()
      .catch((error: unknown) => {
        this.#failure = toError(error, 'store the events of a run')
      })
      .finally(() => {
        this.#draining = null
      })
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#writeBatch()
      if (this.#flushing) return
      await this.#waitForMore()
    }
  }

  /** Lets deltas gather for a while; cut short by a full batch or a flush. */
  async #waitForMore(): Promise<void> {
    const { clock, settings } = this.#turn.parts
    const pause = new AbortController()
    this.#pause = pause
    try {
      const { signal } = pause
      await sleepUnlessAborted(clock, settings.eventBatchMs, { signal, keepAlive: true })
    } finally {
      this.#pause = null
    }
  }

  async #writeBatch(): Promise<void> {
    const { parts, hub, scope, lease, work } = this.#turn
    const events = this.#pending
    this.#pending = []
    this.#size = 0
    const at = parts.clock.now()
    const stored = await parts.store.appendEvents(scope, { lease, runId: work.run.id, events, at })
    hub.publish(
      work.run.id,
      stored.map((event) => ({ event, message: null })),
    )
  }
}

function merged(pending: readonly RunEventBody[], event: RunEventBody): RunEventBody[] {
  const last = pending.at(-1)
  if (last?.type === 'text-delta' && event.type === 'text-delta') {
    return [...pending.slice(0, -1), { ...last, text: last.text + event.text }]
  }
  if (
    last?.type === 'reasoning-delta' &&
    event.type === 'reasoning-delta' &&
    last.signature === null
  ) {
    return [...pending.slice(0, -1), { ...event, text: last.text + event.text }]
  }
  if (
    last?.type === 'tool-call-delta' &&
    event.type === 'tool-call-delta' &&
    last.index === event.index &&
    event.callId === null
  ) {
    return [
      ...pending.slice(0, -1),
      { ...last, argumentsText: last.argumentsText + event.argumentsText },
    ]
  }
  return [...pending, event]
}

function sizeOf(event: RunEventBody): number {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return event.text.length
    case 'tool-call-delta':
      return event.argumentsText.length
    default:
      return 0
  }
}
