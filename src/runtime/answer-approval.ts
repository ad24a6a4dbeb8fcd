import type { CallAnswer } from '../domain/approval.ts'
import { newIdentifier } from '../domain/identifier.ts'
import { messageText, type Message } from '../domain/message.ts'
import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import type { PendingApproval } from '../storage/contract/approval-store.ts'
import type { AcceptResult } from '../storage/contract/turn-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { AnswerRequest, MessageInput } from './runtime.ts'
import { acceptInput, checkInput, checkRequest, newRun, toNewMessage } from './submit-input.ts'

/** How many answers back a repetition of one is looked for. */
const answersBack = 20

/**
 * Stores an answer to the calls a conversation waits for: when this resolves, the answer and the run it opens are on disk.
 * Rejects as `Runtime.answer` says, and then nothing was stored.
 */
export async function answerApproval(
  parts: RuntimeParts,
  scope: TenantScope,
  request: AnswerRequest,
): Promise<AcceptResult> {
  const { store } = parts
  const { conversationId } = request
  const target = await store.getConversationWithAgent(scope, { id: conversationId })
  const [pending] = await store.listPendingApprovals(scope, {
    conversationIds: [conversationId],
    limit: 1,
  })
  const options = { ...pending?.turn.options, ...request.options }
  const messages = request.followUps
  await checkRequest(parts, scope, { place: target, request: { messages, options } })
  const { agent } = target
  const answers = toCallIds(request.answers, pending)
  const at = parts.clock.now()
  const run = newRun(parts, { request, agent, at })
  const opened = {
    ...run,
    metadata: { ...run.metadata, turn_id: pending?.turn.id ?? run.turnId, answer: true },
  }
  const place = { ...opened, stepId: pending?.message.stepId ?? null }
  try {
    return await store.answerApproval(scope, {
      conversationId,
      answers,
      message: {
        message: toAnswerMessage(parts, { answers, place, request, at }),
        entry: null,
      },
      followUps: messages.map((input) => toNewMessage(parts, { input, run: opened, at, agent })),
      run: opened,
      options: request.options,
      clientOtids: [request.otid, ...messages.map(({ otid }) => otid)].filter(
        (otid) => otid !== null,
      ),
      requestHash: request.requestHash,
      retryOf: request.isRetry ? { since: at - parts.settings.retryWindowMs } : null,
      at,
    })
  } catch (error) {
    const isUnexpected =
      isAppError(error, 'approval_not_pending') || isAppError(error, 'approval_mismatch')
    const earlier = isUnexpected ? await findEarlier(parts, scope, { ...request, answers }) : null
    if (earlier === null) throw error
    return earlier
  }
}

/** Clients of old name the message that asks in place of its only call. */
function toCallIds(
  answers: readonly CallAnswer[],
  pending: PendingApproval | undefined,
): readonly CallAnswer[] {
  const [call, ...others] = pending?.message.toolCalls ?? []
  if (pending === undefined || call === undefined || others.length > 0) return answers
  return answers.map((answer) =>
    answer.callId === pending.message.id ? { ...answer, callId: call.callId } : answer,
  )
}

/**
 * The run that the same answer opened before, so that an answer whose response was lost can be sent again. What is newly
 * said after it is accepted as a message of its own.
 */
async function findEarlier(
  parts: RuntimeParts,
  scope: TenantScope,
  request: AnswerRequest,
): Promise<AcceptResult | null> {
  const { store } = parts
  const { conversationId, followUps } = request
  const messages = await store.listMessages(scope, {
    conversationId,
    roles: ['approval'],
    limit: answersBack,
    order: 'desc',
  })
  const same = messages.findLast(({ approvals }) => isSame(approvals, request.answers))
  if (same === undefined || same.runId === null) return null
  const run = await store.getRun(scope, { id: same.runId })
  // A refusal that came with a cancel opened no run.
  if (run.metadata['answer'] !== true) return null
  if (!(await wasSaid(parts, scope, { runId: run.id, followUps }))) {
    const said = { ...request, messages: followUps, rejectBusy: false }
    const input = await checkInput(parts, scope, said)
    return await acceptInput(parts, scope, { ...input, wish: null })
  }
  const turn = await store.getTurn(scope, { id: run.turnId })
  return { run, turn, duplicate: true, messages: [] }
}

function isSame(before: readonly CallAnswer[], now: readonly CallAnswer[]): boolean {
  if (before.length === 0 || before.length !== now.length) return false
  return now.every((answer) =>
    before.some(
      (earlier) => earlier.callId === answer.callId && verdict(earlier) === verdict(answer),
    ),
  )
}

function verdict(answer: CallAnswer): string {
  return answer.kind === 'return' ? 'return' : answer.approve ? 'approve' : 'deny'
}

async function wasSaid(
  parts: RuntimeParts,
  scope: TenantScope,
  said: { readonly runId: string; readonly followUps: readonly MessageInput[] },
): Promise<boolean> {
  if (said.followUps.length === 0) return true
  const stored = await parts.store.listMessages(scope, {
    runId: said.runId,
    roles: ['user', 'system'],
    limit: answersBack,
    order: 'asc',
  })
  const texts = stored.map(messageText)
  return said.followUps.every((input) => texts.includes(messageText(input)))
}

function toAnswerMessage(
  parts: RuntimeParts,
  {
    answers,
    place,
    request,
    at,
  }: {
    readonly answers: readonly CallAnswer[]
    readonly place: Pick<Message, 'agentId' | 'conversationId' | 'stepId'> & { readonly id: string }
    readonly request: Pick<AnswerRequest, 'otid' | 'groupId'>
    readonly at: number
  },
): Message {
  return {
    id: newIdentifier(parts.ids, 'message'),
    agentId: place.agentId,
    conversationId: place.conversationId,
    role: 'approval',
    content: [],
    toolCalls: [],
    toolReturns: [],
    approvals: answers,
    name: null,
    otid: request.otid ?? parts.ids.uuid(),
    senderId: null,
    groupId: request.groupId,
    runId: place.id,
    stepId: place.stepId,
    model: null,
    isError: false,
    searchable: false,
    createdAt: at,
    sequence: 0,
  }
}
