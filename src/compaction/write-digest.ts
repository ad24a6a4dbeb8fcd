import { messageText, type Message, type SummaryPart } from '../domain/message.ts'
import { countTokens } from '../llm/count-tokens.ts'
import { clipToCharacters, clipToTokens } from '../memory/clip-text.ts'

/** What a digest needs of a message. */
export type SaidMessage = Pick<Message, 'role' | 'content' | 'createdAt'>

/** What a summary without a model is made from. */
export interface DigestSources {
  /** The summary that the view begins with so far, or null. */
  readonly earlier: SummaryPart | null
  readonly messages: readonly SaidMessage[]
  /** Why no model wrote it, as a part of a sentence. */
  readonly reason: string
  /** The most tokens it may have. */
  readonly limit: number
}

/** How much of each thing a user said is shown, in characters. */
const extractLimit = 160

/** How much of the room an earlier summary by a model keeps. */
const earlierShare = 0.5

/**
 * A summary without a model: what the user said, in dated extracts, the newest first chosen and in order. Deterministic, and
 * never longer than its limit.
 */
export function writeDigest(sources: DigestSources): string {
  const { earlier, limit } = sources
  const head = `No model wrote this summary: ${sources.reason}.`
  const earlierText =
    earlier === null || earlier.facts.method === 'digest'
      ? []
      : ['From before:', clipToTokens(earlier.text, Math.floor(limit * earlierShare))]
  const title = 'The user said, among other things:'
  const frame = [head, ...earlierText, title]
  let room = limit - countTokens(frame.join('\n')) - frame.length
  const lines: string[] = []
  for (const line of [...earlierLines(earlier), ...extracts(sources.messages)].toReversed()) {
    const tokens = countTokens(line) + 1
    if (tokens > room) break
    room -= tokens
    lines.unshift(line)
  }
  const text = lines.length > 0 ? [...frame, ...lines] : [head, ...earlierText]
  return clipToTokens(text.join('\n'), limit)
}

/** The extracts of an earlier digest are carried on as they are. */
function earlierLines(earlier: SummaryPart | null): readonly string[] {
  if (earlier?.facts.method !== 'digest') return []
  return earlier.text.split('\n').filter((line) => line.startsWith('- '))
}

function extracts(messages: readonly SaidMessage[]): readonly string[] {
  return messages.flatMap((message) => {
    if (message.role !== 'user') return []
    const text = messageText(message).replaceAll(/\s+/gu, ' ').trim()
    if (text === '') return []
    const day = new Date(message.createdAt).toISOString().slice(0, 10)
    return [`- ${day}: ${clipToCharacters(text, extractLimit)}`]
  })
}
