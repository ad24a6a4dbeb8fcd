import type { ConversationItem } from './conversation.ts'
import type { Message } from './message.ts'

/** The items of a list, ordered by position, that are at or after a position; looks at those and one more. */
export function itemsFrom(
  items: readonly ConversationItem[],
  position: number,
): readonly ConversationItem[] {
  return items.slice(items.findLastIndex((item) => item.position < position) + 1)
}

/** What the user says in the running turn; `tailPosition` is where that begins. */
export function saidInTurn({
  items,
  tailPosition,
}: {
  readonly items: readonly ConversationItem[]
  readonly tailPosition: number
}): readonly Message[] {
  return itemsFrom(items, tailPosition).flatMap((item) =>
    item.kind === 'message' && item.message.role === 'user' ? [item.message] : [],
  )
}

/** A list ordered by position with further items at their places, which are near its end. */
export function placeItems(
  items: readonly ConversationItem[],
  added: readonly ConversationItem[],
): readonly ConversationItem[] {
  const placed = items.slice()
  for (const item of added) {
    const index = placed.findLastIndex(({ position }) => position <= item.position) + 1
    placed.splice(index, 0, item)
  }
  return placed
}
