import { AppError } from '../../errors/app-error.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { LeaseClaim, LeaseProof, TurnStore } from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { databaseNow } from './lease-clock.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { seesAgent } from './scope-filter.ts'
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
  async claimLease(connection, scope, claim) {
    const row = await findLease(connection, scope, claim.conversationId)
    if (row === null) throw notFound('conversation', claim.conversationId)
    return takeLease(connection, scope.tenantId, { claim, row })
  },

  async renewLease(connection, scope, { lease, until }) {
    await requireLease(connection, scope.tenantId, lease)
    connection.post(
      `UPDATE conversation_heads SET lease_until = ? WHERE tenant_id = ? AND conversation_id = ?`,
      connection.leaseClock.toStored(until),
      scope.tenantId,
      lease.conversationId,
    )
  },

  async releaseLease(connection, scope, { lease }) {
    connection.post(
      `UPDATE conversation_heads SET lease_owner = NULL, lease_until = NULL
       WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?`,
      scope.tenantId,
      lease.conversationId,
      lease.owner,
      lease.fence,
    )
  },

  async readLease(connection, scope, { conversationId }) {
    const row = await connection.get(
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
      until: connection.leaseClock.fromStored(asInteger(row[3])),
    }
  },
}

/** The lease of a conversation as it is, which nobody changes until the transaction ends. */
export interface LockedLease extends ConversationHead {
  readonly owner: string | null
  readonly fence: number
  /** By the database's clock. */
  readonly until: number
  /** What the database's clock showed. */
  readonly now: number
}

/** Reads and locks the lease of a conversation that exists for the caller, or null. */
export async function findLease(
  connection: SqlConnection,
  scope: TenantScope,
  conversationId: string,
): Promise<LockedLease | null> {
  const row = await connection.get(
    `SELECT agent_id, next_position, lease_owner, lease_fence, lease_until, ${databaseNow}
     FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ? FOR UPDATE`,
    scope.tenantId,
    conversationId,
  )
  if (row === undefined || !seesAgent(scope, asText(row[0]))) return null
  return {
    agentId: asText(row[0]),
    nextPosition: asInteger(row[1]),
    owner: asOptionalText(row[2]),
    fence: asInteger(row[3]),
    until: asOptionalInteger(row[4]) ?? 0,
    now: asInteger(row[5]),
  }
}

/** Takes or renews a locked lease with the next round trip; null when somebody else holds it. */
export function takeLease(
  connection: SqlConnection,
  tenantId: string,
  { claim, row }: { readonly claim: LeaseClaim; readonly row: LockedLease },
): LeaseProof | null {
  const { conversationId, owner } = claim
  const now = connection.leaseClock.observe(claim.at, row.now)
  const isRunning = row.owner !== null && row.until > now
  if (isRunning && row.owner !== owner && row.owner !== claim.deadOwner) return null
  const fence = row.fence + (isRunning && row.owner === owner ? 0 : 1)
  connection.post(
    `UPDATE conversation_heads SET lease_owner = ?, lease_fence = ?, lease_until = ?
     WHERE tenant_id = ? AND conversation_id = ?`,
    owner,
    fence,
    connection.leaseClock.toStored(claim.until),
    tenantId,
    conversationId,
  )
  return { conversationId, owner, fence }
}

/** Throws `lease_lost` unless the proof is that of the present holder; nobody else writes until this transaction ends. */
export async function requireLease(
  connection: SqlConnection,
  tenantId: string,
  lease: LeaseProof,
): Promise<ConversationHead> {
  const row = await connection.get(
    `SELECT agent_id, next_position FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?
     FOR UPDATE`,
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

/** Moves the next free item position of a conversation. */
export function moveHead(
  connection: SqlConnection,
  tenantId: string,
  head: { readonly conversationId: string; readonly nextPosition: number },
): void {
  connection.post(
    `UPDATE conversation_heads SET next_position = ? WHERE tenant_id = ? AND conversation_id = ?`,
    head.nextPosition,
    tenantId,
    head.conversationId,
  )
}
