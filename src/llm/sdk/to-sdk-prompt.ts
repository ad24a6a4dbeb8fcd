import { z } from 'zod'
import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ReasoningPart,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider'
import type { GrowingFold } from '../../util/growing-fold.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ModelMessage, ModelRequest, ModelToolCall } from '../model.ts'
import type { ProviderKind } from '../provider-definitions.ts'
import { fromCallSignature, fromItemSignature } from './reasoning-signature.ts'

/** For whom a prompt is written. */
export interface PromptTarget {
  readonly kind: ProviderKind
  /** The model's handle: reasoning goes back only to the model that wrote it. */
  readonly handle: string
  /** What messages of earlier turns were written as for this target; what is written now is added. */
  readonly sent: SentMessages
}

/** What the beginnings of prompts were written as. Messages never change, so a prompt is written anew only where it is new. */
export type SentMessages = GrowingFold<ModelMessage, readonly LanguageModelV4Message[]>

type AssistantMessage = Extract<ModelMessage, { role: 'assistant' }>

/** Asks Anthropic to keep everything up to here in its cache. */
const cacheHere: SharedV4ProviderOptions = {
  anthropic: { cacheControl: { type: 'ephemeral' } },
}

/** Turns a request into the prompt the provider packages take. */
export function toSdkPrompt(request: ModelRequest, target: PromptTarget): LanguageModelV4Prompt {
  const earlier = request.messages.findLastIndex((message) => message.role === 'user') + 1
  const write = (isThisTurn: boolean, some: readonly ModelMessage[]): LanguageModelV4Message[] =>
    some.flatMap((message) => toSdkMessage(message, { ...target, isThisTurn }))
  const before = target.sent.fold(request.messages, {
    first: earlier,
    start: [],
    add: (written, added) => written.concat(write(false, added)),
  })
  const messages = before.concat(write(true, request.messages.slice(earlier)))
  const caches = target.kind === 'anthropic'
  const last = messages.at(-1)
  if (caches && last !== undefined) {
    messages[messages.length - 1] = { ...last, providerOptions: cacheHere }
  }
  if (request.system === '') return messages
  const system: LanguageModelV4Message = { role: 'system', content: request.system }
  messages.unshift(caches ? { ...system, providerOptions: cacheHere } : system)
  return messages
}

/**
 * The identifier of a tool call as every provider accepts it: Anthropic allows few characters, OpenAI forty of them,
 * and a history may hold calls that another provider named.
 */
export function toSdkCallId(callId: string): string {
  return callId.replaceAll(/[^\w-]/g, '_').slice(-40)
}

function toSdkMessage(
  message: ModelMessage,
  target: PromptTarget & { readonly isThisTurn: boolean },
): readonly LanguageModelV4Message[] {
  switch (message.role) {
    case 'user': {
      const content = message.content.flatMap((part) => {
        if (part.type === 'text') return part.text === '' ? [] : [toText(part.text)]
        return part.type === 'image' ? [toImage(part.source)] : []
      })
      return content.length === 0 ? [] : [{ role: 'user', content }]
    }
    case 'assistant': {
      const content = toAssistantContent(message, target)
      return content.length === 0 ? [] : [{ role: 'assistant', content }]
    }
    case 'tool': {
      const content = message.returns.map((one) => ({
        type: 'tool-result' as const,
        toolCallId: toSdkCallId(one.callId),
        toolName: one.name,
        output: {
          type: one.isError ? ('error-text' as const) : ('text' as const),
          value: one.text,
        },
      }))
      return content.length === 0 ? [] : [{ role: 'tool', content }]
    }
  }
}

