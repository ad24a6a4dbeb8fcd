import type { StopRequest } from '../../domain/run.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ParkInput } from '../contract/waiting-store.ts'
import { asJson, toJsonColumn, type SqlExpression, type SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** A turn with its run. */
export interface TurnKey {
  readonly tenantId: string
  readonly turnId: string
  readonly runId: string
}

/** Pauses a turn; what is shown of its run is set by {@link showWaiting}. */
export function postRest(
  target: ChangeTarget,
  { tenantId, turnId, at }: TurnKey & { readonly at: number },
): void {
  target.post(
    `UPDATE turns SET state = 'paused', wake_at = NULL, stop_request = NULL, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    at,
    tenantId,
    turnId,
  )
}

/** Opens a turn that rested; what it waited for is kept until its call has a return. */
export function postWake(
  target: ChangeTarget,
  { tenantId, turnId, at }: TurnKey & { readonly at: number },
): void {
  target.post(
    `UPDATE turns SET state = 'executing', wake_at = NULL, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    at,
    tenantId,
    turnId,
  )
}

/** Lets a turn wait. */
export function postPark(
  target: ChangeTarget,
  tenantId: string,
  { turnId, wait, at }: Pick<ParkInput, 'turnId' | 'wait' | 'at'>,
): void {
  target.post(
    `UPDATE turns SET state = 'waiting', waiting_for = ?, wake_at = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    toJsonColumn(wait),
    wait.until,
    at,
    tenantId,
    turnId,
  )
}

/** Forgets what the turn of a step waited for. */
export function clearWait(target: ChangeTarget, tenantId: string, stepId: string): void {
  target.post(
    `UPDATE turns SET waiting_for = NULL, wake_at = NULL WHERE tenant_id = ? AND id = (
       SELECT turn_id FROM steps WHERE tenant_id = ? AND id = ?)`,
    tenantId,
    tenantId,
    stepId,
  )
}

/** Uses up a signal that no other wait has used; changes nothing otherwise. */
export function useSignal(
  tenantId: string,
  signal: { readonly conversationId: string; readonly id: string; readonly at: number },
): SqlExpression {
  return {
    sql: `UPDATE signals SET consumed_at = ?, payload = NULL
     WHERE tenant_id = ? AND conversation_id = ? AND id = ? AND consumed_at IS NULL`,
    values: [signal.at, tenantId, signal.conversationId, signal.id],
  }
}

/** Tells the runner of a turn to stop, or no longer to. */
export function setStopRequest(
  target: ChangeTarget,
  turn: Omit<TurnKey, 'runId'> & { readonly request: StopRequest | null },
): void {
  target.post(
    `UPDATE turns SET stop_request = ? WHERE tenant_id = ? AND id = ?`,
    turn.request,
    turn.tenantId,
    turn.turnId,
  )
}

/** Pauses a conversation or opens it again; one that is so already keeps its time. */
export function setConversationState(
  target: ChangeTarget,
  conversation: {
    readonly tenantId: string
    readonly id: string
    readonly state: 'active' | 'paused'
    readonly at: number
  },
): void {
  const { tenantId, id, state, at } = conversation
  target.post(
    `UPDATE conversations SET state = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ? AND state <> ?`,
    state,
    at,
    tenantId,
    id,
    state,
  )
}

/** What {@link showWaiting} has to know of a run. */
export function selectShown({ tenantId, runId }: Omit<TurnKey, 'turnId'>): SqlExpression {
  return {
    sql: `SELECT metadata FROM runs WHERE tenant_id = ? AND id = ?`,
    values: [tenantId, runId],
  }
}

/** Sets what the wire shows of a run whose turn rests; `row` is that of {@link selectShown}. */
export function showWaiting(
  target: ChangeTarget,
  run: Omit<TurnKey, 'turnId'> & { readonly waiting: JsonObject | null },
  row: SqlRow | undefined,
): void {
  const { waiting_for: _, ...metadata } = asJson<JsonObject>(row?.[0] ?? '{}')
  target.post(
    `UPDATE runs SET metadata = ? WHERE tenant_id = ? AND id = ?`,
    toJsonColumn(run.waiting === null ? metadata : { ...metadata, waiting_for: run.waiting }),
    run.tenantId,
    run.runId,
  )
}
