import { z } from 'zod'
import { optional, present } from './optional.ts'
import type { CallAnswer } from '../domain/approval.ts'
import type { ContentPart } from '../domain/message.ts'
import type { JsonObject } from '../util/json.ts'
import { callAnswerSchema, toCallAnswer, toolReturnSchema, toReturnAnswer } from './call-answer.ts'
import { contentSchema, toContent } from './content.ts'
import { jsonObject } from './json-object.ts'
import { messageTypes } from './message.ts'
import { validationError } from './validation.ts'

const messageCreate = z.lazy(() =>
  z.object({
    type: optional(z.literal('message')),
    otid: optional(z.string().min(1).max(200)),
    group_id: optional(z.string()),
    role: z.enum(['user', 'system', 'assistant']),
    content: contentSchema,
    name: optional(z.string()),
    sender_id: optional(z.string()),
    batch_item_id: optional(z.string()),
  }),
)

const answer = () => ({
  otid: optional(z.string().min(1).max(200)),
  group_id: optional(z.string()),
})
const approvalCreate = z.lazy(() =>
  z.object({
    ...answer(),
    type: z.literal('approval'),
    approvals: optional(z.array(callAnswerSchema)),
    approve: optional(z.boolean()),
    approval_request_id: optional(z.string()),
    reason: optional(z.string()),
  }),
)
const toolReturnCreate = z.lazy(() =>
  z.object({
    ...answer(),
    type: z.literal('tool_return'),
    tool_returns: z.array(toolReturnSchema),
  }),
)

/** A message of a request; without a `type` its shape decides. */
const inputMessage = z.lazy(() =>
  z.preprocess(
    withType,
    z.discriminatedUnion('type', [
      messageCreate.unwrap().extend({ type: z.literal('message') }),
      approvalCreate,
      toolReturnCreate,
    ]),
  ),
)

const approvalFields = ['approval_request_id', 'approve', 'approvals']

function withType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if ('type' in value && value.type !== null && value.type !== undefined) return value
  const isApproval = approvalFields.some((field) => field in value)
  return { ...value, type: isApproval ? 'approval' : 'message' }
}

const clientTool = z.lazy(() =>
  z.object({
    name: z.string().min(1),
    description: optional(z.string()),
    parameters: optional(jsonObject),
  }),
)
const clientSkill = z.lazy(() =>
  z.object({ name: z.string(), description: z.string(), location: z.string() }),
)

const request = () => ({
  messages: optional(z.array(inputMessage)),
  input: optional(contentSchema),
  max_steps: optional(z.int().min(1)),
  use_assistant_message: optional(z.boolean()),
  assistant_message_tool_name: optional(z.string()),
  assistant_message_tool_kwarg: optional(z.string()),
  include_return_message_types: optional(z.array(z.enum(messageTypes))),
  client_tools: optional(z.array(clientTool)),
  client_skills: optional(z.array(clientSkill)),
  override_model: optional(z.string()),
  override_system: optional(z.string()),
  system: optional(z.string()),
  include_compaction_messages: optional(z.boolean()),
  /** Whether an event at the end tells what the run remembered, changed and forgot. */
  include_memory_changes: optional(z.boolean()),
})

const stream = () => ({
  stream_tokens: optional(z.boolean()),
  include_pings: optional(z.boolean()),
  background: optional(z.boolean()),
})

/** `LettaStreamingRequest`: unknown fields are ignored. */
export const sendSchema = z.lazy(() =>
  z.object({ ...request(), ...stream(), streaming: optional(z.boolean()) }),
)

/** `LettaAsyncRequest`: unknown fields are ignored. */
export const sendAsyncSchema = z.lazy(() =>
  z.object({ ...request(), callback_url: optional(z.url()) }),
)

/** `ConversationMessageRequest`: unknown fields are ignored. */
export const conversationSendSchema = z.lazy(() =>
  sendSchema.unwrap().extend({ agent_id: optional(z.string()) }),
)

/** The part of a decoded request that all routes share. */
export type SendBody = z.infer<z.ZodObject<ReturnType<typeof request>>>

/** A message of an input. */
export interface DecodedMessage {
  readonly role: 'user' | 'system' | 'assistant'
  readonly content: readonly ContentPart[]
  readonly name: string | null
  readonly otid: string | null
  readonly senderId: string | null
  readonly groupId: string | null
}

/** What a request says: messages for the conversation, or the answer to an approval request. */
export type DecodedInput =
  | { readonly kind: 'messages'; readonly messages: readonly DecodedMessage[] }
  | {
      readonly kind: 'answer'
      /** As given: a call may also be named by the message that asks about it. */
      readonly answers: readonly CallAnswer[]
      readonly otid: string | null
      readonly groupId: string | null
      /** What is said after the answer. */
      readonly followUps: readonly DecodedMessage[]
    }

/**
 * The input of a decoded request.
 *
 * @throws AppError `validation_failed` when it has both `messages` and `input` or neither, no message, a message without
 * content, an approval that answers nothing, or one that is not the first message.
 */
