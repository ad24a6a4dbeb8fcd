import type { Json, JsonObject } from '../util/json.ts'
import type { WireModel } from './model.ts'

/** What an agent or conversation says about the use of its model. */
export interface ModelUse {
  /** The handle as it is stored; `letta/auto` stays so. */
  readonly handle: string
  /** The model it stands for. */
  readonly model: WireModel
  /** The stored `model_settings`, or null. */
  readonly settings: JsonObject | null
  /** The window in tokens, or null for the model's, at most 128,000. */
  readonly contextWindow: number | null
}

/** The window an agent gets when it names none, at most, in tokens. */
export const defaultWindow = 128_000

const fallbackOutput = 4096
const fallbackGeminiOutput = 65_536
const fallbackThinking = 1024

/** `model_settings`: what is stored, over what follows from the kind of endpoint. */
export function encodeModelSettings(use: ModelUse): JsonObject {
  return { ...derivedSettings(use), ...use.settings }
}

function derivedSettings({ model, settings }: ModelUse): JsonObject {
  const shared = {
    max_output_tokens: model.maxOutputTokens ?? fallbackOutput,
    parallel_tool_calls: true,
    temperature: 1,
  }
  switch (settings?.['provider_type'] ?? model.endpointType) {
    case 'openai':
      return {
        ...shared,
        provider_type: 'openai',
        reasoning: { reasoning_effort: 'minimal' },
        response_format: null,
        strict: false,
      }
    case 'anthropic':
    case 'minimax':
      return {
        ...shared,
        provider_type: 'anthropic',
        thinking: { type: 'disabled', budget_tokens: fallbackThinking },
        response_format: null,
        verbosity: null,
        effort: null,
        strict: false,
      }
    case 'google_ai':
    case 'google_vertex':
      return {
        ...shared,
        provider_type: model.endpointType,
        max_output_tokens: model.maxOutputTokens ?? fallbackGeminiOutput,
        thinking_config: { include_thoughts: false, thinking_budget: fallbackThinking },
        response_schema: null,
      }
    default:
      return { ...shared, provider_type: model.endpointType, response_format: null }
  }
}

/** `LLMConfig`, with every field. */
export function encodeLlmConfig(use: ModelUse): JsonObject {
  const { model, settings } = use
  const setting = (name: string): Json | undefined => settings?.[name]
  return {
    model: use.handle.slice(use.handle.indexOf('/') + 1),
    display_name: null,
    model_endpoint_type: model.endpointType,
    model_endpoint: model.endpoint,
    provider_name: use.handle.split('/')[0] ?? model.provider,
    provider_category: 'base',
    model_wrapper: null,
    context_window: use.contextWindow ?? Math.min(model.contextWindow, defaultWindow),
    put_inner_thoughts_in_kwargs: false,
    handle: use.handle,
    temperature: setting('temperature') ?? 1,
    max_tokens: setting('max_output_tokens') ?? model.maxOutputTokens,
    enable_reasoner: true,
    reasoning_effort: member(setting('reasoning'), 'reasoning_effort') ?? null,
    max_reasoning_tokens:
      member(setting('thinking'), 'budget_tokens') ??
      member(setting('thinking_config'), 'thinking_budget') ??
      0,
    effort: setting('effort') ?? null,
    frequency_penalty: setting('frequency_penalty') ?? null,
    compatibility_type: null,
    verbosity: setting('verbosity') ?? null,
    tier: null,
    parallel_tool_calls: setting('parallel_tool_calls') ?? true,
    response_format: setting('response_format') ?? null,
    strict: setting('strict') ?? false,
    return_logprobs: false,
    top_logprobs: null,
    return_token_ids: false,
    tool_call_parser: null,
  }
}

function member(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined
}
