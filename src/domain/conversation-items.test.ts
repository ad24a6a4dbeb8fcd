import { expect, test } from 'vitest'
import type { ConversationItem } from './conversation.ts'
import { itemsFrom, placeItems } from './conversation-items.ts'

function tailAt(position: number): ConversationItem {
  return { kind: 'tail', position, text: `At ${position}.`, sources: [], createdAt: 0 }
}

const positions = (items: readonly ConversationItem[]): readonly number[] =>
  items.map(({ position }) => position)

test.each([
  [0, [1, 4, 6]],
  [4, [4, 6]],
  [5, [6]],
  [7, []],
])('itemsFrom() gives the items at or after position %i', (position, expected) => {
  expect(positions(itemsFrom([1, 4, 6].map(tailAt), position))).toEqual(expected)
})

test.each([
  [[7], [1, 4, 6, 7]],
  [
    [5, 8],
    [1, 4, 5, 6, 8],
  ],
  [[0], [0, 1, 4, 6]],
  [[], [1, 4, 6]],
])('placeItems() puts items at %j where they belong', (added, expected) => {
  expect(positions(placeItems([1, 4, 6].map(tailAt), added.map(tailAt)))).toEqual(expected)
})
