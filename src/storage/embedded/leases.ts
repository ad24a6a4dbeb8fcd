import { AppError } from '../../errors/app-error.ts'
import type { LeaseProof, TurnStore } from '../contract/turn-store.ts'
import type { Connection } from './connection.ts'
import { notFound } from '../engine/not-found.ts'
import { releaseWhenIdle } from '../engine/release-idle.ts'
import type { Operations } from './operation.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { asInteger, asOptionalInteger, asOptionalText, asText } from '../engine/sql-value.ts'

/** What a runner has to know of a conversation before it writes. */
export interface ConversationHead {
  readonly agentId: string
  /** The next free item position. */
  readonly nextPosition: number
}

/** Operations on the right to run a conversation. */
export const leaseOperations: Operations<
  Extract<keyof TurnStore, 'claimLease' | 'renewLease' | 'releaseLease' | 'readLease'>
> = {
  claimLease(connection, scope, { conversationId, owner, at, until, deadOwner }) {
    const row = connection.get(
      `SELECT agent_id, lease_owner, lease_fence, lease_until FROM conversation_heads
       WHERE tenant_id = ? AND conversation_id = ?`,
      scope.tenantId,
      conversationId,
    )
    if (row === undefined || !seesAgent(scope, asText(row[0]))) {
      throw notFound('conversation', conversationId)
    }
    const holder = asOptionalText(row[1])
    const isRunning = holder !== null && (asOptionalInteger(row[3]) ?? 0) > at
    if (isRunning && holder !== owner && holder !== deadOwner) return null
    const fence = asInteger(row[2]) + (isRunning && holder === owner ? 0 : 1)
    connection.run(
      `UPDATE conversation_heads SET lease_owner = ?, lease_fence = ?, lease_until = ?
       WHERE tenant_id = ? AND conversation_id = ?`,
      owner,
      fence,
      until,
      scope.tenantId,
      conversationId,
    )
    return { conversationId, owner, fence }
  },

  renewLease(connection, scope, { lease, until }) {
    requireLease(connection, scope.tenantId, lease)
    connection.run(
      `UPDATE conversation_heads SET lease_until = ? WHERE tenant_id = ? AND conversation_id = ?`,
      until,
      scope.tenantId,
      lease.conversationId,
    )
  },

  releaseLease(connection, scope, { lease }) {
    connection.run(
      `UPDATE conversation_heads SET lease_owner = NULL, lease_until = NULL
       WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?`,
      scope.tenantId,
      lease.conversationId,
      lease.owner,
      lease.fence,
    )
  },

  readLease(connection, scope, { conversationId }) {
    const row = connection.get(
      `SELECT agent_id, lease_owner, lease_fence, lease_until FROM conversation_heads
       WHERE tenant_id = ? AND conversation_id = ? AND lease_owner IS NOT NULL`,
      scope.tenantId,
      conversationId,
    )
    if (row === undefined || !seesAgent(scope, asText(row[0]))) return null
    return {
      conversationId,
      owner: asText(row[1]),
      fence: asInteger(row[2]),
      until: asInteger(row[3]),
    }
  },
}

/** Throws `lease_lost` unless the proof is that of the present holder. */
export function requireLease(
  connection: Connection,
  tenantId: string,
  lease: LeaseProof,
): ConversationHead {
  const row = connection.get(
    `SELECT agent_id, next_position FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?`,
    tenantId,
    lease.conversationId,
    lease.owner,
    lease.fence,
  )
  if (row !== undefined) return { agentId: asText(row[0]), nextPosition: asInteger(row[1]) }
  throw new AppError(
    'lease_lost',
    `Cannot write to the conversation ${lease.conversationId}: another process runs it by now. Stop this attempt.`,
    { data: { conversation_id: lease.conversationId } },
  )
}

/** Gives a lease back when nothing is left to do in its conversation; tells whether it did. */
export function releaseIdle(connection: Connection, tenantId: string, lease: LeaseProof): boolean {
  const { sql, values } = releaseWhenIdle(tenantId, lease)
  return connection.get(sql, ...values) !== undefined
}
