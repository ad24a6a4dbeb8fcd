import type { Message } from '../../domain/message.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import type { TextTableName } from '../../storage/stored-texts.ts'
import { searchableText } from '../search/search-entry.ts'
import { numberIn, textIn } from './forget-plan.ts'
import { scheduledWords } from './scheduled.ts'

/** How much of a text a preview shows, in characters. */
const snippetLength = 120

/** The parts of a message that are read of its row. */
export type MessageOfRow = Pick<
  Message,
  'role' | 'content' | 'toolCalls' | 'toolReturns' | 'name' | 'searchable' | 'createdAt'
>

/** The message in a row; only this program writes these columns. */
export function toMessage(row: StoredTextRow): MessageOfRow {
  return {
    role: textIn(row, 'role') as Message['role'],
    content: JSON.parse(textIn(row, 'content')) as Message['content'],
    toolCalls: JSON.parse(textIn(row, 'tool_calls')) as Message['toolCalls'],
    toolReturns: JSON.parse(textIn(row, 'tool_returns')) as Message['toolReturns'],
    name: typeof row['name'] === 'string' ? row['name'] : null,
    searchable: row['searchable'] === 1,
    createdAt: numberIn(row, 'created_at'),
  }
}

/** What a message says to a person. */
export function messageWords(row: StoredTextRow): string {
  return searchableText(toMessage(row))
}

/** What a preview shows of a row that loses words, where that is more than its name. */
export const shownBy: { readonly [Table in TextTableName]?: (row: StoredTextRow) => string } = {
  messages: messageWords,
  passages: (row) => textIn(row, 'text'),
  schedules: scheduledWords,
}

/** The lines of a text that another one has not, as one text. */
export function otherLines(text: string, than: string): string {
  const known = new Set(than.split('\n'))
  return text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}

/** The beginning of a text on one line; null when it has none. */
export function snippetOf(text: string): string | null {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return null
  return line.length <= snippetLength
    ? line
    : `${line
        .slice(0, snippetLength - 1)
        .toWellFormed()
        .trimEnd()}…`
}
