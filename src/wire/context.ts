import { z } from 'zod'
import type { Message } from '../domain/message.ts'
import type { PromptTrace } from '../domain/prompt-trace.ts'
import type { JsonObject } from '../util/json.ts'
import { encodeContent } from './content.ts'
import { encodeToolCall } from './message.ts'
import { encodeTime } from './time.ts'

/** The query of the routes that show a context. */
export const contextQuery = z.lazy(() =>
  z.object({
    conversation_id: z.string().optional(),
    view: z.enum(['current', 'sent']).default('current'),
  }),
)

/** A tool as models see it. */
interface ShownTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}

/** What {@link encodeContext} shows. */
interface ShownContext {
  readonly budget: {
    readonly window: number
    readonly reserve: number
    readonly tokenFactor: number
  }
  readonly sizes: PromptTrace['sizes']
  readonly tokens: number
  readonly baseSystem: string
  readonly system: string
  readonly coreMemory: string
  readonly coreMemoryTokens: number
  readonly tools: readonly ShownTool[]
  readonly summary: { readonly text: string } | null
  readonly messages: readonly Message[]
  readonly messageCount: number
  readonly passageCount: number
  readonly model: string
}

/** `ContextWindowOverview`, with the model and what is kept free for its answer beside it. */
export function encodeContext(context: ShownContext): JsonObject {
  const { sizes, coreMemory, coreMemoryTokens, baseSystem, system } = context
  const notes = system.slice(Math.max(0, system.indexOf('<memory_metadata>')))
  const hasNotes = system.includes('<memory_metadata>')
  const messages = context.messages.map(encodeShownMessage)
  const rest = Math.max(0, sizes.system - coreMemoryTokens)
  const noteTokens = hasNotes ? Math.min(rest, Math.ceil(notes.length / 4)) : 0
  return {
    context_window_size_max: context.budget.window,
    context_window_size_current: context.tokens,
    num_messages: messages.length + (context.summary === null ? 1 : 2),
    num_archival_memory: context.passageCount,
    num_recall_memory: context.messageCount,
    num_tokens_external_memory_summary: noteTokens,
    external_memory_summary: hasNotes ? notes : '',
    num_tokens_system: rest - noteTokens,
    system_prompt: baseSystem,
    num_tokens_core_memory: coreMemoryTokens,
    core_memory: coreMemory,
    num_tokens_memory_filesystem: 0,
    memory_filesystem: null,
    num_tokens_tool_usage_rules: 0,
    tool_usage_rules: null,
    num_tokens_directories: 0,
    directories: null,
    num_tokens_summary_memory: sizes.summary,
    summary_memory: context.summary?.text ?? null,
    num_tokens_functions_definitions: sizes.tools,
    functions_definitions: context.tools.map(encodeTool),
    num_tokens_messages: sizes.messages,
    messages,
    model: context.model,
    reserved_tokens: context.budget.reserve,
    token_factor: context.budget.tokenFactor,
  }
}

/** A piece of content as a model was sent it. */
type SentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly source: JsonObject }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'reasoning-hidden' }

/** A message as a model was sent it. */
type SentMessage =
  | { readonly role: 'user'; readonly content: readonly SentPart[] }
  | {
      readonly role: 'assistant'
      readonly content: readonly SentPart[]
      readonly toolCalls: readonly {
        readonly callId: string
        readonly name: string
        readonly arguments: string
      }[]
    }
  | {
      readonly role: 'tool'
      readonly returns: readonly {
        readonly callId: string
        readonly name: string
        readonly text: string
        readonly isError: boolean
      }[]
    }

/** What {@link encodeSentContext} shows. */
interface ShownRequest {
  readonly stepId: string
  readonly runId: string
  readonly sentAt: number
  readonly trace: PromptTrace
  readonly system: string | null
  readonly tools: readonly ShownTool[] | null
  readonly messages: readonly SentMessage[]
  readonly isExact: boolean
  readonly bytes: number
  readonly common: {
    readonly stepId: string
    readonly bytes: number
    readonly share: number
    readonly reason: string | null
  } | null
}

/** Ours: the request that was sent last, what it was made of and why, and what it shares with the one before. */
export function encodeSentContext(sent: ShownRequest): JsonObject {
  const { trace, common } = sent
  const { sizes } = trace
  return {
    step_id: sent.stepId,
    run_id: sent.runId,
    sent_at: encodeTime(sent.sentAt),
    exact: sent.isExact,
    bytes: sent.bytes,
    tokens: { ...sizes, total: sizes.system + sizes.tools + sizes.summary + sizes.messages },
    context_window: trace.window,
    reserved_tokens: trace.reserve,
    prefix: {
      hash: trace.prefixKey,
      built_at: encodeTime(trace.prefixBuiltAt),
      rebuilt: trace.isPrefixNew,
    },
    summary_id: trace.summaryId,
    recall: trace.recall?.map((each) => ({ ...each })) ?? null,
    common_prefix:
      common === null
        ? null
        : {
            step_id: common.stepId,
            bytes: common.bytes,
            share: common.share,
            reason: common.reason,
          },
    system: sent.system,
    tools: sent.tools?.map(encodeTool) ?? null,
    messages: sent.messages.map(encodeSentMessage),
  }
}

function encodeTool({ name, description, parameters }: ShownTool): JsonObject {
  return { type: 'function', function: { name, description, parameters } }
}

function encodeSentMessage(message: SentMessage): JsonObject {
  if (message.role === 'tool') {
    return {
      role: 'tool',
      tool_returns: message.returns.map(({ callId, name, text, isError }) => ({
        tool_call_id: callId,
        name,
        tool_return: text,
        is_err: isError,
      })),
    }
  }
  const content = message.content.map(encodeSentPart)
  if (message.role === 'user') return { role: 'user', content }
  return { role: 'assistant', content, tool_calls: message.toolCalls.map(encodeToolCall) }
}

function encodeSentPart(part: SentPart): JsonObject {
  if (part.type === 'reasoning-hidden') return { type: 'redacted_reasoning' }
  if (part.type === 'image') return { type: 'image', source: part.source }
  return { type: part.type, text: part.text }
}

/** A stored message in the original's inner shape, as far as it has a meaning here. */
function encodeShownMessage(message: Message): JsonObject {
  const content = encodeContent(message.content)
  return {
    id: message.id,
    role: message.role,
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    tool_calls: message.toolCalls.map(encodeToolCall),
    tool_returns: message.toolReturns.map(({ callId, status, text }) => ({
      tool_call_id: callId,
      status,
      func_response: text,
    })),
    name: message.name,
    agent_id: message.agentId,
    step_id: message.stepId,
    run_id: message.runId,
    created_at: encodeTime(message.createdAt),
  }
}