export function toInput(body: SendBody): DecodedInput {
  const { messages, input } = body
  if ((messages === undefined) === (input === undefined)) {
    throw validationError([
      {
        type: 'value_error',
        location: ['body'],
        message: "Value error, Exactly one of 'messages' and 'input' must be given",
        input: null,
      },
    ])
  }
  if (input !== undefined)
    return toMessages([{ ...emptyMessage, role: 'user', content: toContent(input) }])
  const list = messages ?? []
  if (list.length === 0) throw emptyInput('messages', 'Messages must not be empty')
  const [first, ...others] = list
  if (first === undefined || first.type === 'message') return toMessages(toPlain(list))
  const { otid, group_id: groupId } = first
  const followUps = toPlain(others)
  refuseBlank(followUps)
  const answers = toAnswers(first)
  return { kind: 'answer', answers, otid: otid ?? null, groupId: groupId ?? null, followUps }
}

type InputMessage = z.infer<typeof inputMessage>

function toPlain(list: readonly InputMessage[]): readonly DecodedMessage[] {
  return list.map((message) => {
    if (message.type === 'message') return toMessage(message)
    throw emptyInput('messages', 'An approval must be the first message of a request')
  })
}

function toAnswers(message: Exclude<InputMessage, { type: 'message' }>): readonly CallAnswer[] {
  if (message.type === 'tool_return') return message.tool_returns.map(toReturnAnswer)
  const { approvals, approve, approval_request_id: callId, reason } = message
  if (approvals !== undefined) return approvals.map(toCallAnswer)
  if (approve === undefined || callId === undefined) {
    throw emptyInput('messages', 'An approval needs approvals, or approve and approval_request_id')
  }
  return [{ kind: 'approval', callId, approve, reason: reason ?? null }]
}

const emptyMessage = { name: null, otid: null, senderId: null, groupId: null }

function toMessage(message: z.infer<typeof messageCreate>): DecodedMessage {
  return {
    role: message.role,
    content: toContent(message.content),
    name: message.name ?? null,
    otid: message.otid ?? null,
    senderId: message.sender_id ?? null,
    groupId: message.group_id ?? null,
  }
}

function toMessages(messages: readonly DecodedMessage[]): DecodedInput {
  refuseBlank(messages)
  return { kind: 'messages', messages }
}

function refuseBlank(messages: readonly DecodedMessage[]): void {
  if (messages.some(({ content }) => content.every(isBlank))) {
    throw emptyInput('messages', 'Message content must not be empty')
  }
}

function isBlank(part: ContentPart): boolean {
  return part.type === 'text' && part.text.trim() === ''
}

function emptyInput(field: string, message: string): Error {
  return validationError([
    {
      type: 'value_error',
      location: ['body', field],
      message: `Value error, ${message}`,
      input: [],
    },
  ])
}

/** The options of a turn, as far as the request sets them. */
export function toTurnOptions(
  body: SendBody,
  streamTokens: boolean,
): {
  readonly maxSteps?: number
  readonly overrideModel: string | null
  readonly overrideSystem: string | null
  readonly clientTools: readonly JsonObject[]
  readonly clientSkills: readonly JsonObject[]
  readonly returnMessageTypes: readonly string[] | null
  readonly streamTokens: boolean
} {
  return {
    ...present({ maxSteps: body.max_steps }),
    overrideModel: body.override_model ?? null,
    overrideSystem: body.override_system ?? body.system ?? null,
    clientTools: body.client_tools ?? [],
    clientSkills: body.client_skills ?? [],
    returnMessageTypes: body.include_return_message_types ?? null,
    streamTokens,
  }
}

/** The options of a turn that an answer goes on with: what the request leaves out stays as it was. */
export function toAnswerOptions(
  body: SendBody,
  streamTokens: boolean,
): Partial<ReturnType<typeof toTurnOptions>> {
  const { overrideModel, overrideSystem, clientTools, clientSkills, ...options } = toTurnOptions(
    body,
    streamTokens,
  )
  return {
    ...options,
    ...(overrideModel !== null && { overrideModel }),
    ...(overrideSystem !== null && { overrideSystem }),
    ...(body.client_tools !== undefined && { clientTools }),
    ...(body.client_skills !== undefined && { clientSkills }),
  }
}

/** `LettaRequestConfig`, as runs carry it. */
export function toRequestConfig(body: SendBody): JsonObject {
  return {
    use_assistant_message: body.use_assistant_message ?? true,
    assistant_message_tool_name: body.assistant_message_tool_name ?? 'send_message',
    assistant_message_tool_kwarg: body.assistant_message_tool_kwarg ?? 'message',
    include_return_message_types: body.include_return_message_types ?? null,
    ...(body.include_compaction_messages === true && { include_compaction_messages: true }),
    ...(body.include_memory_changes === true && { include_memory_changes: true }),
  }
}

/**
 * Refuses options that only mean something for a stream.
 *
 * @throws AppError `validation_failed`.
 */
export function refuseStreamOptions(body: {
  readonly stream_tokens?: boolean | null | undefined
  readonly include_pings?: boolean | null | undefined
  readonly background?: boolean | null | undefined
}): void {
  const given = [
    body.stream_tokens === true && 'stream_tokens',
    body.include_pings === false && 'include_pings',
    body.background === true && 'background',
  ].filter((name) => name !== false)
  if (given.length === 0) return
  throw validationError([
    {
      type: 'value_error',
      location: ['body'],
      message: `Value error, Streaming options set without streaming enabled: ${given.join(', ')}. Set streaming to true to use these options.`,
      input: null,
    },
  ])
}
