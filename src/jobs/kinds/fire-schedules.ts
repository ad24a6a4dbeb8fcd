import { z } from 'zod'
import type { Job } from '../../domain/job.ts'
import type { Schedule } from '../../domain/schedule.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import type { ScheduleChanges } from '../../storage/contract/schedule-store.ts'
import type { Store } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import type { IdSource } from '../../util/id-source.ts'
import type { JobKind, JobOutcome } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'
import { createScheduleJob, scheduleJobKind } from '../schedule-job.ts'
import { planFiring } from '../schedule-times.ts'

const payloadSchema = z.lazy(() => z.object({ schedule_id: z.string(), due_at: z.number() }))

/** How long a message is kept back before it is tried again, while its conversation waits for an answer, in milliseconds. */
const heldUpMs = 30_000

/** What {@link createScheduleKind} needs. */
export interface ScheduleKindParts {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'submit'>
  readonly clock: Clock
  readonly ids: IdSource
}

/**
 * Fires schedules: sends the message of one that is due, then moves it to its next time.
 *
 * The message's otid is made of the schedule and the time it is for, so that a crash between the two sends it no second
 * time; and the schedule moves only from the time it was due at, whatever the clock does meanwhile. While the conversation
 * waits for an answer it takes no message: the time counts as one that is missed, and the schedule says whether to send then.
 */
export function createScheduleKind(parts: ScheduleKindParts): JobKind {
  return { name: scheduleJobKind, run: (job) => fire(parts, job) }
}

async function fire(parts: ScheduleKindParts, job: Job): Promise<JobOutcome> {
  const { store, clock, ids } = parts
  const payload = payloadSchema.parse(job.payload)
  const schedule = await findSchedule(store, jobScope(job), payload.schedule_id)
  const dueAt = payload.due_at
  if (schedule === null || schedule.state !== 'active' || schedule.nextAt !== dueAt) {
    return { result: { state: 'stale' }, again: null }
  }
  const firing = planFiring(schedule.timing, schedule.missed, { dueAt, now: clock.now() })
  const sent = await send(parts, job, { schedule, fireFor: firing.fireFor })
  const result = { run_id: sent.runId, error: sent.error }
  const at = clock.now()
  if (sent.isHeldUp && schedule.missed !== 'skip') {
    await update(store, job, { schedule, set: { lastError: sent.error }, next: null, at })
    return { result, again: at + heldUpMs }
  }
  const nextAt = sent.isGone ? null : firing.nextAt
  const set: ScheduleChanges = {
    state: nextAt === null ? 'finished' : 'active',
    nextAt,
    lastDueAt: firing.fireFor ?? dueAt,
    lastRunId: sent.runId ?? schedule.lastRunId,
    lastError: sent.error,
    firedCount: schedule.firedCount + (sent.runId === null ? 0 : 1),
    missedCount:
      schedule.missedCount +
      firing.missed +
      (firing.fireFor !== null && sent.runId === null ? 1 : 0),
  }
  const next = createScheduleJob(ids, { ...schedule, nextAt }, { tenantId: job.tenantId, at })
  await update(store, job, { schedule, set, next, at })
  return { result, again: null }
}

/** Changes a schedule, unless it was removed or paused meanwhile. */
async function update(
  store: Store,
  job: Job,
  change: {
    readonly schedule: Schedule
    readonly set: ScheduleChanges
    readonly next: Job | null
    readonly at: number
  },
): Promise<void> {
  const { schedule, set, next, at } = change
  try {
    const { id } = schedule
    await store.updateSchedule(jobScope(job), { id, seen: schedule, set, job: next, at })
  } catch (error) {
    if (!isAppError(error, 'conflict') && !isAppError(error, 'not_found')) throw error
  }
}

async function findSchedule(
  store: Store,
  scope: TenantScope,
  id: string,
): Promise<Schedule | null> {
  try {
    return await store.getSchedule(scope, { id })
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}

interface Sent {
  readonly runId: string | null
  readonly error: string | null
  /** Whether there is nobody any more to send to. */
  readonly isGone: boolean
  /** Whether the conversation takes no message before it is answered. */
  readonly isHeldUp: boolean
}

/** Rejects only when trying again may help. */
async function send(
  parts: ScheduleKindParts,
  job: Job,
  { schedule, fireFor }: { readonly schedule: Schedule; readonly fireFor: number | null },
): Promise<Sent> {
  const nothing = { runId: null, isGone: false, isHeldUp: false }
  if (fireFor === null) return { ...nothing, error: 'The time passed while no server ran.' }
  if (await isUnbegun(parts.store, job, schedule)) {
    return {
      ...nothing,
      error: `The message before, run ${schedule.lastRunId}, has not begun yet.`,
    }
  }
  const { input, conversationId } = schedule
  const scope: TenantScope = { kind: 'tenant', tenantId: job.tenantId, ...schedule.creator }
  try {
    const { run } = await parts.runtime.submit(scope, {
      conversationId,
      messages: input.messages.map((message, place) => ({
        ...message,
        otid: `${schedule.id}:${fireFor}${place === 0 ? '' : `:${place}`}`,
        groupId: null,
      })),
      options: {
        ...(input.maxSteps === null ? {} : { maxSteps: input.maxSteps }),
        returnMessageTypes: input.returnMessageTypes,
      },
      runType: 'scheduled_message',
      background: true,
      callbackUrl: input.callbackUrl,
      requestConfig: { include_return_message_types: input.returnMessageTypes },
      requestHash: null,
      isRetry: false,
      rejectBusy: false,
      urgency: 'planned',
    })
    return { ...nothing, runId: run.id, error: null }
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable || error.code.startsWith('storage_')) {
      throw error
    }
    const isHeldUp = error.code === 'pending_approval'
    return { runId: null, error: error.message, isGone: error.code === 'not_found', isHeldUp }
  }
}

/** Whether the last message still waits its turn: the next would only make the queue longer. */
async function isUnbegun(store: Store, job: Job, schedule: Schedule): Promise<boolean> {
  if (schedule.lastRunId === null || schedule.missed === 'all') return false
  try {
    const { status } = await store.getRun(jobScope(job), { id: schedule.lastRunId })
    return status === 'created'
  } catch (error) {
    if (isAppError(error, 'not_found')) return false
    throw error
  }
}
