import { AppError } from '../../errors/app-error.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { LeaseClaim, LeaseProof, TurnStore } from '../contract/turn-store.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { releaseWhenIdle } from '../engine/release-idle.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { asInteger, asText, type SqlExpression, type SqlRow } from '../engine/sql-value.ts'

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
    const exists = connection.get(
      `SELECT agent_id FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ?
       FOR UPDATE`,
      scope.tenantId,
      claim.conversationId,
    )
    const taken = postClaim(connection, scope, { claim, onlyIf: null })
    await connection.commit()
    const row = await exists
    if (row === undefined || !seesAgent(scope, asText(row[0]))) {
      throw notFound('conversation', claim.conversationId)
    }
    return await taken()
  },

  async renewLease(connection, scope, { lease, until }) {
    const renewed = connection.require(
      `UPDATE conversation_heads SET lease_until = ?
       WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?
       RETURNING lease_until`,
      connection.leaseClock.toStored(until),
      scope.tenantId,
      lease.conversationId,
      lease.owner,
      lease.fence,
    )
    if (!(await connection.commit()) || (await renewed) === undefined) throw leaseLost(lease)
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

/**
 * Sends the claim of a lease, which takes or renews it when it is to be had and `onlyIf` holds. Returns what waits for
 * the proof, or for null.
 */
export function postClaim(
  connection: SqlConnection,
  scope: TenantScope,
  { claim, onlyIf }: { readonly claim: LeaseClaim; readonly onlyIf: SqlExpression | null },
): () => Promise<LeaseProof | null> {
  const { conversationId, owner } = claim
  const now = connection.leaseClock.now(claim.at)
  const conditions = new Conditions()
    .add('head.tenant_id = ? AND head.conversation_id = ?', scope.tenantId, conversationId)
    .add(
      `(head.lease_owner IS NULL OR coalesce(head.lease_until, 0) <= clock.now
         OR head.lease_owner = ANY(?))`,
      claim.deadOwner === undefined ? [owner] : [owner, claim.deadOwner],
    )
  addAgentScope(conditions, scope, 'head.agent_id')
  if (onlyIf !== null) conditions.add(onlyIf.sql, ...onlyIf.values)
  const answer = connection.get(
    `UPDATE conversation_heads head SET lease_owner = ?, lease_until = clock.now + ?::bigint,
       lease_fence = head.lease_fence
         + CASE WHEN head.lease_owner = ? AND head.lease_until > clock.now THEN 0 ELSE 1 END
     FROM (SELECT ${now.sql} AS now) clock WHERE ${conditions.sql}
     RETURNING head.lease_fence, clock.now`,
    owner,
    claim.until - claim.at,
    owner,
    ...now.values,
    ...conditions.values,
  )
  return async () => {
    const row = await answer
    if (row === undefined) return null
    connection.leaseClock.observe(claim.at, asInteger(row[1]))
    return { conversationId, owner, fence: asInteger(row[0]) }
  }
}

/**
 * Has the transaction refused unless the proof is that of the present holder; nobody else writes to the conversation
 * until the transaction ends. Resolves with undefined when it was refused for this.
 */
export function holdLease(
  connection: SqlConnection,
  tenantId: string,
  lease: LeaseProof,
): Promise<SqlRow | undefined> {
  return connection.require(...leaseQuery(tenantId, lease))
}

function leaseQuery(tenantId: string, lease: LeaseProof): [string, ...SqlValue[]] {
  return [
    `SELECT agent_id, next_position FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?
     FOR UPDATE`,
    tenantId,
    lease.conversationId,
    lease.owner,
    lease.fence,
  ]
}

/** Throws `lease_lost` unless the proof is that of the present holder; nobody else writes until this transaction ends. */
export async function requireLease(
  connection: SqlConnection,
  tenantId: string,
  lease: LeaseProof,
): Promise<ConversationHead> {
  const row = await connection.get(...leaseQuery(tenantId, lease))
  if (row === undefined) throw leaseLost(lease)
  return { agentId: asText(row[0]), nextPosition: asInteger(row[1]) }
}

/** What a write under a lease that is gone is told. */
export function leaseLost(lease: LeaseProof): AppError {
  return new AppError(
    'lease_lost',
    `Cannot write to the conversation ${lease.conversationId}: another process runs it by now. Stop this attempt.`,
    { data: { conversation_id: lease.conversationId } },
  )
}

/** What waits for whether a lease was given back, for a commit that keeps it. */
export function isKept(): Promise<boolean> {
  return Promise.resolve(false)
}

/** Sends that a lease is given back when nothing is left to do in its conversation; returns what waits for whether it was. */
export function postRelease(
  connection: SqlConnection,
  tenantId: string,
  lease: LeaseProof,
): () => Promise<boolean> {
  const { sql, values } = releaseWhenIdle(tenantId, lease)
  const released = connection.get(sql, ...values)
  return async () => (await released) !== undefined
}

/**
 * Throws `lease_lost` when another process has run the conversation since a commit under the lease that is stored; tells
 * whether that commit gave the lease back.
 */
export async function requireUnfollowed(
  connection: SqlConnection,
  tenantId: string,
  lease: LeaseProof,
): Promise<{ readonly released: boolean }> {
  const row = await connection.get(
    `SELECT lease_owner FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ? AND lease_fence = ?
       AND (lease_owner = ? OR lease_owner IS NULL) FOR UPDATE`,
    tenantId,
    lease.conversationId,
    lease.fence,
    lease.owner,
  )
  if (row === undefined) throw leaseLost(lease)
  return { released: row[0] === null }
}
