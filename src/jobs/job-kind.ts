import type { Job } from '../domain/job.ts'
import type { JsonObject } from '../util/json.ts'

/** One kind of work, and how it is done. */
export interface JobKind {
  /** The `kind` of its jobs. */
  readonly name: string
  /**
   * Stores the jobs that must always exist; called when a worker begins and every hour, as tenants come. What it rejects
   * with is logged.
   */
  readonly prepare?: () => Promise<void>
  /**
   * Does the work of one job. It may be done again after a crash, so what it does twice must be the same as once.
   *
   * Rejects with {@link JobGivenUp} when trying again is no use; any other rejection is tried again later, until the
   * attempts are used up. When `signal` aborts it should end soon; the job then goes back as if it had not been begun.
   */
  run(job: Job, signal: AbortSignal): Promise<JobOutcome>
}

/** What came of a job. */
export interface JobOutcome {
  /** Stored with the job. */
  readonly result: JsonObject
  /** When the same job is to be done again; null = it is done. */
  readonly again: number | null
}

/** Says that a job cannot succeed, however often it is tried. */
export class JobGivenUp extends Error {}
