import { hash } from 'node:crypto'
import type { ConversationItem } from '../domain/conversation.ts'
import { ItemMemory } from './item-memory.ts'
import type { SentView } from './view-results.ts'

/** Names exactly the items of a view, as they are sent. */
export function hashItems(
  { summary, items, settled }: SentView,
  memory: ItemMemory = new ItemMemory(),
): string {
  const before = memory.positions.fold(items, {
    first: settled,
    start: '',
    // Joined to one text: one of many pieces, as `+` makes it, is put together anew at each hash.
    add: (text, added) => [text, listPositions(added)].join(''),
  })
  const positions =
    listPositions(summary === null ? [] : [summary]) + before + listPositions(items.slice(settled))
  return hash('sha256', positions.slice(0, -1)).slice(0, 16)
}

/** Like `3,5,`. */
function listPositions(items: readonly ConversationItem[]): string {
  return items.map(({ position }) => `${position},`).join('')
}
