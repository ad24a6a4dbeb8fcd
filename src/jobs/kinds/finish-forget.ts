import { z } from 'zod'
import { isAppError } from '../../errors/app-error.ts'
import type { Store } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import type { JobKind } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'

/** The kind of the jobs that clean up after a forgetting. */
export const forgetJobKind = 'forget'

const payloadSchema = z.lazy(() => z.object({ forget_id: z.string() }))

/** What is always outside of what a program can clean, whatever the engine. */
export const outsideEverywhere: readonly string[] = [
  'what was sent to model providers, tools and callbacks',
  'what servers wrote to standard error, and logs on other machines',
  'backups and copies made by people',
]

/**
 * Cleans up after a forgetting whose process ended before it was done: what is gone from the tables is removed from the
 * files, too. What it was is not known any more, so everything is cleaned instead of looked for.
 */
export function createForgetKind(parts: { readonly store: Store; readonly clock: Clock }): JobKind {
  const { store, clock } = parts
  return {
    name: forgetJobKind,
    async run(job) {
      const scope = jobScope(job)
      const { forget_id: id } = payloadSchema.parse(job.payload)
      const receipt = await findReceipt(store, job, id)
      if (receipt === null || receipt.state === 'done') {
        return { result: { state: receipt?.state ?? 'gone' }, again: null }
      }
      const report = await store.purge({ texts: null })
      const { cleaning, filesSearched, filesFound } = report
      await store.finishForget(scope, {
        id,
        residue: receipt.residue ?? {
          rowsSearched: 0,
          rowsFound: null,
          filesSearched,
          filesFound,
          elsewhere: null,
        },
        cleaning,
        outside: [...outsideEverywhere, ...report.outside],
        at: clock.now(),
      })
      return { result: { state: 'done' }, again: null }
    },
  }
}

async function findReceipt(
  store: Store,
  job: Parameters<JobKind['run']>[0],
  id: string,
): Promise<Awaited<ReturnType<Store['getForget']>> | null> {
  try {
    return await store.getForget(jobScope(job), { id })
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}
