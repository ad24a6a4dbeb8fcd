import type { MessageItem } from '../../domain/conversation.ts'
import type { RunEventBody } from '../../domain/run.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { CommitResult, TurnEnd } from '../contract/turn-store.ts'
import { itemColumns, itemSource, toItem } from '../engine/item-rows.ts'
import type { SqlConnection } from './sql-connection.ts'
import { readNewestEvents } from './events.ts'

/** What a commit is made of, as far as its result tells of it. */
export interface Committed {
  readonly lease: { readonly conversationId: string }
  readonly message: NewMessage | null
  readonly request: NewMessage | null
  readonly runId: string
  readonly events: readonly RunEventBody[]
  readonly end: TurnEnd | null
  /** Whether it gave the lease back. */
  readonly released: boolean
}

/** The result of a commit that is stored and that nothing followed: nobody else has had the lease since. */
export async function readCommitted(
  connection: SqlConnection,
  tenantId: string,
  commit: Committed,
): Promise<CommitResult> {
  const { runId, end } = commit
  const own = commit.events.length
  const last = end?.events.length ?? 0
  const isOneLog = end === null || end.runId === runId
  const events = await readNewestEvents(connection, tenantId, {
    runId,
    count: isOneLog ? own + last : own,
  })
  const endEvents = isOneLog
    ? []
    : await readNewestEvents(connection, tenantId, { runId: end.runId, count: last })
  return {
    item: await readItem(connection, tenantId, { ...commit, added: commit.message }),
    request: await readItem(connection, tenantId, { ...commit, added: commit.request }),
    events: [...events, ...endEvents],
    released: commit.released,
  }
}

async function readItem(
  connection: SqlConnection,
  tenantId: string,
  { lease, added }: Pick<Committed, 'lease'> & { readonly added: NewMessage | null },
): Promise<MessageItem | null> {
  if (added === null) return null
  const row = await connection.get(
    `SELECT ${itemColumns} FROM ${itemSource}
     WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.message_id = ?`,
    tenantId,
    lease.conversationId,
    added.message.id,
  )
  const item = row === undefined ? null : toItem(row)
  return item?.kind === 'message' ? item : null
}
