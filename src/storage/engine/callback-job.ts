import { uuidOf } from '../../domain/identifier.ts'
import { newJob, type Job } from '../../domain/job.ts'
import type { TurnEnd } from '../contract/turn-store.ts'

/** The job that tells a run's callback URL of its end. A run ends once, so its id makes the job's. */
export function createCallbackJob(
  whose: { readonly tenantId: string; readonly agentId: string },
  end: Pick<TurnEnd, 'runId' | 'at'>,
): Job {
  return newJob({
    id: `job-${uuidOf(end.runId)}`,
    tenantId: whose.tenantId,
    lane: whose.agentId,
    kind: 'callback',
    payload: { run_id: end.runId },
    maxAttempts: 8,
    at: end.at,
  })
}
