import type { RunEvent, RunEventBody } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { LeaseProof } from './turn-store.ts'

/** The numbered log of each run. */
export interface EventStore {
  /** Adds a batch with the next numbers of the run. `lease_lost` when the lease is gone. */
  appendEvents(
    scope: TenantScope,
    input: {
      readonly lease: LeaseProof
      readonly runId: string
      readonly events: readonly RunEventBody[]
      readonly at: number
    },
  ): Promise<readonly RunEvent[]>
  /** Events with a greater number than `after`, ascending; none for a run that does not exist. */
  listEvents(
    scope: TenantScope,
    input: { readonly runId: string; readonly after: number; readonly limit: number },
  ): Promise<readonly RunEvent[]>
  /** Removes the events of runs that ended before a time; returns how many. */
  pruneEvents(
    scope: TenantScope,
    input: { readonly endedBefore: number; readonly limit: number },
  ): Promise<number>
}
