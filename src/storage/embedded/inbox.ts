import { runTable } from '../engine/run-tables.ts'
import type { Run } from '../../domain/run.ts'
import type { Connection } from './connection.ts'
import { asInteger } from '../engine/sql-value.ts'

/** Stores a run that has not begun. */
export function insertRun(
  connection: Connection,
  tenantId: string,
  input: { readonly run: Run; readonly sequence: number; readonly requestHash: string | null },
): void {
  runTable.insert(connection, tenantId, {
    item: { ...input.run, status: 'created' },
    engineValues: [input.sequence, input.requestHash, 0, 1],
  })
}

/** Puts a turn at the end of its conversation's inbox. */
export function enqueueTurn(
  connection: Connection,
  tenantId: string,
  entry: { readonly conversationId: string; readonly turnId: string; readonly at: number },
): void {
  const row = connection.get(
    `UPDATE conversation_heads SET next_inbox = next_inbox + 1
     WHERE tenant_id = ? AND conversation_id = ? RETURNING next_inbox`,
    tenantId,
    entry.conversationId,
  )
  connection.run(
    `INSERT INTO inbox (tenant_id, conversation_id, position, turn_id, created_at)
     VALUES (?, ?, ?, ?, ?)`,
    tenantId,
    entry.conversationId,
    asInteger(row?.[0]) - 1,
    entry.turnId,
    entry.at,
  )
}
