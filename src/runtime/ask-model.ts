import type { CompiledContext } from '../context/compile-context.ts'
import { newIdentifier, requestMessageId, uuidOf } from '../domain/identifier.ts'
import type { Message, ToolCall } from '../domain/message.ts'
import type { LanguageModel, ModelRequest, ModelTool } from '../llm/model.ts'
import { untilAborted } from '../util/until-aborted.ts'
import { dropPartial } from './drop-partial.ts'
import { EventWriter } from './event-writer.ts'
import { longestReply, replyTooLong } from './reply-limits.ts'
import { type Reply, ReplyCollector, type ReplyPlace } from './reply-collector.ts'
import type { Recall } from './recall.ts'
import type { ActiveTurn } from './turn-state.ts'
import { awaitsAnswer } from './turn-tools.ts'

/** A model call that is ready to be made. */
export interface PreparedCall {
  readonly model: LanguageModel
  readonly tools: readonly ModelTool[]
  readonly context: CompiledContext
  /** When the step began, in epoch milliseconds. */
  readonly startedAt: number
  /** What was looked up for it; null = nothing was. */
  readonly recall: Recall | null
}

/** What came of a model call. */
export interface Answer {
  readonly reply: Reply
  readonly stepId: string
  /** The messages that deltas are in the log of, stored or not. */
  readonly shownIds: readonly string[]
  /** When the first part arrived, in epoch milliseconds; null = none did. */
  readonly firstPartAt: number | null
  /** What is stored of the reply but the request; null = nothing. */
  readonly message: Message | null
  /** The message of role `approval` with the calls that wait for an answer; null = none do. */
  readonly request: Message | null
  /** The calls of both messages, in the order in which the model made them. */
  readonly toolCalls: readonly ToolCall[]
}

/** How often one step asks the model when an answer breaks off after parts of it were shown. */
const attemptsPerStep = 2

/** Asks until an answer is whole, fails for good, or the attempts are used up. Never rejects for a failed model. */
export async function askModel(
  turn: ActiveTurn,
  call: PreparedCall,
  attempts = attemptsPerStep,
): Promise<Answer> {
  const answer = await askOnce(turn, call)
  const { failure } = answer.reply
  const again = failure !== null && failure.retryable && answer.firstPartAt !== null && attempts > 1
  if (!again || turn.signal.aborted) return answer
  if (answer.shownIds.length > 0) await dropPartial(turn, answer.shownIds)
  turn.parts.logger.warn(
    { runId: turn.work.run.id, code: failure.code },
    'An answer broke off; asking again',
  )
  return await askModel(turn, call, attempts - 1)
}

async function askOnce(turn: ActiveTurn, call: PreparedCall): Promise<Answer> {
  const { parts, work } = turn
  // In this order, so that identifiers that count up leave the number before the message's to its request.
  const stepId = newIdentifier(parts.ids, 'step')
  const messageId = newIdentifier(parts.ids, 'message')
  const requestId = requestMessageId(messageId)
  const {
    agent,
    turn: { options },
  } = work
  const gate = (name: string): boolean =>
    awaitsAnswer({ registry: parts.tools, agent, options }, name)
  const collector = new ReplyCollector({ messageId, requestId, stepId, awaitsAnswer: gate })
  const shownIds = new Set<string>()
  const writer = work.turn.options.streamTokens ? new EventWriter(turn) : null
  let firstPartAt: number | null = null
  const stream = call.model.stream(toModelRequest(turn, call))
  for await (const part of untilAborted(stream, turn.signal)) {
    const event = collector.add(part)
    if (collector.length > longestReply) {
      collector.add({ type: 'error', error: replyTooLong(call.model.handle) })
      break
    }
    if (part.type !== 'finish' && part.type !== 'error') firstPartAt ??= parts.clock.now()
    if (event === null || writer === null) continue
    if ('messageId' in event) shownIds.add(event.messageId)
    await writer.add(event)
  }
  await writer?.flush()
  const { reply } = collector
  const ids = { messageId, requestId, stepId }
  const stored = toMessages(turn, call, { reply, ids, gate })
  return { reply, stepId, shownIds: [...shownIds], firstPartAt, ...stored }
}

function toModelRequest(turn: ActiveTurn, { context, tools }: PreparedCall): ModelRequest {
  const settings = { ...turn.work.agent.modelSettings, ...turn.work.conversation.modelSettings }
  const temperature = settings['temperature']
  return {
    system: context.system,
    messages: context.messages,
    tools,
    toolChoice: 'auto',
    parallelToolCalls: settings['parallel_tool_calls'] !== false,
    maxOutputTokens: context.budget.reserve,
    temperature: typeof temperature === 'number' ? temperature : null,
    settings,
    signal: turn.signal,
  }
}

/**
 * What is stored of a reply: a message with its words and the calls that run here, and one with those that wait for an
 * answer, each where there is something in it.
 */
function toMessages(
  turn: ActiveTurn,
  call: PreparedCall,
  answer: {
    readonly reply: Reply
    readonly ids: Pick<ReplyPlace, 'messageId' | 'requestId' | 'stepId'>
    readonly gate: (name: string) => boolean
  },
): Pick<Answer, 'message' | 'request' | 'toolCalls'> {
  const { reply, ids, gate } = answer
  const waiting = reply.toolCalls.filter(({ name }) => gate(name))
  const toolCalls = reply.toolCalls.filter(({ name }) => !gate(name))
  const base = newAnswer(turn, call, { stepId: ids.stepId, isError: reply.failure !== null })
  const isSilent = reply.content.length === 0 && toolCalls.length === 0
  return {
    message: isSilent
      ? null
      : {
          ...base,
          id: ids.messageId,
          otid: turn.parts.ids.uuid(),
          role: 'assistant',
          content: reply.content,
          toolCalls,
        },
    request:
      waiting.length === 0
        ? null
        : {
            ...base,
            id: ids.requestId,
            otid: uuidOf(ids.requestId),
            role: 'approval',
            content: [],
            toolCalls: waiting,
          },
    toolCalls: reply.toolCalls,
  }
}

function newAnswer(
  { parts, work }: ActiveTurn,
  call: PreparedCall,
  given: { readonly stepId: string; readonly isError: boolean },
): Omit<Message, 'id' | 'otid' | 'role' | 'content' | 'toolCalls'> {
  return {
    agentId: work.agent.id,
    conversationId: work.conversation.id,
    toolReturns: [],
    approvals: [],
    name: null,
    senderId: null,
    groupId: null,
    runId: work.run.id,
    stepId: given.stepId,
    model: call.model.handle,
    isError: given.isError,
    searchable: !call.model.info.extractive,
    createdAt: parts.clock.now(),
    sequence: 0,
  }
}
