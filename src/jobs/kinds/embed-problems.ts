import { z } from 'zod'
import type { TenantScope } from '../../domain/scope.ts'
import type { JobStore } from '../../storage/contract/job-store.ts'
import { jobScope } from '../job-scope.ts'
import { embedJobKind } from './embed.ts'

/** What went wrong the last time that a tenant's vectors were made; null = nothing did. */
export interface EmbedProblems {
  of(model: string): string | null
}

const resultSchema = z.lazy(() => z.object({ failed: z.record(z.string(), z.string()) }))

/** Reads what the job says about models that fail. One that was given up says it of all of them. */
export async function readEmbedProblems(
  store: Pick<JobStore, 'listJobs'>,
  { tenantId }: Pick<TenantScope, 'tenantId'>,
): Promise<EmbedProblems> {
  const [job] = await store.listJobs(jobScope({ tenantId }), { kinds: [embedJobKind], limit: 1 })
  if (job?.state === 'dead') return { of: () => job.lastError }
  const failed = resultSchema.safeParse(job?.result).data?.failed ?? {}
  return { of: (model) => (Object.hasOwn(failed, model) ? (failed[model] ?? null) : null) }
}
