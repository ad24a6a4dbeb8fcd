import { forgottenMark, type ForgetItem } from '../../domain/forget.ts'
import { messageText } from '../../domain/message.ts'
import type { ScheduledInput } from '../../domain/schedule.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { cutValue, type Cutter } from './cut-value.ts'
import { textIn } from './forget-plan.ts'
import type { Matcher } from './matcher.ts'

/**
 * Why what is sent to a conversation goes as a whole. Both go with their conversation: the one that an agent always has stays
 * when it is forgotten, but not what comes to it. A schedule goes, as messages that were sent do, when what it would send holds the words
 * that were asked for, or when nothing but forgotten words is left of it. Null = it stays, perhaps with fewer words.
 */
export function whySentGoes(
  table: 'schedules' | 'signals',
  row: StoredTextRow,
  by: {
    readonly conversationIds: ReadonlySet<string>
    readonly asked: Matcher | null
    readonly cutter: Cutter
  },
): ForgetItem['reason'] | null {
  const { conversationIds, asked, cutter } = by
  if (conversationIds.has(textIn(row, 'conversation_id'))) return 'asked'
  if (table === 'signals') return cutter.matcher.matches(textIn(row, 'id')) ? 'quotes' : null
  if (asked?.matches(scheduledWords(row)) === true) return 'asked'
  return cutScheduled(textIn(row, 'input'), cutter) === null ? 'quotes' : null
}

/** What a schedule says each time. */
export function scheduledWords(row: StoredTextRow): string {
  return readInput(textIn(row, 'input'))
    .messages.map((message) => messageText(message))
    .join('\n')
}

/**
 * What a schedule sends, without what is forgotten: messages of which no words are left are not sent, and an address that
 * held some is not told of it. Null = nothing is left to send.
 */
export function cutScheduled(value: string, cutter: Cutter): string | null {
  const next = cutValue(value, 'json', cutter)
  if (next === value) return value
  const before = readInput(value)
  const after = readInput(next)
  const messages = after.messages.filter((message) => !isOnlyMarks(message))
  if (messages.length === 0) return null
  const callbackUrl = after.callbackUrl === before.callbackUrl ? before.callbackUrl : null
  return JSON.stringify({ ...after, messages, callbackUrl })
}

function isOnlyMarks({ content }: ScheduledInput['messages'][number]): boolean {
  const text = messageText({ content })
  if (content.some(({ type }) => type !== 'text') || !text.includes(forgottenMark)) return false
  return !/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text.replaceAll(forgottenMark, ''))
}

/** What is stored of a schedule; only this program writes it. */
function readInput(value: string): ScheduledInput {
  return JSON.parse(value) as ScheduledInput
}
