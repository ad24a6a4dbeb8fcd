import { z } from 'zod'
import type { Passage } from '../../domain/archive.ts'
import { messageText, type Message } from '../../domain/message.ts'
import type { SearchEntry } from '../../storage/contract/search-entry.ts'
import { analyse, indexTokens } from '../analysis/analyse.ts'
import { listenerShare } from '../analysis/listener-share.ts'
import { splitWords } from '../analysis/split-words.ts'
import { dayOf, dayWords } from '../dates/calendar-words.ts'
import { isTemporal } from '../dates/is-temporal.ts'
import { findRelativeDates, resolvedWords } from '../dates/relative-dates.ts'
import { parseJson } from '../../util/parse-json.ts'

/** The parts of a message that decide what it is found by. */
export type SearchableMessage = Pick<
  Message,
  'role' | 'content' | 'toolCalls' | 'toolReturns' | 'name' | 'searchable' | 'createdAt'
>

/** The circumstances under which a text is stored. */
export interface Writing {
  /** The IANA zone whose calendar its dates are told in: the agent's. */
  readonly timezone: string
  /** The part of a history it belongs to, where the writer says so. */
  readonly session?: string | null
}

/** The arguments of `send_message` as the model wrote them; broken JSON has no text. */
const sentMessage = z.lazy(() => z.object({ message: z.string() }))

/**
 * What a message is found by, or null when search must not find it: system, summary and approval messages, messages
 * marked as not searchable, and those without words.
 *
 * Users and assistants are found by their text (an assistant also by what it said through `send_message`) and by the
 * speaker's name; tool messages by their returns (those with returns that quote memory are stored as not searchable).
 */
export function messageEntry(message: SearchableMessage, writing: Writing): SearchEntry | null {
  if (!message.searchable) return null
  const said = { text: searchableText(message), speaker: message.name ?? '', at: message.createdAt }
  const entry = textEntry(said, writing)
  return entry.tokens.length === 0 ? null : entry
}

/** What a passage is found by. A name before a colon at its beginning, as in a minute of a talk, is its speaker. */
export function passageEntry(
  passage: Pick<Passage, 'text' | 'createdAt'>,
  writing: Writing,
): SearchEntry {
  const speaker = speakerOf(passage.text)
  return textEntry({ text: passage.text, speaker, at: passage.createdAt }, writing)
}

/** One to three capitalised words before a colon, then text: "Anna Lee: ". */
function speakerOf(text: string): string {
  return /^((?:\p{Lu}[\p{L}\p{M}'’.-]{0,40} ?){1,3}):\s+\S/u.exec(text)?.[1] ?? ''
}

/** What a text that somebody said is found by. */
export function textEntry(
  said: { readonly text: string; readonly speaker: string; readonly at: number },
  { timezone, session = null }: Writing,
): SearchEntry {
  const day = dayOf(said.at, timezone)
  const relative = findRelativeDates(said.text, day)
  const words = splitWords(said.text)
  return {
    tokens: indexTokens(said.text, words),
    speaker: said.speaker === '' ? [] : analyse(said.speaker),
    dates: analyse(`${dayWords(day)} ${resolvedWords(relative)}`),
    wordCount: words.length,
    isQuestion: /[?？]["'”’)\s]*$/u.test(said.text),
    isTemporal: isTemporal(said.text),
    listenerShare: listenerShare(said.text),
    session,
  }
}

/** The text of a message that search looks at and results show; empty when there is none. */
export function searchableText(message: SearchableMessage): string {
  switch (message.role) {
    case 'user':
      return messageText(message)
    case 'assistant':
      return [messageText(message), ...sentTexts(message)].join('\n')
    case 'tool':
      return message.toolReturns.map((result) => result.text).join('\n')
    case 'system':
    case 'approval':
    case 'summary':
      return ''
  }
}

function sentTexts({ toolCalls }: SearchableMessage): readonly string[] {
  return toolCalls
    .filter((call) => call.name === 'send_message')
    .map((call) => readSentText(call.arguments))
}

function readSentText(argumentsText: string): string {
  const parsed = sentMessage.safeParse(parseJson(argumentsText))
  return parsed.success ? parsed.data.message : ''
}
