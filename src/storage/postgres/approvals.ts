import { insertMessageItems, moveHead } from '../engine/conversation-changes.ts'
import type { Message } from '../../domain/message.ts'
import type { Run, Turn } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ApprovalAnswer, ApprovalStore, PendingApproval } from '../contract/approval-store.ts'
import {
  endCancelled,
  journalAnswers,
  journalCancelled,
  queueAnswered,
} from '../engine/approval-changes.ts'
import {
  approvalNotPending,
  approvalWaitOf,
  placesAfterAnswer,
  requireSameCalls,
} from '../engine/approvals.ts'
import { messageTable } from '../engine/message-table.ts'
import { notFound } from '../engine/not-found.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import { findEarlierRun, insertOtids, toDuplicate } from './accept.ts'
import { Conditions } from './conditions.ts'
import { insertRun } from './inbox.ts'
import { insertMessages } from './message-rows.ts'
import type { Operations } from './operation.ts'
import { readRun, readTurn, toTurn, turnColumns } from './run-rows.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { takeSequence } from './sequences.ts'
import type { SqlConnection } from './sql-connection.ts'

import { leaveInbox } from './turn-end.ts'
import { readCallsOfMessage } from './work-read.ts'

/** Operations on turns that wait for an answer. */
export const approvalOperations: Operations<keyof ApprovalStore> = {
  async listPendingApprovals(connection, scope, { conversationIds, agentId, limit }) {
    const conditions = new Conditions()
      .add("t.tenant_id = ? AND t.state = 'waiting'", scope.tenantId)
      .oneOf('t.conversation_id', conversationIds)
      .equal('t.agent_id', agentId)
      .hasMembers('t.waiting_for', { kind: 'approval' })
    addAgentScope(conditions, scope, 't.agent_id')
    const rows = await connection.all(
      `SELECT ${turnColumns}, t.run_id FROM turns t WHERE ${conditions.sql}
       ORDER BY t.sequence LIMIT ?`,
      ...conditions.values,
      limit,
    )
    return await Promise.all(rows.map((row) => toPending(connection, scope.tenantId, row)))
  },

  async answerApproval(connection, scope, input) {
    const { tenantId } = scope
    const { conversationId } = input
    const [head, earlier, turn] = await Promise.all([
      lockHead(connection, scope, conversationId),
      findEarlierRun(connection, tenantId, input),
      findWaiting(connection, scope, conversationId),
    ])
    if (earlier !== null) return await toDuplicate(connection, scope, earlier)
    const wait = turn === null ? null : approvalWaitOf(turn)
    if (turn === null || wait === null) throw approvalNotPending()
    requireSameCalls(wait, input.answers)
    journalAnswers(connection, tenantId, { messageId: wait.messageId, answers: input.answers })
    const { messages, sequence } = await placeAnswer(connection, tenantId, { ...head, input })
    const run: Run = { ...input.run, turnId: turn.id, status: 'created' }
    insertRun(connection, tenantId, { run, sequence, requestHash: input.requestHash })
    insertOtids(connection, tenantId, {
      ...input,
      messages: [input.message, ...input.followUps],
    })
    queueAnswered(connection, tenantId, { turn, input })
    return { run, turn: await readTurn(connection, scope, turn.id), duplicate: false, messages }
  },

  async cancelApproval(connection, scope, input) {
    const { tenantId } = scope
    const { turnId, conversationId } = await readRun(connection, scope, input.runId)
    const [head, turn, firstSequence] = await Promise.all([
      lockHead(connection, scope, conversationId),
      readTurn(connection, scope, turnId),
      takeSequence(connection, tenantId, 2),
    ])
    if (approvalWaitOf(turn)?.messageId !== input.messageId) throw approvalNotPending()
    const { agentId, nextPosition } = head
    const messages = insertMessages(connection, { tenantId, agentId, firstSequence }, [
      input.answer,
      input.toolMessage,
    ])
    const firstPosition = nextPosition
    insertMessageItems(connection, { tenantId, conversationId, firstPosition }, messages)
    moveHead(connection, tenantId, {
      conversationId,
      nextPosition: nextPosition + messages.length,
    })
    journalCancelled(connection, tenantId, input)
    endCancelled(connection, tenantId, { id: turnId, at: input.at })
    leaveInbox(connection, { tenantId, conversationId }, turnId)
    return await readTurn(connection, scope, turnId)
  },
}

interface Head {
  readonly agentId: string
  readonly nextPosition: number
}

/** Reads the head of a conversation; nobody else writes to that until this transaction ends. */
async function lockHead(
  connection: SqlConnection,
  scope: TenantScope,
  conversationId: string,
): Promise<Head> {
  const row = await connection.get(
    `SELECT agent_id, next_position FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ? FOR UPDATE`,
    scope.tenantId,
    conversationId,
  )
  if (row === undefined || !seesAgent(scope, asText(row[0]))) {
    throw notFound('conversation', conversationId)
  }
  return { agentId: asText(row[0]), nextPosition: asInteger(row[1]) }
}

async function findWaiting(
  connection: SqlConnection,
  scope: TenantScope,
  conversationId: string,
): Promise<Turn | null> {
  const row = await connection.get(
    `SELECT ${turnColumns} FROM turns t
     WHERE t.tenant_id = ? AND t.conversation_id = ? AND t.state = 'waiting' LIMIT 1`,
    scope.tenantId,
    conversationId,
  )
  return row === undefined ? null : toTurn(row)
}

async function toPending(
  connection: SqlConnection,
  tenantId: string,
  row: SqlRow,
): Promise<PendingApproval> {
  const turn = toTurn(row)
  const messageId = approvalWaitOf(turn)?.messageId ?? ''
  const [found, { toolCalls }] = await Promise.all([
    connection.get(
      `SELECT ${messageTable.list('m')} FROM messages m WHERE m.tenant_id = ? AND m.id = ?`,
      tenantId,
      messageId,
    ),
    readCallsOfMessage(connection, tenantId, messageId),
  ])
  if (found === undefined) throw notFound('message', messageId)
  return { turn, runId: asText(row.at(-1)), message: messageTable.read(found), toolCalls }
}

async function placeAnswer(
  connection: SqlConnection,
  tenantId: string,
  { agentId, nextPosition, input }: Head & { readonly input: ApprovalAnswer },
): Promise<{ readonly messages: readonly Message[]; readonly sequence: number }> {
  const { conversationId, followUps } = input
  const sequence = await takeSequence(connection, tenantId, followUps.length + 2)
  const messages = insertMessages(connection, { tenantId, agentId, firstSequence: sequence }, [
    input.message,
    ...followUps,
  ])
  const afterwards = nextPosition + 1 + placesAfterAnswer
  const target = { tenantId, conversationId }
  insertMessageItems(connection, { ...target, firstPosition: nextPosition }, messages.slice(0, 1))
  insertMessageItems(connection, { ...target, firstPosition: afterwards }, messages.slice(1))
  moveHead(connection, tenantId, { conversationId, nextPosition: afterwards + followUps.length })
  return { messages, sequence: sequence + messages.length }
}
