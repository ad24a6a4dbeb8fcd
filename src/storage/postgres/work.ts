import type { TenantScope } from '../../domain/scope.ts'
import type {
  KnownItems,
  LeaseProof,
  TurnStore,
  TurnWork,
  WorkClaim,
  WorkClaimRequest,
} from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { notFound } from '../engine/not-found.ts'
import { holdLease, leaseLost, postClaim, requireLease } from './leases.ts'
import type { Operation } from './operation.ts'
import { asText, type SqlExpression, type SqlRow } from '../engine/sql-value.ts'
import { restTurn, wakeTurn } from './waiting.ts'
import { postWorkRead, type HeldConversation } from './work-read.ts'

/** How many positions stay free before the messages of an input: places for what is sent just before them. */
const freePositions = 2

/** Begins the next input of a conversation, or returns the turn that is under way; gives the lease back without either. */
export const beginWork: Operation<keyof Pick<TurnStore, 'beginWork'>> = async (
  connection,
  scope,
  { lease, at, itemsAfter },
) => {
  const { conversationId } = lease
  const held = { tenantId: scope.tenantId, ...lease }
  const head = holdLease(connection, scope.tenantId, lease)
  const seen = requireSeenHead(connection, scope, conversationId)
  void requireNoMove(connection, held, at)
  const send = (): (() => Promise<TurnWork | null>) => {
    beginNext(connection, held, at)
    const work = postWorkRead(connection, held, {
      itemsAfter: { sql: '?::bigint', values: [itemsAfter] },
      at,
    })
    releaseIfIdle(connection, held, lease)
    return work
  }
  const work = send()
  if (await connection.commit()) return await work()
  if ((await head) === undefined) throw leaseLost(lease)
  if ((await seen) === undefined) throw notFound('conversation', conversationId)
  connection.begin()
  await requireLease(connection, scope.tenantId, lease)
  await moveTurn(connection, held, at)
  const later = send()
  await connection.commit()
  return await later()
}

/** Takes the lease and begins the next work; without open work nothing is written. */
export const claimWork: Operation<keyof Pick<TurnStore, 'claimWork'>> = async (
  connection,
  scope,
  request,
) => {
  const key = { tenantId: scope.tenantId, conversationId: request.conversationId }
  lockHead(connection, key)
  const next = findNext(connection, key)
  const seen = requireSeenHead(connection, scope, request.conversationId)
  const claim = postClaimOfWork(connection, scope, { request, next })
  const isDone = await connection.commit()
  if (!(await next()).isOpen) return { state: 'idle' }
  if (isDone) return await claim()
  if ((await seen) === undefined) throw notFound('conversation', request.conversationId)
  return await claimAndMove(connection, scope, request)
}

/**
 * Sends what takes the lease of a conversation that is locked and begins its next work; returns what waits for what came
 * of it. The transaction is refused when a turn has to be moved first, which takes round trips of its own.
 */
export function postWorkClaim(
  connection: SqlConnection,
  scope: TenantScope,
  request: WorkClaimRequest,
): () => Promise<WorkClaim> {
  const { conversationId } = request
  const next = findNext(connection, { tenantId: scope.tenantId, conversationId })
  return postClaimOfWork(connection, scope, { request, next })
}

function postClaimOfWork(
  connection: SqlConnection,
  scope: TenantScope,
  given: { readonly request: WorkClaimRequest; readonly next: NextAnswer },
): () => Promise<WorkClaim> {
  const { known, ...claim } = given.request
  const { conversationId, at } = claim
  const key = { tenantId: scope.tenantId, conversationId }
  const held = { ...key, owner: claim.owner, fence: null }
  void requireNoMove(connection, key, at)
  const taken = postClaim(connection, scope, { claim, onlyIf: hasNext(key) })
  beginNext(connection, held, at)
  const read = postWorkRead(connection, held, { itemsAfter: itemsKnown(known), at })
  return async () => {
    if (!(await given.next()).canGoOn) return { state: 'idle' }
    return toClaim(known, await taken(), await read())
  }
}

/** Claims work as {@link claimWork} does when a turn has to be moved first. */
async function claimAndMove(
  connection: SqlConnection,
  scope: TenantScope,
  { known, ...claim }: WorkClaimRequest,
): Promise<WorkClaim> {
  const key = { tenantId: scope.tenantId, conversationId: claim.conversationId }
  connection.begin()
  const lease = await postClaim(connection, scope, { claim, onlyIf: null })()
  if (lease === null) return { state: 'held' }
  await moveTurn(connection, key, claim.at)
  const held = { ...key, ...lease }
  beginNext(connection, held, claim.at)
  const read = postWorkRead(connection, held, { itemsAfter: itemsKnown(known), at: claim.at })
  releaseIfIdle(connection, key, lease)
  await connection.commit()
  return toClaim(known, lease, await read())
}

