import { turnTable } from '../engine/run-tables.ts'
import type { Turn, WaitingFor } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { AcceptInput, AcceptResult, TurnStore } from '../contract/turn-store.ts'
import type { Connection } from './connection.ts'
import { insertMessages } from './message-rows.ts'
import { pendingApproval } from '../engine/approvals.ts'
import { placeChanged, selectPlaceChange } from '../engine/checked-place.ts'
import { inputForgotten } from '../engine/input-forgotten.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operation } from './operation.ts'
import { enqueueTurn, insertRun } from './inbox.ts'
import { readRun, readTurn } from './run-rows.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { takeSequence } from './sequences.ts'
import { claimWork } from './work.ts'
import { asJson, asText, toJsonColumn } from '../engine/sql-value.ts'

/** How many runs back a repeated request without otid is looked for. */
const mostRecentRuns = 50

/** Stores an input: messages, inbox entry, turn and run. */
export const acceptInput: Operation<keyof Pick<TurnStore, 'acceptInput'>> = (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { conversationId } = input
  const head = connection.get(
    `SELECT agent_id FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ?`,
    tenantId,
    conversationId,
  )
  if (head === undefined || !seesAgent(scope, asText(head[0]))) {
    throw notFound('conversation', conversationId)
  }
  const earlier = findEarlierRun(connection, tenantId, input)
  if (earlier !== null) return { ...toDuplicate(connection, scope, earlier), claim: null }
  requireNoApproval(connection, tenantId, conversationId)
  if (input.rejectBusy) requireIdle(connection, tenantId, conversationId)
  requirePlace(connection, tenantId, input)

  const count = input.messages.length
  const sequence = takeSequence(connection, tenantId, count + 2)
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
  enqueueTurn(connection, tenantId, { conversationId, turnId: input.turn.id, at: input.at })
  const { claim } = input
  return {
    run: { ...input.run, status: 'created' },
    turn: toQueued(input.turn),
    duplicate: false,
    messages,
    claim: claim === undefined ? null : claimWork(connection, scope, { ...claim, conversationId }),
  }
}

function requirePlace(connection: Connection, tenantId: string, input: AcceptInput): void {
  if (input.checkedAgainst === undefined) return
  const { sql, values } = selectPlaceChange(tenantId, input, input.checkedAgainst)
  if (connection.get(sql, ...values) !== undefined) throw placeChanged(input)
}

function toQueued(turn: Turn): Turn {
  return { ...turn, state: 'queued', stepCount: 0, toolHistory: [] }
}

/** The run that accepted the same input before; empty when that was forgotten, null when there was none. */
export function findEarlierRun(
  connection: Connection,
  tenantId: string,
  input: Pick<AcceptInput, 'conversationId' | 'clientOtids' | 'requestHash' | 'retryOf'>,
): string | null {
  for (const otid of input.clientOtids) {
    const row = connection.get(
      `SELECT run_id FROM accepted_otids WHERE tenant_id = ? AND conversation_id = ? AND otid = ?`,
      tenantId,
      input.conversationId,
      otid,
    )
    if (row !== undefined) return asText(row[0])
  }
  if (input.retryOf === null || input.requestHash === null) return null
  const row = connection.get(
    `SELECT id FROM (
       SELECT id, request_hash, created_at, delivered FROM runs
       WHERE tenant_id = ? AND conversation_id = ? ORDER BY sequence DESC LIMIT ?)
     WHERE request_hash = ? AND created_at >= ? AND delivered = 0 LIMIT 1`,
    tenantId,
    input.conversationId,
    mostRecentRuns,
    input.requestHash,
    input.retryOf.since,
  )
  return row === undefined ? null : asText(row[0])
}

/** The answer to an input that was accepted before. Throws `gone` when that was forgotten since. */
export function toDuplicate(
  connection: Connection,
  scope: TenantScope,
  runId: string,
): AcceptResult {
  if (runId === '') throw inputForgotten()
  const run = readRun(connection, scope, runId)
  return { run, turn: readTurn(connection, scope, run.turnId), duplicate: true, messages: [] }
}

function requireNoApproval(connection: Connection, tenantId: string, conversationId: string): void {
  const row = connection.get(
    `SELECT run_id, waiting_for FROM turns
     WHERE tenant_id = ? AND conversation_id = ? AND state = 'waiting' LIMIT 1`,
    tenantId,
    conversationId,
  )
  if (row === undefined) return
  const wait = asJson<WaitingFor>(row[1])
  if (wait.kind === 'approval') throw pendingApproval(wait, asText(row[0]))
}

function requireIdle(connection: Connection, tenantId: string, conversationId: string): void {
  const row = connection.get(
    `SELECT run_id FROM turns WHERE tenant_id = ? AND conversation_id = ?
       AND state IN ('executing', 'queued', 'paused', 'waiting') ORDER BY sequence LIMIT 1`,
    tenantId,
    conversationId,
  )
  if (row === undefined) return
  throw new AppError(
    'conversation_busy',
    `Cannot accept a message for the conversation ${conversationId}: another one is being answered. Wait for its run to end.`,
    { data: { conversation_id: conversationId, run_id: asText(row[0]) } },
  )
}

/** Remembers the `otid`s of an input, so that it is known when it comes again. */
export function insertOtids(
  connection: Connection,
  tenantId: string,
  input: Pick<AcceptInput, 'conversationId' | 'clientOtids' | 'messages' | 'run'>,
): void {
  const otids = new Set(input.clientOtids)
  for (const { message } of input.messages) otids.add(message.otid)
  for (const otid of otids) {
    connection.run(
      `INSERT INTO accepted_otids (tenant_id, conversation_id, otid, run_id) VALUES (?, ?, ?, ?)`,
      tenantId,
      input.conversationId,
      otid,
      input.run.id,
    )
  }
}
