import type { App } from '../app/app.ts'
import type { RunError } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { handedOnRuns } from '../jobs/kinds/sleeptime.ts'
import { AppError, isAppError } from '../errors/app-error.ts'
import { readMemoryOfRun } from './memory-of-run.ts'
import { encodeRunError, encodeStopReason } from '../wire/run-end.ts'
import {
  createRunFrameEncoder,
  firstEventAfter,
  type RunFrameInput,
  type RunFrameOptions,
  type WireFrame,
} from '../wire/run-frames.ts'

/** Which run to show, and how. */
export interface ShowRunOptions extends RunFrameOptions {
  readonly runId: string
  /** Ends the watching; the run goes on. */
  readonly signal: AbortSignal
}

/**
 * The frames of a run up to its end, as they are committed.
 *
 * Never throws: when the run cannot be followed the last two frames say so, as the original's streams do. Ends early,
 * without those, when the signal aborts.
 */
export async function* showRun(
  app: App,
  scope: TenantScope,
  options: ShowRunOptions,
): AsyncGenerator<WireFrame, void, undefined> {
  const { runId, signal, mode, startingAfter } = options
  const encode = createRunFrameEncoder(options)
  // In token mode the encoder has to see what the deltas before were part of.
  const after = mode === 'tokens' ? 0 : Math.max(0, firstEventAfter(startingAfter) - 1)
  let ended = false
  try {
    for await (const frame of app.runtime.follow(scope, { runId, after, signal })) {
      ended = frame.event.event.type === 'run-ended'
      const told = ended && options.memoryChanges === true
      yield* encode({
        ...frame,
        backgroundRunIds: await readBackgroundRuns(app, scope, frame),
        ...(told && { memory: await readMemoryOfRun(app, scope, runId) }),
      })
    }
    if (!ended) yield* failureFrames(runId, incomplete)
  } catch (error) {
    if (signal.aborted) return
    if (await isDeleted(app, scope, runId)) {
      yield* failureFrames(runId, deleted)
      return
    }
    app.logger.error({ err: error, runId }, 'cannot follow a run')
    yield* failureFrames(runId, interruption(error))
  }
}

/** The runs that the end of one opened at agents in the background. */
async function readBackgroundRuns(
  { store }: Pick<App, 'store'>,
  scope: TenantScope,
  { event: { event } }: Pick<RunFrameInput, 'event'>,
): Promise<readonly string[]> {
  if (event.type !== 'run-ended' || event.handOnJobId === undefined) return []
  try {
    return handedOnRuns(await store.getJob(scope, { id: event.handOnJobId }))
  } catch (error) {
    // It was not the turn of the background agents, or is so long ago that the job is not kept any more.
    if (isAppError(error, 'not_found')) return []
    throw error
  }
}

const incomplete: RunError = {
  errorType: 'stream_incomplete',
  message: 'Stream ended unexpectedly without a terminal event.',
  detail: 'The events of this run are no longer kept.',
}

/** Whether a run is gone with its conversation; unknown counts as no. */
async function isDeleted(app: App, scope: TenantScope, runId: string): Promise<boolean> {
  try {
    await app.store.getRun(scope, { id: runId })
    return false
  } catch (error) {
    return isAppError(error, 'not_found')
  }
}

const deleted: RunError = {
  errorType: 'internal_error',
  message: 'An unknown error occurred with the LLM streaming request.',
  detail: 'The run was deleted with its conversation while it was under way.',
}

/** Why a run cannot be followed; a known reason, such as a full disk, in its own words. */
function interruption(error: unknown): RunError {
  if (!(error instanceof AppError) || error.code === 'internal') return internal
  return { ...internal, detail: `${error.message} ${internal.detail}` }
}

const internal: RunError = {
  errorType: 'internal_error',
  message: 'An unknown error occurred with the LLM streaming request.',
  detail: 'The run goes on; its stream can be asked for again.',
}

function failureFrames(runId: string, error: RunError): readonly WireFrame[] {
  const numbers = { seq_id: null, run_id: runId }
  return [
    { name: null, data: { ...encodeStopReason('error'), ...numbers } },
    { name: 'error', data: { ...encodeRunError(error, runId), seq_id: null } },
  ]
}
