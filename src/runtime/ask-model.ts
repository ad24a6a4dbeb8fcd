import type { CompiledContext } from '../context/compile-context.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { LanguageModel, ModelRequest, ModelTool } from '../llm/model.ts'
import { dropPartial } from './drop-partial.ts'
import { EventWriter } from './event-writer.ts'
import { type Reply, ReplyCollector } from './reply-collector.ts'
import type { ActiveTurn } from './turn-state.ts'

/** A model call that is ready to be made. */
export interface PreparedCall {
  readonly model: LanguageModel
  readonly tools: readonly ModelTool[]
  readonly context: CompiledContext
  /** When the step began, in epoch milliseconds. */
  readonly startedAt: number
}

/** What came of a model call. */
export interface Answer {
  readonly reply: Reply
  /** The identifiers the message and its step get. */
  readonly messageId: string
  readonly stepId: string
  /** Whether deltas of the message are in the log. */
  readonly streamed: boolean
  /** When the first part arrived, in epoch milliseconds; null = none did. */
  readonly firstPartAt: number | null
  /** What is stored of the reply; null = nothing. */
  readonly message: Message | null
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
  if (answer.streamed) await dropPartial(turn, [answer.messageId])
  turn.parts.logger.warn(
    { runId: turn.work.run.id, code: failure.code },
    'An answer broke off; asking again',
  )
  return await askModel(turn, call, attempts - 1)
}

async function askOnce(turn: ActiveTurn, call: PreparedCall): Promise<Answer> {
  const { parts, work } = turn
  const messageId = newIdentifier(parts.ids, 'message')
  const stepId = newIdentifier(parts.ids, 'step')
  const collector = new ReplyCollector({ messageId, stepId })
  const writer = work.turn.options.streamTokens ? new EventWriter(turn) : null
  let firstPartAt: number | null = null
  for await (const part of call.model.stream(toModelRequest(turn, call))) {
    const event = collector.add(part)
    if (part.type !== 'finish' && part.type !== 'error') firstPartAt ??= parts.clock.now()
    if (event !== null && writer !== null) await writer.add(event)
  }
  await writer?.flush()
  const { reply } = collector
  const streamed = writer !== null && firstPartAt !== null
  const answer = { reply, messageId, stepId, streamed, firstPartAt }
  return { ...answer, message: toMessage(turn, call, answer) }
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

function toMessage(
  turn: ActiveTurn,
  call: PreparedCall,
  answer: Pick<Answer, 'reply' | 'messageId' | 'stepId'>,
): Message | null {
  const { parts, work } = turn
  const { content, toolCalls, failure } = answer.reply
  if (content.length === 0 && toolCalls.length === 0) return null
  return {
    id: answer.messageId,
    agentId: work.agent.id,
    conversationId: work.conversation.id,
    role: 'assistant',
    content,
    toolCalls,
    toolReturns: [],
    approvals: [],
    name: null,
    otid: parts.ids.uuid(),
    senderId: null,
    groupId: null,
    runId: work.run.id,
    stepId: answer.stepId,
    model: call.model.handle,
    isError: failure !== null,
    searchable: !call.model.info.extractive,
    createdAt: parts.clock.now(),
    sequence: 0,
  }
}
