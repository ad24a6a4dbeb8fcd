import { z } from 'zod'
import { endlessAttempts, type Job } from '../domain/job.ts'
import type { JsonObject } from '../util/json.ts'
import { pageShape, queryList } from './query.ts'
import { encodeTime } from './time.ts'

const { limit, after } = pageShape({ limit: 100 })

/** The query of the list of background jobs; always newest first. */
export const backgroundJobListQuery = z.lazy(() =>
  z.object({
    limit,
    after,
    state: z.preprocess(toList, z.array(z.enum(['ready', 'running', 'done', 'dead']))).optional(),
    kind: queryList.optional(),
  }),
)

function toList(value: unknown): unknown {
  return typeof value === 'string' ? [value] : value
}

/** A background job with everything about it. */
export function encodeBackgroundJob(job: Job): JsonObject {
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    agent_id: job.lane === '' ? null : job.lane,
    payload: job.payload,
    attempts: job.attempts,
    max_attempts: job.maxAttempts === endlessAttempts ? null : job.maxAttempts,
    run_at: encodeTime(job.runAt),
    last_error: job.lastError,
    result: job.result,
    created_at: encodeTime(job.createdAt),
    updated_at: encodeTime(job.updatedAt),
  }
}
