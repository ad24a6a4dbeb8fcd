import type { Letta } from '@letta-ai/letta-client'
import { toLettaError } from './errors.ts'

/** Work that servers do in the background: firing schedules, telling callback URLs, removing what is old. */
export interface BackgroundJob {
  /** `job-…`. */
  readonly id: string
  /** `schedule`, `callback` or `retention`. */
  readonly kind: string
  /** `dead` = given up after the last attempt; kept until somebody tries it again or removes it. */
  readonly state: 'ready' | 'running' | 'done' | 'dead'
  /** Whose work it is; null = the installation's own. */
  readonly agentId: string | null
  /** What it is about, such as the id of a run or schedule. */
  readonly payload: Readonly<Record<string, unknown>>
  /** How often it was begun. */
  readonly attempts: number
  /** After how many attempts it is given up; null = never. */
  readonly maxAttempts: number | null
  /** Not before this time. */
  readonly runAt: Date
  /** Why the last attempt failed. */
  readonly lastError: string | null
  /** What came of it when it was done last, such as how many archives retention has still to look through. */
  readonly result: Readonly<Record<string, unknown>> | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Which background jobs to list; absent fields do not filter. */
export interface BackgroundJobFilter {
  readonly states?: readonly BackgroundJob['state'][] | undefined
  readonly kinds?: readonly string[] | undefined
  /** The most to list. Default: all. */
  readonly limit?: number | undefined
}

/** The wire's form of a {@link BackgroundJob}. */
interface WireJob {
  readonly id: string
  readonly kind: string
  readonly state: BackgroundJob['state']
  readonly agent_id: string | null
  readonly payload: Readonly<Record<string, unknown>>
  readonly attempts: number
  readonly max_attempts: number | null
  readonly run_at: string
  readonly last_error: string | null
  readonly result: Readonly<Record<string, unknown>> | null
  readonly created_at: string
  readonly updated_at: string
}

const root = '/v1/background-jobs'

/** The most that one request lists. */
const pageSize = 1000

/** Background jobs, newest first. Throws {@link LettaError}. */
export async function listBackgroundJobs(
  letta: Letta,
  filter: BackgroundJobFilter,
): Promise<BackgroundJob[]> {
  const { limit: most = Infinity } = filter
  const found: BackgroundJob[] = []
  while (found.length < most) {
    const limit = Math.min(pageSize, most - found.length)
    // The client keeps only the last of several values that stand in a path.
    const query = { limit, state: filter.states, kind: filter.kinds, after: found.at(-1)?.id }
    const page = await ask<WireJob[]>(letta.get(root, { query }))
    found.push(...page.map(toBackgroundJob))
    if (page.length < limit) break
  }
  return found
}

/** A background job. Throws {@link LettaError}. */
export async function readBackgroundJob(letta: Letta, id: string): Promise<BackgroundJob> {
  return toBackgroundJob(await ask(letta.get(`${root}/${id}`)))
}

/** Has a dead job tried again. Throws {@link LettaError}. */
export async function retryBackgroundJob(letta: Letta, id: string): Promise<BackgroundJob> {
  return toBackgroundJob(await ask(letta.post(`${root}/${id}/retry`)))
}

/** Removes a dead job. Throws {@link LettaError}. */
export async function removeBackgroundJob(letta: Letta, id: string): Promise<void> {
  await ask(letta.delete(`${root}/${id}`))
}

async function ask<Result = WireJob>(request: Promise<unknown>): Promise<Result> {
  try {
    return (await request) as Result
  } catch (error) {
    throw toLettaError(error)
  }
}

function toBackgroundJob(wire: WireJob): BackgroundJob {
  return {
    id: wire.id,
    kind: wire.kind,
    state: wire.state,
    agentId: wire.agent_id,
    payload: wire.payload,
    attempts: wire.attempts,
    maxAttempts: wire.max_attempts,
    runAt: new Date(wire.run_at),
    lastError: wire.last_error,
    result: wire.result,
    createdAt: new Date(wire.created_at),
    updatedAt: new Date(wire.updated_at),
  }
}
