import { denialText, type CallAnswer } from '../domain/approval.ts'
import { newIdentifier } from '../domain/identifier.ts'
import { messageText, type Message } from '../domain/message.ts'
import type { Run } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError, isAppError } from '../errors/app-error.ts'
import type { AcceptResult } from '../storage/contract/turn-store.ts'
import { otidReused } from './repeated-input.ts'
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
  const answers = await toCallIds(parts, scope, request.answers)
  const at = parts.clock.now()
  const run = newRun(parts, { request, agent, at })
  const opened = {
    ...run,
    metadata: { ...run.metadata, turn_id: pending?.turn.id ?? run.turnId, answer: true },
  }
  const place = { ...opened, stepId: pending?.message.stepId ?? null }
  try {
    const accepted = await store.answerApproval(scope, {
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
    return accepted.duplicate
      ? await repeatAnswer(parts, scope, { run: accepted.run, request: { ...request, answers } })
      : accepted
  } catch (error) {
    const isUnexpected =
      isAppError(error, 'approval_not_pending') || isAppError(error, 'approval_mismatch')
    const earlier = isUnexpected ? await findEarlier(parts, scope, { ...request, answers }) : null
    if (earlier === null) throw error
    return earlier
  }
}

/** Clients of old name the message that asks in place of its only call, also when they answer once more. */
async function toCallIds(
  { store }: RuntimeParts,
  scope: TenantScope,
  answers: readonly CallAnswer[],
): Promise<readonly CallAnswer[]> {
  const ids = answers.map(toCallId).filter((id) => id.startsWith('message-'))
  if (ids.length === 0) return answers
  const messages = await store.getMessages(scope, { ids })
  return answers.map((answer) => {
    const asking = messages.find(({ id }) => id === answer.callId)
    const [call, ...others] = asking?.toolCalls ?? []
    return call === undefined || others.length > 0 ? answer : { ...answer, callId: call.callId }
  })
}

/**
 * The run that the same answer opened before, so that an answer whose response was lost can be sent again, see
 * {@link takeUpAgain}. Null = these calls were not answered.
 */
async function findEarlier(
  parts: RuntimeParts,
  scope: TenantScope,
  request: AnswerRequest,
): Promise<AcceptResult | null> {
  const { store } = parts
  const { conversationId } = request
  const messages = await store.listMessages(scope, {
    conversationId,
    roles: ['approval'],
    limit: answersBack,
    order: 'desc',
  })
  const first = messages.findLast(({ approvals }) => isForSame(approvals, request.answers))
  if (first === undefined || first.runId === null) return null
  const run = await store.getRun(scope, { id: first.runId })
  // A refusal that came with a cancel opened no run.
  if (run.metadata['answer'] !== true) return null
  return await takeUpAgain(parts, scope, { run, first, request })
}

/** What becomes of an answer whose otid, or that of something said with it, was accepted before. */
async function repeatAnswer(
  parts: RuntimeParts,
  scope: TenantScope,
  { run, request }: { readonly run: Run; readonly request: AnswerRequest },
): Promise<AcceptResult> {
  const [first] = await parts.store.listMessages(scope, {
    runId: run.id,
    roles: ['approval'],
    limit: 1,
    order: 'asc',
  })
  if (first === undefined || !isForSame(first.approvals, request.answers)) {
    throw otidReused([request, ...request.followUps], run)
  }
  return await takeUpAgain(parts, scope, { run, first, request })
}

/**
 * The run that an answer opened, when it comes again. What is newly said after it is accepted as a message of its own.
 * Throws `approval_answered` when the calls were answered with something else.
 */
async function takeUpAgain(
  parts: RuntimeParts,
  scope: TenantScope,
  given: { readonly run: Run; readonly first: Message; readonly request: AnswerRequest },
): Promise<AcceptResult> {
  const { run, first, request } = given
  const { followUps } = request
  if (!isSame(first.approvals, request.answers)) throw answeredBefore(request.answers)
  if (!(await wasSaid(parts, scope, { runId: run.id, followUps }))) {
    const said = { ...request, messages: followUps, rejectBusy: false }
    const input = await checkInput(parts, scope, said)
    return await acceptInput(parts, scope, { ...input, wish: null })
  }
  const turn = await parts.store.getTurn(scope, { id: run.turnId })
  return { run, turn, duplicate: true, messages: [] }
}

/** Whether two answers are for the same calls, whatever they say. */
function isForSame(before: readonly CallAnswer[], now: readonly CallAnswer[]): boolean {
  const callIds = new Set(before.map(({ callId }) => callId))
  return callIds.size > 0 && callIds.symmetricDifference(new Set(now.map(toCallId))).size === 0
}

/** Whether two answers for the same calls say the same of each. */
function isSame(before: readonly CallAnswer[], now: readonly CallAnswer[]): boolean {
  const said = new Map(before.map((answer) => [answer.callId, contentOf(answer)]))
  return now.every((answer) => said.get(answer.callId) === contentOf(answer))
}

function toCallId({ callId }: CallAnswer): string {
  return callId
}

/** All that the model would read of an answer; of an allowed call it reads no reason. */
function contentOf(answer: CallAnswer): string {
  if (answer.kind === 'approval') return answer.approve ? '' : denialText(answer.reason)
  const { status, text, stdout, stderr } = answer
  return JSON.stringify([status, text, stdout ?? [], stderr ?? []])
}

function answeredBefore(answers: readonly CallAnswer[]): AppError {
  const callIds = answers.map(toCallId)
  return new AppError(
    'approval_answered',
    `Cannot process approval response: ${callIds.join(', ')} was answered before with something else, and the first answer stands. No tool call is currently awaiting approval under this id. Send a regular message to say what is different.`,
    { data: { call_ids: callIds } },
  )
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
