import { z } from 'zod'
import { consolidationJobKind } from '../../domain/consolidation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Store } from '../../storage/store.ts'
import type { JsonObject } from '../../util/json.ts'
import type { JobKind } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'

const payloadSchema = z.lazy(() =>
  z.object({ agent_id: z.string(), idle_since: z.int().nullable() }),
)

/** What {@link createConsolidationKind} needs. */
export interface ConsolidationKindParts {
  readonly store: Store
  /** Tidies an agent's memory, and says in numbers what came of it. */
  readonly consolidate: (
    scope: TenantScope,
    agentId: string,
    signal: AbortSignal,
  ) => Promise<JsonObject>
}

/** Tidies an agent's memory after a number of turns, or when it rests; twice is the same as once. */
export function createConsolidationKind({ store, consolidate }: ConsolidationKindParts): JobKind {
  return {
    name: consolidationJobKind,
    async run(job, signal) {
      const scope = jobScope(job)
      const { agent_id: id, idle_since: idleSince } = payloadSchema.parse(job.payload)
      try {
        const { lastRunCompletion } = await store.getAgent(scope, { id })
        const isBusy = idleSince !== null && (lastRunCompletion ?? 0) > idleSince
        return {
          result: isBusy ? { state: 'not idle' } : await consolidate(scope, id, signal),
          again: null,
        }
      } catch (error) {
        if (!isAppError(error, 'not_found')) throw error
        return { result: { state: 'gone' }, again: null }
      }
    },
  }
}
