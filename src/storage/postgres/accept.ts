import { turnTable } from '../engine/run-tables.ts'
import type { Turn, WaitingFor } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { AcceptInput, AcceptResult, TurnStore } from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { insertMessages } from './message-rows.ts'
import { pendingApproval } from '../engine/approvals.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operation } from './operation.ts'
import { enqueueTurn, insertRun, takeInboxPosition } from './inbox.ts'
import { readRun, readTurn } from './run-rows.ts'
import { seesAgent } from './scope-filter.ts'
import { takeSequence } from './sequences.ts'
import { asJson, asText, toJsonColumn } from '../engine/sql-value.ts'

/** How many runs back a repeated request without otid is looked for. */
const mostRecentRuns = 50

/** Stores an input: messages, inbox entry, turn and run. */
export const acceptInput: Operation<keyof Pick<TurnStore, 'acceptInput'>> = async (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { conversationId } = input
  const [head, earlier, approval, openRunId] = await Promise.all([
    connection.get(
      `SELECT agent_id FROM conversation_heads
       WHERE tenant_id = ? AND conversation_id = ? FOR UPDATE`,
      tenantId,
      conversationId,
    ),
    findEarlierRun(connection, tenantId, input),
    findPendingApproval(connection, tenantId, conversationId),
    input.rejectBusy ? findOpenRun(connection, tenantId, conversationId) : null,
  ])
  if (head === undefined || !seesAgent(scope, asText(head[0]))) {
    throw notFound('conversation', conversationId)
  }
  if (earlier !== null) return await toDuplicate(connection, scope, earlier)
  if (approval !== null) throw approval
  if (openRunId !== null) throw conversationBusy(conversationId, openRunId)

  const count = input.messages.length
  const entry = { conversationId, turnId: input.turn.id, at: input.at }
  const [sequence, position] = await Promise.all([
    takeSequence(connection, tenantId, count + 2),
    takeInboxPosition(connection, tenantId, conversationId),
  ])
  const messages = insertMessages(
    connection,
    { tenantId, agentId: asText(head[0]), firstSequence: sequence },
    input.messages,
  )
  const { toolHistory: _, ...turn } = toQueued(input.turn)
  const messageIds = messages.map((message) => message.id)
  turnTable.insert(connection, tenantId, {
    item: turn,
    engineValues: [
      sequence + count,
      input.run.id,
      toJsonColumn(scope),
      toJsonColumn(messageIds),
      sequence,
      0,
      0,
    ],
  })
  insertRun(connection, tenantId, {
    run: input.run,
    sequence: sequence + count + 1,
    requestHash: input.requestHash,
  })
  insertOtids(connection, tenantId, input)
  enqueueTurn(connection, tenantId, { ...entry, position })
  return {
    run: { ...input.run, status: 'created' },
    turn: toQueued(input.turn),
    duplicate: false,
    messages,
  }
}

function toQueued(turn: Turn): Turn {
  return { ...turn, state: 'queued', stepCount: 0, toolHistory: [] }
}

/** The run of the first otid that was accepted before, or of the request that is repeated. */
export async function findEarlierRun(
  connection: SqlConnection,
  tenantId: string,
  input: Pick<AcceptInput, 'conversationId' | 'clientOtids' | 'requestHash' | 'retryOf'>,
): Promise<string | null> {
  const { conversationId, clientOtids, requestHash, retryOf } = input
  const [byOtid, byHash] = await Promise.all([
    clientOtids.length === 0
      ? undefined
      : connection.get(
          `SELECT run_id FROM accepted_otids
           WHERE tenant_id = ? AND conversation_id = ? AND otid = ANY(?)
           ORDER BY array_position(?::text[], otid) LIMIT 1`,
          tenantId,
          conversationId,
          clientOtids,
          clientOtids,
        ),
    retryOf === null || requestHash === null
      ? undefined
      : connection.get(
          `SELECT id FROM (
             SELECT id, request_hash, created_at, delivered FROM runs
             WHERE tenant_id = ? AND conversation_id = ? ORDER BY sequence DESC LIMIT ?) recent
           WHERE request_hash = ? AND created_at >= ? AND delivered = 0 LIMIT 1`,
          tenantId,
          conversationId,
          mostRecentRuns,
          requestHash,
          retryOf.since,
        ),
  ])
  const row = byOtid ?? byHash
  return row === undefined ? null : asText(row[0])
}

/** The answer to an input that was accepted before. */
export async function toDuplicate(
  connection: SqlConnection,
  scope: TenantScope,
  runId: string,
): Promise<AcceptResult> {
  const run = await readRun(connection, scope, runId)
  return { run, turn: await readTurn(connection, scope, run.turnId), duplicate: true, messages: [] }
}

/** The refusal of a message to a conversation that waits for an answer, or null. */
async function findPendingApproval(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<AppError | null> {
  const row = await connection.get(
    `SELECT run_id, waiting_for FROM turns
     WHERE tenant_id = ? AND conversation_id = ? AND state = 'waiting' LIMIT 1`,
    tenantId,
    conversationId,
  )
  if (row === undefined) return null
  const wait = asJson<WaitingFor>(row[1])
  return wait.kind === 'approval' ? pendingApproval(wait, asText(row[0])) : null
}

async function findOpenRun(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<string | null> {
  const row = await connection.get(
    `SELECT run_id FROM turns WHERE tenant_id = ? AND conversation_id = ?
       AND state IN ('executing', 'queued', 'paused', 'waiting') ORDER BY sequence LIMIT 1`,
    tenantId,
    conversationId,
  )
  return row === undefined ? null : asText(row[0])
}

function conversationBusy(conversationId: string, runId: string): AppError {
  return new AppError(
    'conversation_busy',
    `Cannot accept a message for the conversation ${conversationId}: another one is being answered. Wait for its run to end.`,
    { data: { conversation_id: conversationId, run_id: runId } },
  )
}

/** Remembers the `otid`s of an input, so that it is known when it comes again. */
export function insertOtids(
  connection: SqlConnection,
  tenantId: string,
  input: Pick<AcceptInput, 'conversationId' | 'clientOtids' | 'messages' | 'run'>,
): void {
  const otids = new Set(input.clientOtids)
  for (const { message } of input.messages) otids.add(message.otid)
  for (const otid of otids) {
    connection.post(
      `INSERT INTO accepted_otids (tenant_id, conversation_id, otid, run_id) VALUES (?, ?, ?, ?)`,
      tenantId,
      input.conversationId,
      otid,
      input.run.id,
    )
  }
}
