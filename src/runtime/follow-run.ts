import type { Message } from '../domain/message.ts'
import type { RunEvent } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { type CommitNews, mayHaveGrown } from '../storage/commit-news.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import type { EventHub, LiveRunReader } from './event-hub.ts'
import type { FollowRequest, RunFrame } from './runtime.ts'

/** How many stored events are read at once. */
const batchSize = 200

/** How long to wait for word of another process before looking again, in milliseconds. */
const lookAgainMs = 1000

/** What {@link followRun} reads from. */
export interface FollowSources {
  readonly store: Store
  readonly hub: EventHub
  readonly clock: Clock
}

/** The frames of a run after a number, from memory where this process carries it on, else from the store. */
export async function* followRun(
  sources: FollowSources,
  scope: TenantScope,
  request: FollowRequest,
): AsyncGenerator<RunFrame, void, undefined> {
  const reader = sources.hub.join(request.runId)
  if (reader === null) {
    yield* followStored(sources, scope, request)
    return
  }
  let after: number | null
  try {
    after = yield* followLive(sources, scope, { ...request, reader })
  } finally {
    reader.close()
  }
  if (after !== null) yield* followStored(sources, scope, { ...request, after })
}

interface LiveRequest extends FollowRequest {
  readonly reader: LiveRunReader
}

/** Returns the last number seen when another process has the run now, null at its end. */
async function* followLive(
  { store }: FollowSources,
  scope: TenantScope,
  request: LiveRequest,
): AsyncGenerator<RunFrame, number | null, undefined> {
  const { reader, runId, signal } = request
  let after = request.after ?? 0
  while (true) {
    const frames = reader.framesAfter(after) ?? (await readStored(store, scope, { runId, after }))
    for (const frame of frames) {
      yield frame
      after = frame.event.sequence
      if (frame.event.event.type === 'run-ended') return null
    }
    const gone = reader.gone()
    if (gone === 'elsewhere') return after
    if (gone !== null) throw gone
    if (frames.length > 0) continue
    // Asked for what comes after the end: there is nothing to wait for.
    if (reader.ended()) return null
    await reader.changed(signal)
  }
}

async function* followStored(
  { store, clock }: FollowSources,
  scope: TenantScope,
  request: FollowRequest,
): AsyncGenerator<RunFrame, void, undefined> {
  const { runId, signal } = request
  await store.getRun(scope, { id: runId })
  let after = request.after ?? 0
  // Whoever asks for what comes after a number that is not there yet waits for the end.
  let seen = 0
  const watch = createWatch({ store, clock }, (news) => mayHaveGrown(news, { runId, seen }))
  try {
    let hadEnded = false
    while (true) {
      const changed = watch.next(signal)
      const frames = await readStored(store, scope, { runId, after })
      for (const frame of frames) {
        // Numbers follow each other: what lies between was removed since, and nobody may take the rest for the whole.
        if (frame.event.sequence > after + 1) return
        yield frame
        after = frame.event.sequence
        seen = after
        if (frame.event.event.type === 'run-ended') return
      }
      if (frames.length > 0) continue
      if (hadEnded) return
      // The end may have been committed since the events were read: then they are read once more.
      hadEnded = await hasEnded(store, scope, runId)
      if (!hadEnded) await changed
    }
  } finally {
    watch.close()
  }
}

/** A run whose last event lies before the number asked for, or was pruned, has nothing more to say. */
async function hasEnded(store: Store, scope: TenantScope, runId: string): Promise<boolean> {
  const run = await store.getRun(scope, { id: runId })
  return run.completedAt !== null
}

async function readStored(
  store: Store,
  scope: TenantScope,
  place: { readonly runId: string; readonly after: number },
): Promise<readonly RunFrame[]> {
  const events = await store.listEvents(scope, { ...place, limit: batchSize })
  const ids = events.flatMap((event) => storedMessageIds(event))
  const messages = ids.length === 0 ? [] : await store.getMessages(scope, { ids })
  const byId = new Map(messages.map((message) => [message.id, message]))
  return events.map((event) => ({ event, message: messageOf(event, byId) }))
}

function storedMessageIds({ event }: RunEvent): readonly string[] {
  return event.type === 'message-stored' ? [event.messageId] : []
}

function messageOf({ event }: RunEvent, byId: ReadonlyMap<string, Message>): Message | null {
  return event.type === 'message-stored' ? (byId.get(event.messageId) ?? null) : null
}

/** Resolves `next` at a commit of any process that matters, at the latest after {@link lookAgainMs}. */
function createWatch(
  { store, clock }: Pick<FollowSources, 'store' | 'clock'>,
  matters: (news: CommitNews) => boolean,
): { next(signal?: AbortSignal): Promise<void>; close(): void } {
  let wake: () => void = () => undefined
  const unwatch = store.watch((news) => {
    if (matters(news)) wake()
  })
  return {
    next: (signal) => {
      const committed = new Promise<void>((resolve) => {
        wake = resolve
      })
      const waiting = Promise.race([
        committed,
        clock.sleep(lookAgainMs, { keepAlive: true, ...(signal === undefined ? {} : { signal }) }),
      ])
      // Nobody waits for it when frames were found; an abort is reported by the next round.
      waiting.catch(() => undefined)
      return waiting
    },
    close: unwatch,
  }
}
