import type { SqlConnection } from './sql-connection.ts'

/** Sets our advisory locks apart from those of other programs. */
const lockSpace = 5_497_853

/**
 * Until the transaction ends, no other operation changes what belongs to what in the tenant: attachments, labels,
 * tags, existence of agents and archives. What a turn writes does not wait for it, unless it stores passages.
 * Costs no round trip of its own. Taken before the lock on a conversation.
 */
export function lockStructure(connection: SqlConnection, tenantId: string): void {
  connection.post(`SELECT pg_advisory_xact_lock(${lockSpace}, hashtext(?)) AS tenant_id`, tenantId)
}

/** Until the transaction ends, nobody accepts, claims or writes anything in these conversations. */
export function lockConversations(
  connection: SqlConnection,
  tenantId: string,
  conversationIds: readonly string[],
): void {
  connection.post(
    `SELECT 1 FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ANY(?)
     ORDER BY conversation_id FOR UPDATE`,
    tenantId,
    conversationIds,
  )
}

/**
 * Until the transaction ends, no other operation imports messages of an agent: one that is sent again while it runs waits, and
 * finds everything known. Costs no round trip of its own. Taken first.
 */
export function lockImports(connection: SqlConnection, tenantId: string, agentId: string): void {
  connection.post(
    `SELECT pg_advisory_xact_lock(${lockSpace + 2}, hashtext(? || ?)) AS tenant_id`,
    tenantId,
    agentId,
  )
}

/** Until the transaction ends, no other process claims jobs. Taken first. */
export function lockJobClaims(connection: SqlConnection): void {
  connection.post(`SELECT pg_advisory_xact_lock(${lockSpace + 1}, 0)`)
}