function toClaim(
  known: KnownItems | null,
  lease: LeaseProof | null,
  work: TurnWork | null,
): WorkClaim {
  if (lease === null) return { state: 'held' }
  if (work === null) return { state: 'idle' }
  return { state: 'claimed', lease, work, continues: continuesFrom(known, lease) }
}

/** Every claim of a lease that was given back raises the fence by one. */
function continuesFrom(known: KnownItems | null, lease: LeaseProof): boolean {
  return known !== null && lease.fence - known.fence <= 1
}

/** The last position the runner has, as {@link continuesFrom} decides, for a statement over `head`. */
function itemsKnown(known: KnownItems | null): SqlExpression {
  if (known === null) return { sql: '0', values: [] }
  return {
    sql: `CASE WHEN head.lease_fence - ? <= 1 THEN ?::bigint ELSE 0 END`,
    values: [known.fence, known.through],
  }
}

interface ConversationKey {
  readonly tenantId: string
  readonly conversationId: string
}

/** Has the transaction refused unless the conversation is there for the caller. */
function requireSeenHead(
  connection: SqlConnection,
  scope: TenantScope,
  conversationId: string,
): Promise<SqlRow | undefined> {
  const { tenantId, agentIds } = scope
  const sql = `SELECT agent_id FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ?`
  return agentIds === undefined
    ? connection.require(sql, tenantId, conversationId)
    : connection.require(`${sql} AND agent_id = ANY(?)`, tenantId, conversationId, agentIds)
}

const executing = `SELECT 1 FROM turns
  WHERE tenant_id = ? AND conversation_id = ? AND state = 'executing'`
const waiting = `SELECT 1 FROM inbox WHERE tenant_id = ? AND conversation_id = ?`

/** The turn of the oldest entry in the inbox of a conversation that is not paused, and without a turn under way. */
const oldestEntry = `SELECT t.* FROM inbox
  JOIN turns t ON t.tenant_id = inbox.tenant_id AND t.id = inbox.turn_id
  JOIN conversations c ON c.tenant_id = inbox.tenant_id AND c.id = inbox.conversation_id
    AND c.state = 'active'
  WHERE inbox.tenant_id = ? AND inbox.conversation_id = ? AND NOT EXISTS (${executing})
  ORDER BY inbox.position LIMIT 1`

/** That a turn is under way, or that one can be begun. */
function hasNext({ tenantId, conversationId }: ConversationKey): SqlExpression {
  return {
    sql: `(EXISTS (${executing})
      OR EXISTS (SELECT 1 FROM (${oldestEntry}) entry WHERE entry.state = 'queued'))`,
    values: Array.from({ length: 3 }, () => [tenantId, conversationId]).flat(),
  }
}

/**
 * The turn that has to be moved before anything goes on: one under way that may rest, because its conversation was
 * paused and it has come to where it rests (`rest`), or the oldest that rested and may go on (`wake`).
 */
function turnToMove({ tenantId, conversationId }: ConversationKey, at: number): SqlExpression {
  return {
    sql: `SELECT 'rest' AS move, t.id, t.run_id FROM turns t
      JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
        AND c.state <> 'active'
      WHERE t.tenant_id = ? AND t.conversation_id = ? AND t.state = 'executing'
        AND t.stop_request IS DISTINCT FROM 'cancel' AND (t.stop_request = 'pause'
          OR NOT EXISTS (SELECT 1 FROM tool_calls call WHERE call.tenant_id = t.tenant_id
            AND call.turn_id = t.id AND call.state <> 'done'))
      UNION ALL
      SELECT 'wake', entry.id, entry.run_id FROM (${oldestEntry}) entry
      WHERE entry.state = 'paused' OR (entry.state = 'waiting' AND entry.wake_at <= ?)`,
    values: [...Array.from({ length: 3 }, () => [tenantId, conversationId]).flat(), at],
  }
}

/** Has the transaction refused when a turn has to be moved first, which takes round trips of its own. */
function requireNoMove(
  connection: SqlConnection,
  key: ConversationKey,
  at: number,
): Promise<SqlRow | undefined> {
  const { sql, values } = turnToMove(key, at)
  return connection.require(`SELECT 1 WHERE NOT EXISTS (${sql})`, ...values)
}

