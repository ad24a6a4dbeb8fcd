import { runTable } from '../engine/run-tables.ts'
import type { Run } from '../../domain/run.ts'
import type { SqlConnection } from './sql-connection.ts'
import { asInteger } from '../engine/sql-value.ts'

/** Stores a run that has not begun. */
export function insertRun(
  connection: SqlConnection,
  tenantId: string,
  input: { readonly run: Run; readonly sequence: number; readonly requestHash: string | null },
): void {
  runTable.insert(connection, tenantId, {
    item: { ...input.run, status: 'created' },
    engineValues: [input.sequence, input.requestHash, 0, 1],
  })
}

/** Reserves the next place in a conversation's inbox. */
export async function takeInboxPosition(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<number> {
  const row = await connection.get(
    `UPDATE conversation_heads SET next_inbox = next_inbox + 1
     WHERE tenant_id = ? AND conversation_id = ? RETURNING next_inbox`,
    tenantId,
    conversationId,
  )
  return asInteger(row?.[0]) - 1
}

/** Puts a turn at its place in the inbox, with the next round trip. */
export function enqueueTurn(
  connection: SqlConnection,
  tenantId: string,
  entry: {
    readonly conversationId: string
    readonly turnId: string
    readonly position: number
    readonly at: number
  },
): void {
  connection.post(
    `INSERT INTO inbox (tenant_id, conversation_id, position, turn_id, created_at)
     VALUES (?, ?, ?, ?, ?)`,
    tenantId,
    entry.conversationId,
    entry.position,
    entry.turnId,
    entry.at,
  )
}