function toAssistantContent(
  message: AssistantMessage,
  target: PromptTarget & { readonly isThisTurn: boolean },
): (LanguageModelV4TextPart | LanguageModelV4ReasoningPart | LanguageModelV4ToolCallPart)[] {
  const isOwn = message.model === target.handle
  const reasoning = isOwn ? toReasoning(message, target) : []
  const texts = message.content.flatMap((part) =>
    part.type === 'text' && part.text !== '' ? [toText(part.text)] : [],
  )
  const signatures = new Map<string, SharedV4ProviderOptions>()
  for (const part of isOwn ? message.content : []) {
    const signature = part.type === 'reasoning-hidden' ? fromCallSignature(part.data) : null
    if (signature !== null) signatures.set(signature.callId, signature.options)
  }
  const calls = message.toolCalls.map((call): LanguageModelV4ToolCallPart => {
    const providerOptions = signatures.get(call.callId)
    return {
      type: 'tool-call',
      toolCallId: toSdkCallId(call.callId),
      toolName: call.name,
      input: toInput(call, target.kind),
      ...(providerOptions !== undefined && { providerOptions }),
    }
  })
  return [...reasoning, ...texts, ...calls]
}

/**
 * Endpoints of OpenAI's kind prove nothing, and what they thought in earlier turns is dropped by their own templates:
 * they get back the thoughts of the turn that is running.
 */
function toReasoning(
  message: AssistantMessage,
  target: PromptTarget & { readonly isThisTurn: boolean },
): readonly LanguageModelV4ReasoningPart[] {
  return message.content.flatMap((part): readonly LanguageModelV4ReasoningPart[] => {
    if (part.type === 'reasoning-hidden') return toHiddenReasoning(part.data, target.kind)
    if (part.type !== 'reasoning') return []
    const { text, signature } = part
    if (target.kind === 'openai-compatible') {
      return target.isThisTurn && text !== '' ? [{ type: 'reasoning', text }] : []
    }
    const providerOptions = toSignatureOptions(signature, target.kind)
    return providerOptions === null ? [] : [{ type: 'reasoning', text, providerOptions }]
  })
}

function toHiddenReasoning(
  data: string,
  kind: ProviderKind,
): readonly LanguageModelV4ReasoningPart[] {
  if (kind === 'anthropic') {
    const providerOptions = { anthropic: { redactedData: data } }
    return [{ type: 'reasoning', text: '', providerOptions }]
  }
  const item = kind === 'openai' ? fromItemSignature(data) : null
  return item === null ? [] : [{ type: 'reasoning', text: '', providerOptions: item }]
}

function toSignatureOptions(
  signature: string | null,
  kind: ProviderKind,
): SharedV4ProviderOptions | null {
  if (signature === null) return null
  if (kind === 'anthropic') return { anthropic: { signature } }
  if (kind === 'google') return { google: { thoughtSignature: signature } }
  return fromItemSignature(signature)
}

/**
 * The arguments of an earlier call. Chat completions carry them as text, which goes back byte for byte; the other
 * APIs carry an object. What is no JSON object is wrapped in one, as every API refuses it otherwise.
 */
function toInput(call: ModelToolCall, kind: ProviderKind): unknown {
  const parsed = argumentsObject.safeParse(call.arguments)
  if (!parsed.success) return { invalid_arguments: call.arguments }
  return kind === 'openai-compatible' ? call.arguments : parsed.data
}

const argumentsObject = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' })
      return z.NEVER
    }
  })
  .pipe(z.record(z.string(), z.unknown()))

function toText(text: string): LanguageModelV4TextPart {
  return { type: 'text', text }
}

const imageSource = z.discriminatedUnion('type', [
  z.object({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
  z.object({ type: z.literal('url'), url: z.url() }),
  z.object({ type: z.literal('letta'), media_type: z.string(), data: z.string() }),
])

function toImage(source: JsonObject): LanguageModelV4FilePart | LanguageModelV4TextPart {
  const parsed = imageSource.safeParse(source)
  if (!parsed.success) return toText('(An image was here that is no longer available.)')
  const image = parsed.data
  if (image.type === 'url') {
    const data = { type: 'url', url: new URL(image.url) } as const
    return { type: 'file', mediaType: 'image/*', data }
  }
  const data = { type: 'data', data: image.data } as const
  return { type: 'file', mediaType: image.media_type, data }
}
