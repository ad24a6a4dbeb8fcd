import type { LettaStreamingResponse } from '@letta-ai/letta-client/resources/agents/messages'

/** A message of the wire, as the official client types it. */
export type WireMessage = LettaStreamingResponse

/** What a message of a turn is. */
export type AgentMessageType = 'assistant' | 'reasoning' | 'tool_call' | 'tool_return'

/** A complete message that the agent sent or caused during a turn. */
export interface AgentMessage {
  /** `message-…`; parts of one model answer share it. */
  readonly id: string
  readonly type: AgentMessageType
  /** What was said; of a tool call its arguments as JSON, of a tool return what the tool answered. */
  readonly text: string
  /** The tool, for `tool_call` and `tool_return`. */
  readonly toolName: string | null
  /** Joins a call and its return. */
  readonly toolCallId: string | null
  /** Whether the tool succeeded, for `tool_return`. */
  readonly status: 'success' | 'error' | null
  /** The run the message belongs to. */
  readonly runId: string | null
  /** The model call the message belongs to. */
  readonly stepId: string | null
}

/** What a turn used, in tokens. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
  /** Model calls. */
  readonly stepCount: number
  /** Part of the prompt that came from the provider's cache; null = it does not say. */
  readonly cachedInputTokens: number | null
  /** Part of the completion that was reasoning; null = it does not say. */
  readonly reasoningTokens: number | null
}

/** A turn that ended well: an array of its messages, with the facts of the run. */
export interface UserMessageResponse extends ReadonlyArray<AgentMessage> {
  /** The answer: the last thing the agent said. The other messages follow in the order they came. */
  readonly 0: AgentMessage
  /** `run-…`. */
  readonly runId: string | null
  /** Why the agent rests, such as `end_turn` or `max_steps`. */
  readonly stopReason: string
  readonly usage: Usage
}

/** What happens while a turn runs, in order; the last event is always `end`. */
export type StreamEvent =
  /** The message is stored and will be answered, whatever happens to this process. */
  | { readonly type: 'accepted'; readonly runId: string }
  /** The next piece of what the agent says. */
  | { readonly type: 'text'; readonly messageId: string; readonly text: string }
  /** The next piece of what the agent thinks. */
  | { readonly type: 'reasoning'; readonly messageId: string; readonly text: string }
  /** The pieces of a message so far are void: the model call failed and is made again, as another message. */
  | { readonly type: 'dropped'; readonly messageId: string }
  /** The agent calls a tool; `text` is the complete arguments. */
  | { readonly type: 'tool_call'; readonly message: AgentMessage }
  /** A tool answered. */
  | { readonly type: 'tool_return'; readonly message: AgentMessage }
  /** The turn ended well. */
  | { readonly type: 'end'; readonly response: UserMessageResponse }

/** The text of content that is a string or a list of parts; parts that are not text are left out. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: unknown) => (hasText(part) ? part.text : '')).join('')
}

function hasText(part: unknown): part is { readonly text: string } {
  return (
    typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
  )
}
