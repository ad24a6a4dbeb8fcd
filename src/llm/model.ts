import type { JsonObject } from '../util/json.ts'
import type { TokenUsage } from '../domain/run.ts'
import type { ErrorCode } from '../errors/error-codes.ts'

/**
 * A language model as the rest of the product sees it: one streaming call.
 *
 * Contract of {@link LanguageModel.stream}:
 * - It never throws and never rejects. A failure is the last part, of type `error`; an abort is the last part, an
 *   `error` whose code is `cancelled`.
 * - Exactly one part of type `finish` or `error` arrives, and it is the last.
 * - Parts arrive in the order they are to be shown. The parts of one tool call (`tool-call-start`, any number of
 *   `tool-call-delta`, `tool-call-end`) may interleave with those of other calls; `index` tells them apart and
 *   counts from 0 in the order of `tool-call-start`.
 * - Providers retry nothing themselves; `withRetry` wraps them.
 * - Whoever iterates owns the stream: leaving the loop early closes the connection.
 */
export interface LanguageModel {
  /** The handle, `provider/model`. */
  readonly handle: string
  /** What the handle stands for. */
  readonly info: ModelInfo
  /** Asks the model once. */
  stream(request: ModelRequest): AsyncIterable<ModelPart>
}

/** What is known about a model before it is called. */
export interface ModelInfo {
  /** `provider/model`. */
  readonly handle: string
  /** The part before the slash. */
  readonly provider: string
  /** The name the provider knows the model by. */
  readonly name: string
  /** What it takes in all, prompt and answer, in tokens. */
  readonly contextWindow: number
  /** The most it writes in one answer, in tokens; null = unknown. */
  readonly maxOutputTokens: number | null
  /**
   * Whether its answers only quote what is stored. Such answers are kept out of search, so that a quotation is never
   * found in place of its source, and JSON output marks them with `limited: true`.
   */
  readonly extractive: boolean
  /** The wire's `model_endpoint_type`, such as `openai` or `anthropic`. */
  readonly endpointType: string
  /** Where it is called, for display; never carries a key. */
  readonly endpoint: string | null
  /** Tokens it counts for each that `countTokens` estimates, as learnt from its usage. Default: 1, nothing was learnt. */
  readonly tokenFactor?: number
}

/** One call. */
export interface ModelRequest {
  /** The system text. */
  readonly system: string
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ModelTool[]
  /** `auto`: the model decides; `required`: it must call a tool; a name: it must call that tool. */
  readonly toolChoice: 'auto' | 'required' | { readonly name: string }
  /** Whether it may call several tools in one answer. */
  readonly parallelToolCalls: boolean
  /** The most it may write, in tokens; null = the model's own limit. */
  readonly maxOutputTokens: number | null
  readonly temperature: number | null
  /** The agent's `model_settings` as the wire carries them, for what only one provider knows. */
  readonly settings: JsonObject
  /** Ends the call; the stream then closes with an `error` part of code `cancelled`. */
  readonly signal: AbortSignal
}

/** One entry of the history that is sent. */
export type ModelMessage =
  | { readonly role: 'user'; readonly content: readonly ModelContent[] }
  | {
      readonly role: 'assistant'
      readonly content: readonly ModelContent[]
      readonly toolCalls: readonly ModelToolCall[]
      /** The handle that wrote it; reasoning is replayed only to the same one. */
      readonly model: string | null
    }
  | { readonly role: 'tool'; readonly returns: readonly ModelToolReturn[] }

/** A piece of content that is sent. */
export type ModelContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly source: JsonObject }
  | { readonly type: 'reasoning'; readonly text: string; readonly signature: string | null }
  /** What a `reasoning-hidden` part carried; providers refuse tool results whose hidden reasoning is missing. */
  | { readonly type: 'reasoning-hidden'; readonly data: string }

/** A call the model made earlier. */
export interface ModelToolCall {
  readonly callId: string
  readonly name: string
  /** The arguments as JSON text. */
  readonly arguments: string
}

/** The return of a call the model made earlier. */
export interface ModelToolReturn {
  readonly callId: string
  readonly name: string
  readonly text: string
  readonly isError: boolean
}

/** A tool the model may call. */
export interface ModelTool {
  readonly name: string
  readonly description: string
  /** A JSON Schema of type object. */
  readonly parameters: JsonObject
}

/** A piece of the answer. */
export type ModelPart =
  | { readonly type: 'text-delta'; readonly text: string }
  /** A signature ends its block of reasoning: what follows belongs to the next one. Its text may be empty. */
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly signature: string | null }
  /** The provider reasoned but shows nothing (`data` null) or an opaque block, which is to be sent back as it is. */
  | { readonly type: 'reasoning-hidden'; readonly data: string | null }
  | {
      readonly type: 'tool-call-start'
      readonly index: number
      readonly callId: string
      readonly name: string
    }
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly argumentsText: string }
  /** The call is complete; `arguments` is all of its JSON text. */
  | {
      readonly type: 'tool-call-end'
      readonly index: number
      readonly callId: string
      readonly name: string
      readonly arguments: string
    }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: TokenUsage }
  | { readonly type: 'error'; readonly error: ModelFailure }

/** Why the model stopped writing. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other'

/** A failed call, as data. */
export interface ModelFailure {
  /** One of the `llm_…` codes, `model_key_missing`, `context_window_exceeded`, or `cancelled`. */
  readonly code: ErrorCode | 'cancelled'
  /** A sentence that says what was attempted, what stood in the way and what to do. */
  readonly message: string
  /** What the provider said, shortened, without keys. */
  readonly detail: string
  readonly retryable: boolean
  /** How long the provider asks to wait, in milliseconds; null = it does not say. */
  readonly retryAfterMs: number | null
}

/** Usage of a call that reported none. */
export const noUsage: TokenUsage = {
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
}
