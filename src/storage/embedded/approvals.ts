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
import type { Connection } from './connection.ts'
import { insertRun } from './inbox.ts'
import { insertMessages } from './message-rows.ts'
import type { Operations } from './operation.ts'
import { readRun, readTurn, toTurn, turnColumns } from './run-rows.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { takeSequence } from './sequences.ts'
import { leaveInbox } from './turn-end.ts'
import { readCallsOfMessage } from './work.ts'

/** Operations on turns that wait for an answer. */
export const approvalOperations: Operations<keyof ApprovalStore> = {
  listPendingApprovals(connection, scope, { conversationIds, agentId, limit }) {
    const conditions = new Conditions()
      .add("t.tenant_id = ? AND t.state = 'waiting'", scope.tenantId)
      .oneOf('t.conversation_id', conversationIds)
      .equal('t.agent_id', agentId)
      .hasMembers('t.waiting_for', { kind: 'approval' })
    addAgentScope(conditions, scope, 't.agent_id')
    return connection
      .all(
        `SELECT ${turnColumns}, t.run_id FROM turns t WHERE ${conditions.sql}
         ORDER BY t.sequence LIMIT ?`,
        ...conditions.values,
        limit,
      )
      .map((row) => toPending(connection, scope.tenantId, row))
  },

  answerApproval(connection, scope, input) {
    const { tenantId } = scope
    const { conversationId } = input
    const head = readHead(connection, scope, conversationId)
    const earlier = findEarlierRun(connection, tenantId, input)
    if (earlier !== null) return toDuplicate(connection, scope, earlier)
    const turn = findWaiting(connection, scope, conversationId)
    const wait = turn === null ? null : approvalWaitOf(turn)
    if (turn === null || wait === null) throw approvalNotPending()
    requireSameCalls(wait, input.answers)
    journalAnswers(connection, tenantId, { messageId: wait.messageId, answers: input.answers })
    const { messages, sequence } = placeAnswer(connection, tenantId, { ...head, input })
    const run: Run = { ...input.run, turnId: turn.id, status: 'created' }
    insertRun(connection, tenantId, { run, sequence, requestHash: input.requestHash })
    insertOtids(connection, tenantId, {
      ...input,
      messages: [input.message, ...input.followUps],
    })
    queueAnswered(connection, tenantId, { turn, input })
    return { run, turn: readTurn(connection, scope, turn.id), duplicate: false, messages }
  },

  cancelApproval(connection, scope, input) {
    const { tenantId } = scope
    const { turnId, conversationId } = readRun(connection, scope, input.runId)
    const turn = readTurn(connection, scope, turnId)
    if (approvalWaitOf(turn)?.messageId !== input.messageId) throw approvalNotPending()
    const { agentId, nextPosition } = readHead(connection, scope, conversationId)
    const firstSequence = takeSequence(connection, tenantId, 2)
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
    return readTurn(connection, scope, turnId)
  },
}

interface Head {
  readonly agentId: string
  readonly nextPosition: number
}

function readHead(connection: Connection, scope: TenantScope, conversationId: string): Head {
  const row = connection.get(
    `SELECT agent_id, next_position FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ?`,
    scope.tenantId,
    conversationId,
  )
  if (row === undefined || !seesAgent(scope, asText(row[0]))) {
    throw notFound('conversation', conversationId)
  }
  return { agentId: asText(row[0]), nextPosition: asInteger(row[1]) }
}

function findWaiting(
  connection: Connection,
  scope: TenantScope,
  conversationId: string,
): Turn | null {
  const row = connection.get(
    `SELECT ${turnColumns} FROM turns t
     WHERE t.tenant_id = ? AND t.conversation_id = ? AND t.state = 'waiting' LIMIT 1`,
    scope.tenantId,
    conversationId,
  )
  return row === undefined ? null : toTurn(row)
}

function toPending(connection: Connection, tenantId: string, row: SqlRow): PendingApproval {
  const turn = toTurn(row)
  const messageId = approvalWaitOf(turn)?.messageId ?? ''
  const found = connection.get(
    `SELECT ${messageTable.list('m')} FROM messages m WHERE m.tenant_id = ? AND m.id = ?`,
    tenantId,
    messageId,
  )
  if (found === undefined) throw notFound('message', messageId)
  const { toolCalls } = readCallsOfMessage(connection, tenantId, messageId)
  return { turn, runId: asText(row.at(-1)), message: messageTable.read(found), toolCalls }
}

function placeAnswer(
  connection: Connection,
  tenantId: string,
  { agentId, nextPosition, input }: Head & { readonly input: ApprovalAnswer },
): { readonly messages: readonly Message[]; readonly sequence: number } {
  const { conversationId, followUps } = input
  const sequence = takeSequence(connection, tenantId, followUps.length + 2)
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
