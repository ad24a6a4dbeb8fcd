import type { Run, RunStatus, RunUsage, Step, StopReason, Turn } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Star } from '../../domain/star.ts'
import type { Page } from './page.ts'

/** Reading turns, runs and steps. They are written by the operations of `TurnStore`. */
export interface RunStore {
  /** `not_found` when there is none. */
  getRun(scope: TenantScope, input: { readonly id: string }): Promise<Run>
  /** `not_found` when there is none. */
  getTurn(scope: TenantScope, input: { readonly id: string }): Promise<Turn>
  /** Runs that pass the filter, by creation; cursors follow the order, unknown ones start at the beginning, as in V1. */
  listRuns(
    scope: TenantScope,
    input: { readonly filter: RunFilter; readonly page: Page },
  ): Promise<readonly Run[]>
  /** What all steps of a run used together; zeros when there are none. */
  getRunUsage(scope: TenantScope, input: { readonly runId: string }): Promise<RunUsage>
  /** Steps of a run or agent, by creation. */
  listSteps(
    scope: TenantScope,
    input: { readonly runId?: string; readonly agentId?: string; readonly page: Page },
  ): Promise<readonly Step[]>
  /** `not_found` when there is none. */
  getStep(scope: TenantScope, input: { readonly id: string }): Promise<Step>
  /** The run that accepted a message with this otid in a conversation, or null. */
  findRunByOtid(
    scope: TenantScope,
    input: { readonly conversationId: string; readonly otid: string },
  ): Promise<Run | null>
  /**
   * Remembers that the responses of runs were delivered to their end, so that a repeat of one of the requests is a new one.
   * Runs that are not there (any more) are passed over; resolves with how many were.
   */
  markDelivered(scope: TenantScope, input: { readonly runIds: readonly string[] }): Promise<number>
  /** Writes down what became of the last attempt to call back. `not_found` when there is no such run. */
  recordCallback(
    scope: TenantScope,
    input: {
      readonly runId: string
      readonly sentAt: number
      readonly statusCode: number | null
      readonly error: string | null
    },
  ): Promise<void>
  /** Gives the answer of a run a star in place of an earlier one; null takes it away. `not_found`. */
  starRun(
    scope: TenantScope,
    input: { readonly id: string; readonly star: Star | null },
  ): Promise<Run>
}

/** Which runs; absent fields do not filter. */
export interface RunFilter {
  readonly agentIds?: readonly string[]
  readonly conversationId?: string
  readonly statuses?: readonly RunStatus[]
  readonly background?: boolean
  readonly stopReason?: StopReason
  /** Whether the answer has a star. */
  readonly starred?: boolean
}
