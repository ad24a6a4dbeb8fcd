import type { FoundText } from './read-search-result.ts'

/** What there is to say without a model. */
export type OfflineReply =
  /** The texts to quote; empty = nothing stored matches. */
  | { readonly type: 'found'; readonly quotes: readonly FoundText[] }
  /** A search tool failed, or returned what cannot be read. */
  | { readonly type: 'search-failed'; readonly reason: string }
  /** The agent has no search tool. */
  | { readonly type: 'no-search' }
  /** The message has no text. */
  | { readonly type: 'nothing-asked' }

const limits =
  'No model is connected. I can keep and find text, not reason or write. Your message is kept.'

const advice =
  'For written answers, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or OPENAI_BASE_URL for a local ' +
  'server, then run `letta retry`.'

/** The longest quotation in characters. */
const quoteLength = 400
/** The longest reason in characters. */
const reasonLength = 300

/** Writes the reply of the offline mode. */
export function writeReply(reply: OfflineReply): string {
  return [limits, ...middle(reply), advice].join('\n\n')
}

function middle(reply: OfflineReply): readonly string[] {
  switch (reply.type) {
    case 'found':
      return reply.quotes.length === 0
        ? ['Nothing told to me before matches it.']
        : [reply.quotes.map(writeQuote).join('\n')]
    case 'search-failed':
      return [`The search for it failed: ${shorten(reply.reason, reasonLength)}`]
    case 'no-search':
      return ['This agent has no search tool, so I cannot look for what it is about.']
    case 'nothing-asked':
      return []
  }
}

function writeQuote(found: FoundText): string {
  if (found.kind === 'fact') {
    return `Known, since ${toDay(found.timestamp)}: ${shorten(found.text, quoteLength)} [${found.id}]`
  }
  const source = found.kind === 'message' ? 'you said' : 'this was stored'
  return `On ${toDay(found.timestamp)} ${source}: “${shorten(found.text, quoteLength)}” [${found.id}]`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The day of a timestamp in the zone it is written in, such as `22 Nov 2026`. */
function toDay(timestamp: string): string {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(timestamp) ?? []
  const name = months[Number(month) - 1]
  return name === undefined ? timestamp : `${Number(day)} ${name} ${year}`
}

/** A text on one line, cut at the end of a word when it is too long. */
function shorten(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= limit) return line
  const cut = line.slice(0, limit).toWellFormed()
  const lastSpace = cut.lastIndexOf(' ')
  return `${(lastSpace > limit / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`
}
