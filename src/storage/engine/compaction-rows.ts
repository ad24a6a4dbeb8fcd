import type { MessageItem } from '../../domain/conversation.ts'
import { AppError } from '../../errors/app-error.ts'
import { messageTable } from './message-table.ts'
import { asInteger, asText, type SqlRow } from './sql-value.ts'

/**
 * Points a summary to the messages of the view that are before a position, but the system message. Values: summary, tenant,
 * conversation, position. To be sent before the view is moved.
 */
export const insertSourcesSql = `INSERT INTO summary_sources (tenant_id, summary_id, position, message_id)
  SELECT item.tenant_id, ?, item.position, item.message_id FROM conversations c
  JOIN conversation_items item ON item.tenant_id = c.tenant_id AND item.conversation_id = c.id
  WHERE c.tenant_id = ? AND c.id = ? AND item.position >= c.view_from AND item.position < ?
    AND item.message_id IS NOT NULL AND item.message_id <> c.system_message_id`

/** Points a summary to the one it takes up, unless it does. Values: summary, tenant, conversation, earlier summary. */
export const insertEarlierSql = `INSERT INTO summary_sources (tenant_id, summary_id, position, message_id)
  SELECT item.tenant_id, ?, item.position, item.message_id FROM conversation_items item
  WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.message_id = ?
  ON CONFLICT DO NOTHING`

/** Moves the beginning of a view forward. Values: position, tenant, conversation, position. */
export const moveViewSql = `UPDATE conversations SET view_from = ?
  WHERE tenant_id = ? AND id = ? AND view_from < ? RETURNING id`

/** Messages that a summary covers. Values: tenant, summary, position, limit. */
export const listSourcesSql = `SELECT source.position, ${messageTable.list('m')}
  FROM summary_sources source
  JOIN messages m ON m.tenant_id = source.tenant_id AND m.id = source.message_id
  WHERE source.tenant_id = ? AND source.summary_id = ? AND source.position > ?
  ORDER BY source.position LIMIT ?`

/** The message in a row of {@link listSourcesSql}. */
export function toSource(row: SqlRow): MessageItem {
  return { kind: 'message', position: asInteger(row[0]), message: messageTable.read(row, 1) }
}

/** What a compaction is told that comes too late. */
export function viewMoved(conversationId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot compact the conversation ${conversationId}: its view begins later already. Read it again.`,
    { data: { reason: 'view_moved', conversation_id: conversationId } },
  )
}

/** Columns of the rows that {@link toViewIds} reads, over a conversation `c` with its items and their messages `m`. */
export const viewIdColumns = 'c.id, c.system_message_id, m.id, m.role'

/**
 * The message identifiers of views by conversation, from rows in the order of positions: the system message, then the newest
 * summary, then the rest without older summaries.
 */
export function toViewIds(rows: readonly SqlRow[]): Record<string, string[]> {
  const views = new Map<string, { system: string; summary: string | null; rest: string[] }>()
  for (const [conversationId, systemMessageId, messageId, role] of rows) {
    const id = asText(conversationId)
    const view = views.get(id) ?? { system: asText(systemMessageId), summary: null, rest: [] }
    views.set(id, view)
    if (typeof messageId !== 'string') continue
    if (role === 'summary') view.summary = messageId
    else view.rest.push(messageId)
  }
  return Object.fromEntries(
    [...views].map(([id, { system, summary, rest }]) => [
      id,
      summary === null ? [system, ...rest] : [system, summary, ...rest],
    ]),
  )
}
