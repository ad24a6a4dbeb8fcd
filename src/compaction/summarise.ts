import type { CompactionSettings } from '../domain/summary.ts'
import type { Message } from '../domain/message.ts'
import { countTokens } from '../llm/count-tokens.ts'
import type { LanguageModel, ModelMessage, ModelRequest, ModelTool } from '../llm/model.ts'
import { quoteAsData } from '../memory/quote.ts'
import type { JsonObject } from '../util/json.ts'
import { untilAborted } from '../util/until-aborted.ts'
import { clipToCharacters, clipToTokens } from '../memory/clip-text.ts'
import { acknowledgement, ownPrompt, summaryPrompt } from './summary-prompt.ts'
import { writeTranscript } from './write-transcript.ts'

/** What to sum up, and who does. */
export interface SummariseRequest {
  readonly model: LanguageModel
  readonly settings: CompactionSettings
  /** Settings of the model. */
  readonly modelSettings: JsonObject
  /** The text of the summary that the view begins with so far, or null. */
  readonly earlier: string | null
  /** The messages that leave. */
  readonly messages: readonly Message[]
  /** The most tokens of the summary. */
  readonly allowance: number
  /** The agent's own prompt up to the last of these messages, for the modes that use it; null = it is not used. */
  readonly own: OwnPrompt | null
  readonly signal: AbortSignal
}

/** The request an agent would be called with. */
export interface OwnPrompt {
  readonly system: string
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ModelTool[]
  /** Estimated tokens of all of it. */
  readonly tokens: number
}

/** A summary, or why there is none. */
export type SummaryAttempt = { readonly text: string } | { readonly reason: string }

/** How often one summary may call the model when the text does not fit into one call. */
const callLimit = 8

/** What an answer may take in all, with whatever the model thinks before it writes. */
const answerLimit = 4096

/** How much of a window is used: estimates of tokens may be too low. */
const usableShare = 0.9

/**
 * Asks a model for a summary. A text that does not fit into its window is read in parts, each with the summary of those before.
 * Never throws for a model that fails, says nothing or is aborted: the reason is returned.
 */
export async function summarise(request: SummariseRequest): Promise<SummaryAttempt> {
  if (request.own !== null) {
    const attempt = await askOwn(request, request.own)
    if ('text' in attempt || request.signal.aborted) return attempt
  }
  const parts = toParts(request)
  if (parts.length > callLimit) {
    return { reason: `the text is too long for ${callLimit} calls of the summariser` }
  }
  let { earlier } = request
  for (const part of parts) {
    const attempt = await ask(request, toModelRequest(request, { earlier, part }))
    if ('reason' in attempt) return attempt
    earlier = attempt.text
  }
  return earlier === null || parts.length === 0
    ? { reason: 'there was nothing to summarise' }
    : { text: earlier }
}

/** The agent's own prompt and a request for the summary behind it: the provider has read all but the last message before. */
async function askOwn(request: SummariseRequest, own: OwnPrompt): Promise<SummaryAttempt> {
  const { model, settings, allowance } = request
  const text = ownPrompt(settings, allowance)
  if (own.tokens + countTokens(text) > inputLimit(model)) {
    return { reason: 'the prompt of the agent is too long to be summed up in one call' }
  }
  return await ask(request, {
    ...toModelRequest(request, { earlier: null, part: '' }),
    system: own.system,
    messages: [...own.messages, { role: 'user', content: [{ type: 'text', text }] }],
    tools: own.tools,
  })
}

function inputLimit({ info }: LanguageModel): number {
  const free = info.contextWindow - Math.min(answerLimit, info.contextWindow / 4)
  return Math.floor((free * usableShare) / Math.max(1, info.tokenFactor ?? 1))
}

/** The transcript in as few parts as fit into the summariser's window; an entry that is too long is parted itself. */
function toParts(request: SummariseRequest): readonly string[] {
  const { model, settings, allowance } = request
  const frame = countTokens(summaryPrompt(settings, allowance)) + 100
  const earlier = Math.max(allowance, countTokens(request.earlier ?? ''))
  const limit = Math.max(200, inputLimit(model) - frame - earlier)
  const parts: string[][] = []
  let room = 0
  for (const entry of writeTranscript(request.messages)) {
    for (const piece of toPieces(entry, limit)) {
      const tokens = countTokens(piece)
      if (tokens > room) {
        parts.push([])
        room = limit
      }
      parts.at(-1)?.push(piece)
      room -= tokens
    }
  }
  return parts.map((pieces) => pieces.join('\n'))
}

/** A text in pieces of at most about so many tokens. */
function toPieces(text: string, limit: number): readonly string[] {
  const tokens = countTokens(text)
  if (tokens <= limit) return [text]
  const characters = [...text]
  const size = Math.max(1, Math.floor((characters.length / tokens) * limit * 0.8))
  const count = Math.ceil(characters.length / size)
  return Array.from({ length: count }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  )
}

function toModelRequest(
  request: SummariseRequest,
  { earlier, part }: { readonly earlier: string | null; readonly part: string },
): ModelRequest {
  const { settings, allowance, signal } = request
  const instructions = summaryPrompt(settings, allowance)
  const record = [
    ...(earlier === null
      ? []
      : ['<earlier_summary>', quoteAsData(earlier), '</earlier_summary>', '']),
    '<conversation>',
    part,
    '</conversation>',
  ].join('\n')
  const said = (role: 'user' | 'assistant', text: string): ModelMessage => {
    const content = [{ type: 'text' as const, text }]
    return role === 'user' ? { role, content } : { role, content, toolCalls: [], model: null }
  }
  return {
    system: instructions,
    messages: settings.promptAcknowledgement
      ? [said('user', instructions), said('assistant', acknowledgement), said('user', record)]
      : [said('user', record)],
    tools: [],
    toolChoice: 'auto',
    parallelToolCalls: false,
    maxOutputTokens: Math.min(answerLimit, Math.floor(request.model.info.contextWindow / 4)),
    temperature: null,
    settings: request.modelSettings,
    signal,
  }
}

async function ask(
  { model, settings, allowance, signal }: SummariseRequest,
  request: ModelRequest,
): Promise<SummaryAttempt> {
  let text = ''
  for await (const part of untilAborted(model.stream(request), signal)) {
    if (part.type === 'text-delta') text += part.text
    if (part.type === 'error') return { reason: `the summariser failed (${part.error.code})` }
  }
  if (signal.aborted) return { reason: 'the summariser took too long' }
  const words = text.replaceAll('\0', '').trim()
  if (words === '') return { reason: 'the summariser wrote nothing' }
  const clipped = settings.clipChars === null ? words : clipToCharacters(words, settings.clipChars)
  return { text: clipToTokens(clipped, allowance * 2) }
}
