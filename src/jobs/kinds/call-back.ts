import { z } from 'zod'
import type { Job } from '../../domain/job.ts'
import type { Run } from '../../domain/run.ts'
import { AppError, errorMessage, isAppError } from '../../errors/app-error.ts'
import type { OutboundGuard } from '../../net/outbound-guard.ts'
import { postJson } from '../../net/post-json.ts'
import type { Store } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import { encodeRun } from '../../wire/run.ts'
import { JobGivenUp, type JobKind, type JobOutcome } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'

const payloadSchema = z.lazy(() => z.object({ run_id: z.string() }))

/** How long the receiver has for its answer, in milliseconds; as in the original. */
const answerWithinMs = 5000

/** Statuses below 500 that may be others later. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429])

/** What {@link createCallbackKind} needs. */
export interface CallbackKindParts {
  readonly store: Store
  readonly clock: Clock
  readonly guard: OutboundGuard
  readonly version: string
}

/**
 * Tells the callback URL of a run that the run has ended, and writes down with the run what came of it. The receiver may
 * be told more than once; `x-letta-delivery` is the same each time.
 */
export function createCallbackKind(parts: CallbackKindParts): JobKind {
  return { name: 'callback', run: (job, signal) => callBack(parts, job, signal) }
}

async function callBack(
  parts: CallbackKindParts,
  job: Job,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const run = await findRun(parts.store, job)
  if (run === null || run.callbackUrl === null) return { result: { state: 'gone' }, again: null }
  const answer = await post(parts, { job, run, url: run.callbackUrl, signal })
  signal.throwIfAborted()
  await parts.store.recordCallback(jobScope(job), {
    runId: run.id,
    sentAt: parts.clock.now(),
    statusCode: answer.status,
    error: answer.error,
  })
  if (answer.error === null) return { result: { status: answer.status }, again: null }
  if (answer.isFinal) throw new JobGivenUp(answer.error)
  throw new Error(answer.error)
}

async function findRun(store: Store, job: Job): Promise<Run | null> {
  const { run_id: id } = payloadSchema.parse(job.payload)
  try {
    return await store.getRun(jobScope(job), { id })
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}

interface Answer {
  readonly status: number | null
  readonly error: string | null
  /** Whether another attempt would be answered alike. */
  readonly isFinal: boolean
}

async function post(
  parts: CallbackKindParts,
  call: {
    readonly job: Job
    readonly run: Run
    readonly url: string
    readonly signal: AbortSignal
  },
): Promise<Answer> {
  const { job, run, url } = call
  const answered = new AbortController()
  const late = new AbortController()
  parts.clock.sleep(answerWithinMs, { signal: answered.signal }).then(
    () => late.abort(new Error(`There was no answer within ${answerWithinMs / 1000} s.`)),
    () => undefined,
  )
  try {
    const status = await postJson({
      url,
      body: JSON.stringify(encodeCallback(run)),
      headers: { 'user-agent': `letta-ts/${parts.version}`, 'x-letta-delivery': job.id },
      guard: parts.guard,
      signal: AbortSignal.any([call.signal, late.signal]),
    })
    if (status >= 200 && status < 300) return { status, error: null, isFinal: true }
    const isFinal = status < 500 && !passingStatuses.has(status)
    return { status, error: `The receiver answered with status ${status}.`, isFinal }
  } catch (error) {
    const reason: unknown = late.signal.aborted ? late.signal.reason : error
    return {
      status: null,
      error: errorMessage(reason),
      isFinal: reason instanceof AppError && !reason.retryable,
    }
  } finally {
    answered.abort('the receiver has answered')
  }
}

/** The body that the original sends. */
function encodeCallback(run: Run): object {
  const { id, status, completed_at, metadata } = encodeRun(run)
  return { run_id: id, status, completed_at, metadata }
}
