import { runTable } from '../engine/run-tables.ts'
import type { Run } from '../../domain/run.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toExpression, type SqlExpression } from '../engine/sql-value.ts'

/** Stores a run that has not begun. */
export function insertRun(
  connection: SqlConnection,
  tenantId: string,
  input: {
    readonly run: Run
    readonly sequence: number | SqlExpression
    readonly requestHash: string | null
  },
): void {
  runTable.insertComputed(connection, tenantId, {
    item: { ...input.run, status: 'created' },
    computed: {},
    engineValues: [toExpression(input.sequence), input.requestHash, 0, 1],
  })
}

/** Puts a turn at the next place of a locked conversation's inbox, with the next round trip. */
export function enqueueTurn(
  connection: SqlConnection,
  tenantId: string,
  entry: { readonly conversationId: string; readonly turnId: string; readonly at: number },
): void {
  connection.post(
    `WITH head AS (
       UPDATE conversation_heads SET next_inbox = next_inbox + 1
       WHERE tenant_id = ? AND conversation_id = ?
       RETURNING tenant_id, conversation_id, next_inbox - 1 AS position)
     INSERT INTO inbox (tenant_id, conversation_id, position, turn_id, created_at)
     SELECT tenant_id, conversation_id, position, ?, ? FROM head`,
    tenantId,
    entry.conversationId,
    entry.turnId,
    entry.at,
  )
}
