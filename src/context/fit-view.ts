import type { ConversationItem } from '../domain/conversation.ts'
import { joinsPrevious } from './joined-request.ts'

/** Which items may leave a view. */
export interface CutRequest {
  /** The items of the view, by position. */
  readonly items: readonly ConversationItem[]
  /** Items at or after this position belong to the running turn and always stay. */
  readonly turnFrom: number
  /** What an item takes if it stays, in tokens. */
  readonly sizeOf: (item: ConversationItem) => number
  /** The most tokens that the items which stay may have. */
  readonly target: number
}

/**
 * How many of the oldest items have to leave a view for the rest to meet a target: whole groups, at least one, and the fewest
 * that do. When none do, all but the running turn.
 */
export function chooseCut(request: CutRequest): number {
  const { items, sizeOf, target } = request
  let tokens = items.reduce((sum, item) => sum + sizeOf(item), 0)
  let cut = 0
  for (const start of groupStarts(request)) {
    if (cut > 0 && tokens <= target) break
    for (const item of items.slice(cut, start)) tokens -= sizeOf(item)
    cut = start
  }
  return cut
}

/** A turn that may have to be shortened. */
export interface ShortenRequest {
  readonly items: readonly ConversationItem[]
  /** Where the running turn begins. */
  readonly turnFrom: number
  readonly sizeOf: (item: ConversationItem) => number
  /** How many tokens the request has too many. */
  readonly excess: number
  /** The most tokens the request may have. */
  readonly budget: number
}

/** How much of its budget a shortened turn frees in one go, so that the requests of many steps begin alike. */
const portionOfBudget = 0.3

/**
 * Leaves out the oldest tool calls of a turn that has outgrown the window by itself; its input and its newest calls stay.
 * What is left out grows in steps of a portion of the budget. The result may still be too large.
 */
export function shortenTurn(request: ShortenRequest): readonly ConversationItem[] {
  const { items, turnFrom, sizeOf } = request
  const calls = items.flatMap((item, index) =>
    item.position >= turnFrom && isAnswer(item, items[index - 1]) ? [index] : [],
  )
  const first = calls[0]
  if (first === undefined) return items
  const portion = request.budget * portionOfBudget
  const wanted = Math.ceil(request.excess / portion) * portion
  let freed = 0
  let keepFrom = first
  for (const start of calls.slice(1)) {
    if (freed >= wanted) break
    for (const item of items.slice(keepFrom, start)) freed += sizeOf(item)
    keepFrom = start
  }
  return [...items.slice(0, first), ...items.slice(keepFrom)]
}

/** Whether an answer of the model begins with this item. */
function isAnswer(item: ConversationItem, previous: ConversationItem | undefined): boolean {
  if (item.kind !== 'message') return false
  const { role, toolCalls } = item.message
  if (role !== 'approval') return role === 'assistant'
  return toolCalls.length > 0 && !joinsPrevious(item.message, previous)
}

/** How many of these items are messages. */
export function countMessages(items: readonly ConversationItem[]): number {
  return items.filter((item) => item.kind === 'message').length
}

/** The indexes a view may begin at: before a user's input with its tail item, up to the running turn. */
function groupStarts({ items, turnFrom }: CutRequest): readonly number[] {
  const starts: number[] = []
  for (const [index, item] of items.entries()) {
    if (item.position >= turnFrom) {
      if (index > 0) starts.push(index)
      return starts
    }
    if (index > 0 && beginsGroup(item, items[index - 1])) starts.push(index)
  }
  // No turn is running: everything may leave.
  return [...starts, items.length]
}

function beginsGroup(item: ConversationItem, previous: ConversationItem | undefined): boolean {
  if (item.kind === 'tail') return previous?.kind === 'message' && previous.message.role !== 'tool'
  const { role } = item.message
  if (role === 'tool') return false
  if (role === 'assistant' || role === 'approval') {
    const isAfterReturns = previous?.kind === 'message' && previous.message.role === 'tool'
    return isAfterReturns && isAnswer(item, previous)
  }
  return (
    previous?.kind !== 'tail' && !(previous?.kind === 'message' && previous.message.role === 'user')
  )
}
