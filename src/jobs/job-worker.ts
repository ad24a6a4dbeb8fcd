import { errorMessage, isAppError } from '../errors/app-error.ts'
import type { Job } from '../domain/job.ts'
import { systemScope, type TenantScope } from '../domain/scope.ts'
import type { JobLane } from '../storage/contract/job-store.ts'
import { createLookout, type Lookout } from '../storage/lookout.ts'
import type { Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'
import { backoff } from './backoff.ts'
import { JobGivenUp, type JobKind, type JobOutcome } from './job-kind.ts'
import { describeQueue, type JobHealth } from './job-health.ts'
import { jobScope } from './job-scope.ts'

/** What a {@link JobWorker} is built from. */
export interface JobWorkerParts {
  readonly store: Store
  readonly clock: Clock
  readonly logger: { error(data: object, message: string): void }
  readonly kinds: readonly JobKind[]
  readonly settings: JobSettings
}

/** The numbers the worker goes by. Times in milliseconds. */
export interface JobSettings {
  /** How many jobs this process runs at once. */
  readonly concurrentJobs: number
  /** How many jobs of one tenant run at once, in all processes together. */
  readonly perTenant: number
  readonly leaseMs: number
  readonly renewMs: number
  /** How often the queue is looked at when nobody says that something was committed. */
  readonly lookEveryMs: number
  /** The shortest time between two looks. */
  readonly restMs: number
  /** How long a due job may wait before the queue counts as stuck. */
  readonly stuckAfterMs: number
}

/** The numbers of the design. */
export const defaultJobSettings: JobSettings = {
  concurrentJobs: 8,
  perTenant: 4,
  leaseMs: 30_000,
  renewMs: 10_000,
  lookEveryMs: 2000,
  restMs: 50,
  stuckAfterMs: 5 * 60_000,
}

/** How many tenants' last turns are remembered. */
const rememberedTenants = 1000

/** How often the jobs that must always exist are looked after, in milliseconds. */
const prepareEveryMs = 60 * 60_000

/** Does the jobs of the durable queue. Only servers start one. */
export class JobWorker {
  readonly #parts: JobWorkerParts
  readonly #kinds: ReadonlyMap<string, JobKind>
  readonly #running = new Set<Promise<void>>()
  readonly #claiming = new AbortController()
  readonly #stopping = new AbortController()
  readonly #served = new Map<string, JobLane>()
  #loop: Promise<void> | null = null
  #startedAt: number | null = null

  constructor(parts: JobWorkerParts) {
    this.#parts = parts
    this.#kinds = new Map(parts.kinds.map((kind) => [kind.name, kind]))
  }

  /** Begins to work. Idempotent. */
  start(): void {
    if (this.#loop !== null || this.#claiming.signal.aborted) return
    this.#startedAt = this.#parts.clock.now()
    this.#loop = this.#work()
  }

  /** Takes no more jobs, lets those that run finish up to `deadlineMs`, then gives the rest back. Idempotent. */
  async stop(options: { readonly deadlineMs: number }): Promise<void> {
    this.#claiming.abort()
    await this.#loop
    const settled = Promise.all(this.#running)
    if (options.deadlineMs > 0) await this.#waitFor(settled, options.deadlineMs)
    this.#stopping.abort()
    await settled
  }

  async #waitFor(settled: Promise<unknown>, milliseconds: number): Promise<void> {
    const finished = new AbortController()
    const deadline = this.#parts.clock
      .sleep(milliseconds, { signal: finished.signal, keepAlive: true })
      .catch(() => undefined)
    await Promise.race([settled, deadline])
    finished.abort()
  }

  /** How the queue stands, and whether it gets on. */
  async health(): Promise<JobHealth> {
    const { store, clock, settings } = this.#parts
    const at = clock.now()
    const counts = await store.countJobs(systemScope, { exceptKinds: [], at })
    return describeQueue(counts, { at, startedAt: this.#startedAt, ...settings })
  }

  async #work(): Promise<void> {
    const { store, clock, settings, logger } = this.#parts
    const { signal } = this.#claiming
    const lookout = createLookout({ store, clock, restMs: settings.restMs, signal })
    let preparedAt = Number.NEGATIVE_INFINITY
    try {
      while (!signal.aborted) {
        if (clock.now() >= preparedAt + prepareEveryMs) {
          preparedAt = clock.now()
          await this.#prepare()
        }
        let nextAt: number | null = null
        try {
          nextAt = await this.#claim(lookout)
        } catch (error) {
          logger.error({ err: error }, 'Cannot look for jobs; trying again')
        }
        const now = clock.now()
        const latest = now + settings.lookEveryMs
        await lookout.wait(Math.max(0, Math.min(nextAt ?? latest, latest) - now))
      }
    } finally {
      lookout.close()
    }
  }

  async #prepare(): Promise<void> {
    for (const kind of this.#kinds.values()) {
      try {
        await kind.prepare?.()
      } catch (error) {
        this.#parts.logger.error({ err: error, kind: kind.name }, 'Cannot prepare a kind of job')
      }
    }
  }

  /** Begins what is due and there is room for; returns when the next job is due, null while that is not known. */
  async #claim(lookout: Lookout): Promise<number | null> {
    const { store, clock, settings } = this.#parts
    const kinds = [...this.#kinds.keys()]
    const free = settings.concurrentJobs - this.#running.size
    if (free <= 0) return null
    const nextAt = await store.nextJobAt(systemScope, { kinds })
    const at = clock.now()
    if (nextAt === null || nextAt > at) return nextAt
    const jobs = await store.claimJobs(systemScope, {
      owner: store.description.owner,
      kinds,
      at,
      leaseUntil: at + settings.leaseMs,
      limit: free,
      perTenant: settings.perTenant,
      served: [...this.#served.values()],
    })
    for (const job of jobs) {
      this.#remember(job)
      const work = this.#run(job).finally(() => {
        this.#running.delete(work)
        lookout.wake()
      })
      this.#running.add(work)
    }
    return null
  }

  #remember({ tenantId, lane }: Job): void {
    this.#served.delete(tenantId)
    this.#served.set(tenantId, { tenantId, lane })
    const [oldest] = this.#served.keys()
    if (this.#served.size > rememberedTenants && oldest !== undefined) this.#served.delete(oldest)
  }

  /** Never rejects: what goes wrong is stored with the job, or else logged. */
  async #run(job: Job): Promise<void> {
    const { store, clock, logger } = this.#parts
    const scope = jobScope(job)
    const lost = new AbortController()
    const done = new AbortController()
    const renewing = this.#renew(job, { lost, done: done.signal })
    const { id, fence } = job
    try {
      const signal = AbortSignal.any([this.#stopping.signal, lost.signal])
      const outcome = await this.#attempt(job, signal)
      if (lost.signal.aborted) return
      if (outcome === 'stopped') {
        await store.releaseJob(scope, { id, fence, at: clock.now() })
      } else if (outcome instanceof Error) {
        await this.#fail(scope, job, outcome)
      } else {
        await store.completeJob(scope, { id, fence, ...outcome, at: clock.now() })
      }
    } catch (error) {
      // Its lease ends, and it is done again.
      if (!isAppError(error, 'lease_lost')) {
        logger.error({ err: error, jobId: id }, 'Cannot write down what came of a job')
      }
    } finally {
      done.abort()
      await renewing
    }
  }

  async #attempt(job: Job, signal: AbortSignal): Promise<JobOutcome | Error | 'stopped'> {
    try {
      const kind = this.#kinds.get(job.kind)
      if (kind === undefined) throw new Error(`There is no kind of job named ${job.kind}`)
      return await kind.run(job, signal)
    } catch (error) {
      if (signal.aborted) return 'stopped'
      return error instanceof Error ? error : new Error(errorMessage(error), { cause: error })
    }
  }

  async #fail(scope: TenantScope, job: Job, error: Error): Promise<void> {
    const { store, clock, logger } = this.#parts
    const at = clock.now()
    const { state } = await store.failJob(scope, {
      id: job.id,
      fence: job.fence,
      error: errorMessage(error),
      retryAt: at + backoff(job.attempts),
      giveUp: error instanceof JobGivenUp,
      at,
    })
    if (state === 'dead')
      logger.error({ err: error, jobId: job.id, kind: job.kind }, 'Gave a job up')
  }

  async #renew(
    job: Job,
    until: { readonly lost: AbortController; readonly done: AbortSignal },
  ): Promise<void> {
    const { store, clock, settings } = this.#parts
    const scope = jobScope(job)
    try {
      while (true) {
        await clock.sleep(settings.renewMs, { signal: until.done })
        const at = clock.now()
        await store.renewJob(scope, {
          id: job.id,
          fence: job.fence,
          leaseUntil: at + settings.leaseMs,
          at,
        })
      }
    } catch {
      // Ended, or no longer ours; when the store does not answer, another process takes the job over.
      if (!until.done.aborted) until.lost.abort()
    }
  }
}
