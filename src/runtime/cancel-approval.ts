import { cancelledCallText } from '../domain/approval.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { Run } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import type { PendingApproval } from '../storage/contract/approval-store.ts'
import type { JournaledReturn } from '../storage/contract/turn-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/**
 * Ends the turn of a run that waits for an answer: its calls are refused and every call of the step gets a return that
 * says so. Resolves with whether there was something to end.
 */
export async function cancelApproval(
  parts: RuntimeParts,
  scope: TenantScope,
  run: Run,
): Promise<boolean> {
  const { store } = parts
  const waiting = await store.listPendingApprovals(scope, {
    conversationIds: [run.conversationId],
    limit: 1,
  })
  const pending = waiting.find(({ runId }) => runId === run.id)
  if (pending === undefined) return false
  const returns = pending.toolCalls.map(() => cancelledReturn)
  try {
    await store.cancelApproval(scope, {
      runId: run.id,
      messageId: pending.message.id,
      answer: { message: toRefusal(parts, pending), entry: null },
      toolMessage: { message: toReturns(parts, pending), entry: null },
      returns,
      at: parts.clock.now(),
    })
    return true
  } catch (error) {
    // Somebody answered in between.
    if (isAppError(error, 'approval_not_pending')) return false
    throw error
  }
}

const cancelledReturn: JournaledReturn = {
  status: 'error',
  text: cancelledCallText,
  stdout: null,
  stderr: null,
}

function toRefusal(parts: RuntimeParts, pending: PendingApproval): Message {
  const approvals = pending.message.toolCalls.map(
    ({ callId }) =>
      ({ kind: 'approval', callId, approve: false, reason: cancelledCallText }) as const,
  )
  return { ...emptyMessage(parts, pending), role: 'approval', approvals }
}

function toReturns(parts: RuntimeParts, pending: PendingApproval): Message {
  const toolReturns = pending.toolCalls.map(({ callId, name }) => ({
    callId,
    name,
    ...cancelledReturn,
  }))
  return { ...emptyMessage(parts, pending), role: 'tool', toolReturns }
}

function emptyMessage(parts: RuntimeParts, { message }: PendingApproval): Omit<Message, 'role'> {
  return {
    id: newIdentifier(parts.ids, 'message'),
    agentId: message.agentId,
    conversationId: message.conversationId,
    content: [],
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: null,
    otid: parts.ids.uuid(),
    senderId: null,
    groupId: null,
    runId: message.runId,
    stepId: message.stepId,
    model: null,
    isError: false,
    searchable: false,
    createdAt: parts.clock.now(),
    sequence: 0,
  }
}
