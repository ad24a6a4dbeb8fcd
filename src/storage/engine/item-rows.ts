import type { ConversationItem } from '../../domain/conversation.ts'
import { messageTable } from './message-table.ts'
import { asInteger, asJson, asText, type SqlRow } from './sql-value.ts'

/** `FROM` of a query for items with their messages. */
export const itemSource = `conversation_items item
  LEFT JOIN messages m ON m.tenant_id = item.tenant_id AND m.id = item.message_id`

/** The columns that {@link toItem} reads, from {@link itemSource}. */
export const itemColumns = `item.position, item.tail_text, item.tail_sources, item.created_at,
  ${messageTable.list('m')}`

/** The item in a row of {@link itemColumns}. */
export function toItem(row: SqlRow): ConversationItem {
  const position = asInteger(row[0])
  if (row[1] === null || row[1] === undefined) {
    return { kind: 'message', position, message: messageTable.read(row, 4) }
  }
  return {
    kind: 'tail',
    position,
    text: asText(row[1]),
    sources: asJson<string[]>(row[2]),
    createdAt: asInteger(row[3]),
  }
}
