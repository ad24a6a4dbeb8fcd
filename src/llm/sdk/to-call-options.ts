import { z } from 'zod'
import type { LanguageModelV4CallOptions, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { Json, JsonObject } from '../../util/json.ts'
import type { ModelRequest } from '../model.ts'
import type { ResolvedModel } from '../resolved-model.ts'
import { compatibleOptionsKey } from './load-sdk-model.ts'
import { type SentMessages, toSdkPrompt } from './to-sdk-prompt.ts'

type ProviderModel = Extract<ResolvedModel, { type: 'provider' }>

/** What the provider packages are called with; `sent` keeps messages of earlier turns for the next call. */
export function toCallOptions(
  resolved: ProviderModel,
  request: ModelRequest,
  sent: SentMessages,
): LanguageModelV4CallOptions {
  const settings = modelSettings.parse(request.settings)
  const { kind } = resolved.endpoint
  const maxOutputTokens = request.maxOutputTokens ?? outputLimit(resolved)
  const responseFormat = toResponseFormat(settings)
  const effort = takesEffort(resolved) ? settings.reasoning?.reasoning_effort : undefined
  return {
    prompt: toSdkPrompt(request, { kind, handle: resolved.info.handle, sent }),
    ...toToolOptions(request),
    ...(maxOutputTokens !== null && { maxOutputTokens }),
    ...(request.temperature !== null && { temperature: request.temperature }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(effort !== undefined && { reasoning: effort }),
    providerOptions: toProviderOptions(resolved, request, settings),
  }
}

/** Others have words of their own for how much to think. */
function takesEffort({ reasoning, endpoint }: ProviderModel): boolean {
  return reasoning && (endpoint.kind === 'openai' || endpoint.kind === 'openai-compatible')
}

type Settings = z.infer<typeof modelSettings>

/** Only Anthropic demands a limit; for others none means their own. */
function outputLimit(resolved: ProviderModel): number | null {
  return resolved.endpoint.kind === 'anthropic' ? resolved.info.maxOutputTokens : null
}

function toToolOptions(
  request: ModelRequest,
): Pick<LanguageModelV4CallOptions, 'tools' | 'toolChoice'> {
  if (request.tools.length === 0) return {}
  const { toolChoice } = request
  return {
    tools: request.tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      inputSchema: toMutable(parameters),
    })),
    toolChoice:
      typeof toolChoice === 'string'
        ? { type: toolChoice }
        : { type: 'tool', toolName: toolChoice.name },
  }
}

/** A schema as the packages type it; they do not change it. */
function toMutable(schema: JsonObject): Record<string, Json> {
  const entries = Object.entries(schema).filter(
    (entry): entry is [string, Json] => entry[1] !== undefined,
  )
  return Object.fromEntries(entries)
}

function toResponseFormat(settings: Settings): LanguageModelV4CallOptions['responseFormat'] {
  const format = settings.response_format
  if (format?.type === 'json_object') return { type: 'json' }
  if (format?.type !== 'json_schema') return undefined
  const { schema = format.json_schema, name } = format.json_schema
  return { type: 'json', schema: toMutable(schema), ...(name !== undefined && { name }) }
}

function toProviderOptions(
  resolved: ProviderModel,
  request: ModelRequest,
  settings: Settings,
): SharedV4ProviderOptions {
  const hasTools = request.tools.length > 0
  switch (resolved.endpoint.kind) {
    case 'openai':
      return {
        openai: {
          store: false,
          // OpenAI refuses summaries of thoughts to organisations it has not verified.
          reasoningSummary: null,
          ...(hasTools && { parallelToolCalls: request.parallelToolCalls }),
          ...(settings.verbosity !== undefined && { textVerbosity: settings.verbosity }),
        },
      }
    case 'anthropic':
      return {
        anthropic: {
          ...(hasTools && { disableParallelToolUse: !request.parallelToolCalls }),
          // A field for Anthropic's own servers, which others that speak its API refuse.
          toolStreaming: !resolved.endpoint.custom,
          ...(settings.effort !== undefined && { effort: settings.effort }),
          ...toThinking(resolved, request, settings),
        },
      }
    case 'google':
      return { google: toThinkingConfig(resolved, settings) }
    case 'openai-compatible': {
      const isSerial = hasTools && !request.parallelToolCalls
      return { [compatibleOptionsKey]: isSerial ? { parallel_tool_calls: false } : {} }
    }
  }
}

/**
 * Anthropic refuses thinking with a forced tool call, and when the turn began without it: then the last assistant
 * message has tool calls but no thoughts.
 */
function toThinking(
  resolved: ProviderModel,
  request: ModelRequest,
  settings: Settings,
): { readonly thinking?: { readonly type: 'enabled'; readonly budgetTokens: number } } {
  const isWanted = settings.thinking?.type === 'enabled' && resolved.reasoning
  if (!isWanted || request.toolChoice !== 'auto') return {}
  const last = request.messages.findLast((message) => message.role !== 'tool')
  const isUnthought =
    last?.role === 'assistant' &&
    !(last.model === resolved.info.handle && last.content.some(isProvenReasoning))
  if (isUnthought) return {}
  const budgetTokens = Math.max(1024, settings.thinking?.budget_tokens ?? 1024)
  return { thinking: { type: 'enabled', budgetTokens } }
}

function isProvenReasoning(part: {
  readonly type: string
  readonly signature?: string | null
}): boolean {
  return part.type === 'reasoning-hidden' || (part.type === 'reasoning' && part.signature !== null)
}

function toThinkingConfig(
  resolved: ProviderModel,
  settings: Settings,
): { readonly thinkingConfig?: { includeThoughts: boolean; thinkingBudget: number } } {
  const wanted = settings.thinking_config
  if (wanted === undefined || !resolved.reasoning) return {}
  const { include_thoughts: includeThoughts, thinking_budget: thinkingBudget } = wanted
  return { thinkingConfig: { includeThoughts, thinkingBudget } }
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

/** The parts of the wire's `model_settings` that providers know; what does not fit is left out. */
const modelSettings = z.object({
  reasoning: z
    .object({ reasoning_effort: z.enum(efforts).optional() })
    .optional()
    .catch(undefined),
  verbosity: z.enum(['low', 'medium', 'high']).optional().catch(undefined),
  effort: z.enum(['low', 'medium', 'high', 'max']).optional().catch(undefined),
  thinking: z
    .object({
      type: z.enum(['enabled', 'disabled']),
      budget_tokens: z.number().int().optional(),
    })
    .optional()
    .catch(undefined),
  thinking_config: z
    .object({
      include_thoughts: z.boolean().default(true),
      thinking_budget: z.number().int().default(1024),
    })
    .optional()
    .catch(undefined),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z
          .object({
            name: z.string().optional(),
            schema: z.record(z.string(), z.json()).optional(),
          })
          .catchall(z.json()),
      }),
    ])
    .optional()
    .catch(undefined),
})
