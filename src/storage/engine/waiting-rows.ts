import type { WaitingFor } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ParkInput } from '../contract/waiting-store.ts'
import { signalTable } from './signal-table.ts'
import {
  asInteger,
  asJson,
  asOptionalText,
  asText,
  type SqlExpression,
  type SqlRow,
} from './sql-value.ts'

/** A turn that was begun and has not ended. */
export interface BegunTurn {
  readonly turnId: string
  readonly runId: string
  readonly state: string
  readonly stopRequest: string | null
  readonly waitingFor: WaitingFor | null
  /** Whether somebody holds the conversation. */
  readonly isHeld: boolean
}

/** The turn of a conversation that was begun and has not ended, for {@link toBegun}. */
export function selectBegun(tenantId: string, conversationId: string): SqlExpression {
  return {
    sql: `SELECT t.id, t.run_id, t.state, t.stop_request, t.waiting_for, CASE WHEN head.lease_owner IS NULL THEN 0 ELSE 1 END
     FROM turns t JOIN conversation_heads head
       ON head.tenant_id = t.tenant_id AND head.conversation_id = t.conversation_id
     WHERE t.tenant_id = ? AND t.conversation_id = ?
       AND t.state IN ('executing', 'paused', 'waiting') ORDER BY t.sequence LIMIT 1`,
    values: [tenantId, conversationId],
  }
}

/** The turn in a row of {@link selectBegun}, if there is one. */
export function toBegun(row: SqlRow | undefined): BegunTurn | null {
  if (row === undefined) return null
  return {
    turnId: asText(row[0]),
    runId: asText(row[1]),
    state: asText(row[2]),
    stopRequest: asOptionalText(row[3]),
    waitingFor: asOptionalText(row[4]) === null ? null : asJson<WaitingFor>(row[4]),
    isHeld: asInteger(row[5]) === 1,
  }
}

/** Whether a turn waits for the signal of this name. */
export function waitsFor(wait: WaitingFor | null, name: string): boolean {
  return wait?.kind === 'signal' && wait.name === name
}

/** The turn that is to wait while it is being run, for {@link toExecuting}. */
export function selectExecuting(
  tenantId: string,
  { turnId, lease }: Pick<ParkInput, 'turnId' | 'lease'>,
): SqlExpression {
  return {
    sql: `SELECT run_id, stop_request FROM turns
     WHERE tenant_id = ? AND id = ? AND conversation_id = ? AND state = 'executing'`,
    values: [tenantId, turnId, lease.conversationId],
  }
}

/** What is in a row of {@link selectExecuting}. Throws `conflict` when there is none. */
export function toExecuting(
  row: SqlRow | undefined,
  turnId: string,
): { readonly runId: string; readonly stopRequest: string | null } {
  if (row !== undefined) return { runId: asText(row[0]), stopRequest: asOptionalText(row[1]) }
  throw new AppError(
    'conflict',
    `Cannot let the turn ${turnId} wait: the turn is not being run. Leave it.`,
    { data: { reason: 'turn_not_executing', turn_id: turnId } },
  )
}

/** A signal of a conversation by its id. */
export function selectSignal(
  tenantId: string,
  signal: { readonly conversationId: string; readonly id: string },
): SqlExpression {
  return {
    sql: `SELECT ${signalTable.list('s')} FROM signals s
     WHERE s.tenant_id = ? AND s.conversation_id = ? AND s.id = ?`,
    values: [tenantId, signal.conversationId, signal.id],
  }
}

/** The oldest signal of a name that no wait has used. */
export function selectUnusedSignal(
  tenantId: string,
  signal: { readonly conversationId: string; readonly name: string },
): SqlExpression {
  return {
    sql: `SELECT ${signalTable.list('s')} FROM signals s
     WHERE s.tenant_id = ? AND s.conversation_id = ? AND s.name = ? AND s.consumed_at IS NULL
     ORDER BY s.sequence LIMIT 1`,
    values: [tenantId, signal.conversationId, signal.name],
  }
}

/** Another wait has used the signal. */
export function signalUsed(id: string): AppError {
  return new AppError(
    'conflict',
    `Cannot use the signal ${id}: another wait has used it, or there is none. Wait for the next one.`,
    { data: { reason: 'signal_used', signal_id: id } },
  )
}
