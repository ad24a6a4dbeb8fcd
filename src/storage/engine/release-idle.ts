import type { LeaseProof } from '../contract/turn-store.ts'
import type { SqlExpression } from './sql-value.ts'

/** Gives a lease back when its conversation has nothing to begin or carry on; answers with a row when it did. */
export function releaseWhenIdle(tenantId: string, lease: LeaseProof): SqlExpression {
  const { conversationId, owner, fence } = lease
  const key = [tenantId, conversationId]
  return {
    sql: `UPDATE conversation_heads SET lease_owner = NULL, lease_until = NULL
      WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?
        AND NOT EXISTS (SELECT 1 FROM inbox WHERE tenant_id = ? AND conversation_id = ?)
        AND NOT EXISTS (SELECT 1 FROM turns
          WHERE tenant_id = ? AND conversation_id = ? AND state = 'executing')
      RETURNING 1`,
    values: [...key, owner, fence, ...key, ...key],
  }
}
