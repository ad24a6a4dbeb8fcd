import type { JsonObject } from '../util/json.ts'

/** Work that is stored in the same transaction as its cause and done later by a server. */
export interface Job {
  /** `job-<uuid4>`. */
  readonly id: string
  readonly tenantId: string
  /** The kind of work; decides which handler runs it. */
  readonly kind: string
  readonly payload: JsonObject
  /** Whose backlog it belongs to, such as an agent's id: lanes of a tenant are served in turns. Empty = the tenant's own. */
  readonly lane: string
  /** `dead` = given up after the last attempt; kept until someone looks. */
  readonly state: 'ready' | 'running' | 'done' | 'dead'
  /** How often it was begun. */
  readonly attempts: number
  readonly maxAttempts: number
  /** Not before this time, in epoch milliseconds. */
  readonly runAt: number
  /** The process that works on it, while `running`. */
  readonly owner: string | null
  /** Grows with every claim; completing with an old number is refused. */
  readonly fence: number
  /** When another process may take it over. */
  readonly leaseUntil: number | null
  readonly lastError: string | null
  /** What came of it when it was done last; null = it never was. */
  readonly result: JsonObject | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** The most attempts of jobs that are tried until they succeed. */
export const endlessAttempts = 2_147_483_647

/** What a new job is made from. */
export interface NewJob {
  readonly id: string
  readonly tenantId: string
  readonly lane: string
  readonly kind: string
  readonly payload: JsonObject
  readonly maxAttempts: number
  /** Not before this time. Default: `at`. */
  readonly runAt?: number
  readonly at: number
}

/** A job that nobody has begun. */
export function newJob({ at, runAt = at, ...given }: NewJob): Job {
  return {
    ...given,
    state: 'ready',
    attempts: 0,
    runAt,
    owner: null,
    fence: 0,
    leaseUntil: null,
    lastError: null,
    result: null,
    createdAt: at,
    updatedAt: at,
  }
}
