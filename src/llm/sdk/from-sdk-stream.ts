import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { TokenUsage } from '../../domain/run.ts'
import type { FinishReason, ModelPart } from '../model.ts'
import { toCallSignature, toRedactedData, toSignature } from './reasoning-signature.ts'

/** What became of a stream that is being read. */
export interface StreamReader {
  /** The parts that one part of the provider package turns into; `finish` and `error` are not among them. */
  read(part: LanguageModelV4StreamPart): readonly ModelPart[]
  /** Whether text or a tool call has come. */
  readonly hasAnswer: boolean
  /** Whether every tool call that began has ended. */
  readonly isComplete: boolean
}

interface OpenCall {
  readonly index: number
  readonly name: string
  text: string
  ended: boolean
}

/** Makes the reader of one answer. */
export function createStreamReader(): StreamReader {
  const calls = new Map<string, OpenCall>()
  const reasoning = new Map<string, { text: string; signature: string | null }>()
  let hasText = false

  function begin(callId: string, name: string): ModelPart {
    const index = calls.size
    calls.set(callId, { index, name, text: '', ended: false })
    return { type: 'tool-call-start', index, callId, name }
  }

  function end(part: Extract<LanguageModelV4StreamPart, { type: 'tool-call' }>): ModelPart[] {
    const { toolCallId: callId, toolName: name } = part
    const parts: ModelPart[] = calls.has(callId) ? [] : [begin(callId, name)]
    const call = calls.get(callId)
    if (call === undefined || call.ended) return []
    const { index } = call
    const json = part.input.trim() === '' ? '{}' : part.input
    const missing = json.startsWith(call.text) ? json.slice(call.text.length) : ''
    if (missing !== '') parts.push({ type: 'tool-call-delta', index, argumentsText: missing })
    call.ended = true
    const data = toCallSignature(callId, part.providerMetadata)
    if (data !== null) parts.push({ type: 'reasoning-hidden', data })
    return [...parts, { type: 'tool-call-end', index, callId, name, arguments: json }]
  }

  function readReasoning(
    part: Extract<
      LanguageModelV4StreamPart,
      { type: 'reasoning-start' | 'reasoning-delta' | 'reasoning-end' }
    >,
  ): readonly ModelPart[] {
    const block = reasoning.get(part.id) ?? { text: '', signature: null }
    reasoning.set(part.id, block)
    const redacted = toRedactedData(part.providerMetadata)
    if (redacted !== null) return [{ type: 'reasoning-hidden', data: redacted }]
    block.signature = toSignature(part.providerMetadata) ?? block.signature
    if (part.type === 'reasoning-delta') {
      block.text += part.delta
      return part.delta === ''
        ? []
        : [{ type: 'reasoning-delta', text: part.delta, signature: null }]
    }
    if (part.type === 'reasoning-start') return []
    reasoning.delete(part.id)
    const { signature } = block
    if (signature === null) return []
    return block.text === ''
      ? [{ type: 'reasoning-hidden', data: signature }]
      : [{ type: 'reasoning-delta', text: '', signature }]
  }

  return {
    read(part) {
      switch (part.type) {
        case 'text-delta':
          if (part.delta === '') return []
          hasText = true
          return [{ type: 'text-delta', text: part.delta }]
        case 'reasoning-start':
        case 'reasoning-delta':
        case 'reasoning-end':
          return readReasoning(part)
        case 'tool-input-start':
          return calls.has(part.id) ? [] : [begin(part.id, part.toolName)]
        case 'tool-input-delta': {
          const call = calls.get(part.id)
          if (call === undefined || part.delta === '') return []
          call.text += part.delta
          return [{ type: 'tool-call-delta', index: call.index, argumentsText: part.delta }]
        }
        case 'tool-call':
          return end(part)
        default:
          return []
      }
    },
    get hasAnswer() {
      return hasText || calls.size > 0
    },
    get isComplete() {
      return [...calls.values()].every((call) => call.ended)
    },
  }
}

/** Why the model stopped; null when its answer is not complete. */
export function toFinishReason(reason: LanguageModelV4FinishReason): FinishReason | null {
  switch (reason.unified) {
    case 'interrupted':
    case 'error':
      return null
    default:
      return reason.unified
  }
}

/** The usage of a call as its step stores it; a count that is none counts as not reported, and spoils no answer. */
export function toTokenUsage(usage: LanguageModelV4Usage): TokenUsage {
  const promptTokens = toCount(usage.inputTokens.total) ?? 0
  const completionTokens = toCount(usage.outputTokens.total) ?? 0
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    cachedInputTokens: toCount(usage.inputTokens.cacheRead),
    cacheWriteTokens: toCount(usage.inputTokens.cacheWrite),
    reasoningTokens: toCount(usage.outputTokens.reasoning),
  }
}

/** No call has more tokens: sums over the calls of years stay whole numbers. */
const mostTokens = 1_000_000_000

function toCount(reported: number | undefined): number | null {
  if (reported === undefined || reported < 0) return null
  const count = Math.round(reported)
  return count <= mostTokens ? count : null
}