/** Lets the turn rest or wakes it, if there is one to be moved. */
async function moveTurn(
  connection: SqlConnection,
  key: ConversationKey,
  at: number,
): Promise<void> {
  const { sql, values } = turnToMove(key, at)
  const row = await connection.get(sql, ...values)
  if (row === undefined) return
  const turn = { tenantId: key.tenantId, turnId: asText(row[1]), runId: asText(row[2]), at }
  await (row[0] === 'rest' ? restTurn(connection, turn) : wakeTurn(connection, turn))
}

/** Keeps everybody else from writing to a conversation until the transaction ends. */
function lockHead(connection: SqlConnection, { tenantId, conversationId }: ConversationKey): void {
  connection.post(
    `SELECT agent_id FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ? FOR UPDATE`,
    tenantId,
    conversationId,
  )
}

/** Waits for what a conversation could go on with. */
type NextAnswer = () => Promise<{ readonly isOpen: boolean; readonly canGoOn: boolean }>

/** Asks what a conversation could go on with. */
function findNext(connection: SqlConnection, key: ConversationKey): NextAnswer {
  const { tenantId, conversationId } = key
  const next = hasNext(key)
  const answer = connection.get(
    `SELECT (EXISTS (${executing}) OR EXISTS (${waiting}))::int, ${next.sql}::int`,
    tenantId,
    conversationId,
    tenantId,
    conversationId,
    ...next.values,
  )
  return async () => {
    const row = await answer
    return { isOpen: row?.[0] === 1, canGoOn: row?.[1] === 1 }
  }
}

/**
 * Begins the oldest input of a conversation that is held, not paused, and without a turn under way: its messages get
 * their places, turn and run their states. One that was retried has its places already.
 */
function beginNext(connection: SqlConnection, held: HeldConversation, at: number): void {
  const { tenantId, conversationId } = held
  connection.post(
    `WITH entry AS (
       SELECT t.id, t.run_id, t.tail_position, t.message_ids::json AS message_ids,
         t.first_sequence, c.last_message_at, head.next_position
       FROM conversation_heads head
       JOIN conversations c ON c.tenant_id = head.tenant_id AND c.id = head.conversation_id
       JOIN (${oldestEntry}) t ON t.tenant_id = head.tenant_id AND t.state = 'queued'
       WHERE head.tenant_id = ? AND head.conversation_id = ? AND head.lease_owner = ?
         AND head.lease_fence = coalesce(?, head.lease_fence)),
     placed AS (
       INSERT INTO conversation_items
         (tenant_id, conversation_id, position, message_id, message_sequence, created_at)
       SELECT ?, ?, next_position + ${freePositions - 1} + message.number, message.id,
         first_sequence - 1 + message.number, ?
       FROM entry, json_array_elements_text(message_ids) WITH ORDINALITY message (id, number)
       WHERE tail_position = 0),
     moved AS (
       UPDATE conversation_heads head
       SET next_position = entry.next_position + ${freePositions}
         + json_array_length(entry.message_ids)
       FROM entry WHERE head.tenant_id = ? AND head.conversation_id = ?
         AND entry.tail_position = 0),
     running AS (
       UPDATE runs SET status = 'running' FROM entry
       WHERE runs.tenant_id = ? AND runs.id = entry.run_id)
     UPDATE turns SET state = 'executing', updated_at = ?,
       tail_position = CASE WHEN entry.tail_position > 0 THEN entry.tail_position
         ELSE entry.next_position END,
       last_activity_at = CASE WHEN entry.tail_position > 0 THEN turns.last_activity_at
         ELSE entry.last_message_at END
     FROM entry WHERE turns.tenant_id = ? AND turns.id = entry.id`,
    tenantId,
    conversationId,
    tenantId,
    conversationId,
    tenantId,
    conversationId,
    held.owner,
    held.fence,
    tenantId,
    conversationId,
    at,
    tenantId,
    conversationId,
    tenantId,
    at,
    tenantId,
  )
}

function releaseIfIdle(connection: SqlConnection, key: ConversationKey, lease: LeaseProof): void {
  connection.post(
    `UPDATE conversation_heads SET lease_owner = NULL, lease_until = NULL
     WHERE tenant_id = ? AND conversation_id = ? AND lease_owner = ? AND lease_fence = ?
       AND NOT EXISTS (${executing})`,
    key.tenantId,
    key.conversationId,
    lease.owner,
    lease.fence,
    key.tenantId,
    key.conversationId,
  )
}
