import { uuidOf } from '../domain/identifier.ts'
import {
  summaryOf,
  type ContentPart,
  type Message,
  type ToolCall,
  type ToolReturn,
} from '../domain/message.ts'
import type { JsonObject } from '../util/json.ts'
import { encodeCallAnswer } from './call-answer.ts'
import { encodeContent } from './content.ts'
import { encodeSummaryStats, packSummary } from './summary.ts'
import { encodeMessageDate } from './time.ts'

/** The types a client message may have. */
export const messageTypes = [
  'system_message',
  'user_message',
  'assistant_message',
  'reasoning_message',
  'hidden_reasoning_message',
  'tool_call_message',
  'tool_return_message',
  'approval_request_message',
  'approval_response_message',
  'summary_message',
  'event_message',
] as const

/** One of {@link messageTypes}. */
export type MessageType = (typeof messageTypes)[number]

/** A message as clients see it: one stored message becomes one or several of them, with the same id. */
export interface ClientMessage extends JsonObject {
  readonly id: string
  readonly message_type: MessageType
}

/**
 * The client messages of a stored one, in order: for an assistant message its reasoning, text and tool calls, adjacent
 * parts of a kind merged. Their `otid`s differ in the low bits of the last byte.
 */
export function encodeMessage(message: Message): readonly ClientMessage[] {
  switch (message.role) {
    case 'assistant':
      return encodeAssistant(message)
    case 'approval':
      return message.approvals.length > 0 ? [encodeAnswer(message)] : encodeAssistant(message)
    case 'tool':
      return [encodeToolReturns(message)]
    case 'system':
      return [
        {
          ...base(message, 'system_message', message.otid),
          content: flatText(message.content),
        },
      ]
    case 'summary':
      return [encodeSummaryAsUser(message)]
    case 'user':
      return [
        { ...base(message, 'user_message', message.otid), content: encodeContent(message.content) },
      ]
    default:
      return message.role satisfies never
  }
}

/** The client messages of several stored ones, in order; with `types`, only those of these types. */
export function encodeMessages(
  messages: readonly Message[],
  types: readonly string[] | null = null,
): readonly ClientMessage[] {
  const encoded = messages.flatMap(encodeMessage)
  return types === null
    ? encoded
    : encoded.filter(({ message_type }) => types.includes(message_type))
}

/** The `otid` of one of the client messages of a stored one: the uuid with its low 7 bits replaced. */
export function subOtid(uuid: string, index: number): string {
  const last = Number.parseInt(uuid.slice(-2), 16)
  const byte = (last & 0x80) | (index & 0x7f)
  return `${uuid.slice(0, -2)}${byte.toString(16).padStart(2, '0')}`
}

/** A tool call as the wire carries it. */
export function encodeToolCall(call: ToolCall): JsonObject {
  return { name: call.name, arguments: call.arguments, tool_call_id: call.callId }
}

function base(message: Message, type: MessageType, otid: string): ClientMessage {
  return {
    id: message.id,
    date: encodeMessageDate(message.createdAt),
    name: message.name,
    message_type: type,
    otid,
    sender_id: message.senderId,
    step_id: message.stepId,
    is_err: message.isError ? true : null,
    seq_id: null,
    run_id: message.runId,
  }
}

function encodeAssistant(message: Message): readonly ClientMessage[] {
  const uuid = uuidOf(message.id)
  const encoded: ClientMessage[] = []
  const next = (type: MessageType): ClientMessage =>
    base(message, type, subOtid(uuid, encoded.length))
  for (const part of mergeAdjacent(message.content)) {
    const fields = encodePart(part)
    if (fields !== null) encoded.push({ ...next(fields.message_type), ...fields })
  }
  const [first] = message.toolCalls
  if (first !== undefined) {
    const type = message.role === 'approval' ? 'approval_request_message' : 'tool_call_message'
    const calls = message.toolCalls.map(encodeToolCall)
    const own = type === 'approval_request_message' ? base(message, type, message.otid) : next(type)
    encoded.push({ ...own, tool_call: encodeToolCall(first), tool_calls: calls })
  }
  return encoded
}

/** In lists a summary is a user's message, as the original packs it. */
function encodeSummaryAsUser(message: Message): ClientMessage {
  const part = summaryOf(message)
  const content = part === null ? '' : packSummary(part, message.createdAt)
  return { ...base(message, 'user_message', message.otid), content }
}

/** A summary as a stream shows it to clients that ask for it. */
export function encodeSummary(message: Message): ClientMessage {
  const part = summaryOf(message)
  return {
    ...base(message, 'summary_message', message.otid),
    summary: part?.text ?? '',
    compaction_stats: part === null ? null : encodeSummaryStats(part.facts),
  }
}

function encodeAnswer(message: Message): ClientMessage {
  const [first] = message.approvals
  return {
    ...base(message, 'approval_response_message', message.otid),
    approvals: message.approvals.map(encodeCallAnswer),
    approve: first?.kind === 'approval' ? first.approve : null,
    approval_request_id: first?.callId ?? null,
    reason: first?.kind === 'approval' ? first.reason : null,
  }
}

function encodePart(
  part: ContentPart,
): ({ readonly message_type: MessageType } & JsonObject) | null {
  switch (part.type) {
    case 'text':
      return { message_type: 'assistant_message', content: part.text }
    case 'reasoning':
      return {
        message_type: 'reasoning_message',
        source: 'reasoner_model',
        reasoning: part.text,
        signature: part.signature,
      }
    case 'redacted_reasoning':
      return {
        message_type: 'hidden_reasoning_message',
        state: part.data === null ? 'omitted' : 'redacted',
        hidden_reasoning: part.data,
      }
    case 'image':
    case 'summary':
      return null
    default:
      return part satisfies never
  }
}

function mergeAdjacent(parts: readonly ContentPart[]): readonly ContentPart[] {
  const merged: ContentPart[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (last?.type === 'text' && part.type === 'text') {
      merged[merged.length - 1] = { type: 'text', text: last.text + part.text }
    } else if (last?.type === 'reasoning' && part.type === 'reasoning') {
      const signature = part.signature ?? last.signature
      merged[merged.length - 1] = { type: 'reasoning', text: last.text + part.text, signature }
    } else merged.push(part)
  }
  return merged
}

function encodeToolReturns(message: Message): ClientMessage {
  const returns = message.toolReturns.map(encodeToolReturn)
  const [first] = message.toolReturns
  return {
    ...base(message, 'tool_return_message', subOtid(uuidOf(message.id), 0)),
    name: message.name ?? first?.name ?? null,
    tool_return: first?.text ?? '',
    status: first?.status ?? 'error',
    tool_call_id: first?.callId ?? '',
    stdout: first?.stdout ?? null,
    stderr: first?.stderr ?? null,
    tool_returns: returns,
  }
}

function encodeToolReturn(item: ToolReturn): JsonObject {
  return {
    type: 'tool',
    tool_return: item.text,
    status: item.status,
    tool_call_id: item.callId,
    stdout: item.stdout,
    stderr: item.stderr,
  }
}

function flatText(content: readonly ContentPart[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
