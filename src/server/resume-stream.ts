import type { App } from '../app/app.ts'
import type { Run } from '../domain/run.ts'
import { AppError } from '../errors/app-error.ts'
import { lastSeqIdOf, sequenceOf } from '../wire/run-frames.ts'
import type { ApiContext } from './api.ts'
import { streamRun } from './stream-run.ts'

/** A wish to see a run's stream, from a number on. */
export interface ResumeRequest {
  readonly run: Run
  /** Only frames with a greater `seq_id`; undefined = what the `Last-Event-ID` header says, else all. */
  readonly startingAfter: number | undefined
  readonly pings: boolean
  /** Whether frames have `id:` lines. */
  readonly withIds: boolean
}

/**
 * Answers with the frames of a run after a number.
 *
 * Rejects with `invalid_argument` when there was never such a number, and with `gone` when the events of the run are no
 * longer kept.
 */
export async function resumeStream(
  app: App,
  context: ApiContext,
  request: ResumeRequest,
): Promise<Response> {
  const { run, pings, withIds } = request
  const startingAfter = request.startingAfter ?? lastEventId(context)
  await requireKept(app, context, { run, startingAfter })
  return await streamRun(app, context, {
    runId: run.id,
    mode: 'tokens',
    messageTypes: null,
    compactionMessages: run.requestConfig['include_compaction_messages'] === true,
    memoryChanges: run.requestConfig['include_memory_changes'] === true,
    startingAfter,
    pings,
    isOwnResponse: false,
    withIds,
  })
}

/** What a browser sends when it goes on by itself; something else than a number means the beginning. */
function lastEventId(context: ApiContext): number {
  const given = context.req.header('last-event-id') ?? ''
  return /^\d{1,15}$/.test(given) ? Number(given) : 0
}

async function requireKept(
  app: App,
  context: ApiContext,
  { run, startingAfter }: { readonly run: Run; readonly startingAfter: number },
): Promise<void> {
  const scope = context.get('scope')
  const sequence = sequenceOf(startingAfter)
  const [first] = await app.store.listEvents(scope, { runId: run.id, after: 0, limit: 1 })
  // Logs are removed in portions: the rest of one is no longer the stream.
  if (first?.sequence !== 1 && run.completedAt !== null) throw noLongerKept(run)
  if (sequence === 0) return
  // Readers only ever see what is committed, so nobody can know a number that is not there.
  const after = sequence - 1
  const [known] = await app.store.listEvents(scope, { runId: run.id, after, limit: 1 })
  if (known !== undefined) return
  throw new AppError(
    'invalid_argument',
    `Cannot resume the stream of ${run.id} after number ${startingAfter}: ` +
      `${await describeEnd(app, context, run)}. Give a number that a frame of this stream had, or 0.`,
  )
}

async function describeEnd(app: App, context: ApiContext, run: Run): Promise<string> {
  let last = 0
  while (true) {
    const events = await app.store.listEvents(context.get('scope'), {
      runId: run.id,
      after: last,
      limit: 1000,
    })
    const newest = events.at(-1)
    if (newest === undefined) break
    last = newest.sequence
  }
  return last === 0 ? 'it has no frames yet' : `its last frames are below ${lastSeqIdOf(last) + 1}`
}

function noLongerKept(run: Run): AppError {
  return new AppError(
    'gone',
    `Cannot show the stream of ${run.id}: its events are no longer kept. Read its messages instead, and keep events longer with LETTA_EVENT_RETENTION_DAYS.`,
  )
}
