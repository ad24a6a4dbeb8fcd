import type { ConversationItem } from '../domain/conversation.ts'
import { joinsPrevious } from './joined-request.ts'

/** How much of its budget a request may fill after the view was cut, so that the next cut is far away. */
export const cutTarget = 0.7

/** What to fit into which budget. */
export interface FitRequest {
  /** The items of the view, by position. */
  readonly items: readonly ConversationItem[]
  /** Items at or after this position belong to the running turn and always stay. */
  readonly turnFrom: number
  /** Tokens of everything that is not an item: system text and tool schemas. */
  readonly fixedTokens: number
  /** The most tokens the request may have. */
  readonly budget: number
  readonly countItem: (item: ConversationItem) => number
}

/** What is left. */
export interface FittedView {
  readonly items: readonly ConversationItem[]
  /** The position the view now begins at; null = nothing was left out. */
  readonly viewFrom: number | null
  /** Messages that were left out. */
  readonly droppedMessages: number
  /** All tokens of the request, fixed ones included. */
  readonly tokens: number
}

/**
 * Leaves out the oldest items when a request would not fit, in whole groups and in one go down to
 * {@link cutTarget} of the budget; of the running turn only old tool calls go, when nothing else is left. The result may
 * still be too large: the caller checks.
 */
export function fitView(request: FitRequest): FittedView {
  const sizes = request.items.map(request.countItem)
  const total = sizes.reduce((sum, size) => sum + size, request.fixedTokens)
  if (total <= request.budget) {
    return { items: request.items, viewFrom: null, droppedMessages: 0, tokens: total }
  }
  const target = Math.floor(request.budget * cutTarget)
  let tokens = total
  let keepFrom = 0
  for (const start of groupStarts(request)) {
    if (tokens <= target) break
    for (; keepFrom < start; keepFrom += 1) tokens -= sizes[keepFrom] ?? 0
  }
  const items = request.items.slice(keepFrom)
  const view: FittedView = {
    items,
    viewFrom: keepFrom === 0 ? null : (items[0]?.position ?? request.turnFrom),
    droppedMessages: countMessages(request.items.slice(0, keepFrom)),
    tokens,
  }
  return tokens <= request.budget ? view : shortenTurn(request, view)
}

/**
 * Leaves out the oldest tool calls of a turn that has outgrown the window by itself; its input and its newest calls stay.
 * What is left out grows in steps of what one cut frees, so that the requests of many steps begin alike.
 */
function shortenTurn(request: FitRequest, view: FittedView): FittedView {
  const { items } = view
  const calls = items.flatMap((item, index) => (isAnswer(item, items[index - 1]) ? [index] : []))
  const first = calls[0]
  if (first === undefined) return view
  const portion = request.budget * (1 - cutTarget)
  const excess = Math.ceil((view.tokens - request.budget) / portion) * portion
  let freed = 0
  let keepFrom = first
  for (const start of calls.slice(1)) {
    if (freed >= excess) break
    for (; keepFrom < start; keepFrom += 1) {
      const item = items[keepFrom]
      if (item !== undefined) freed += request.countItem(item)
    }
  }
  return {
    items: [...items.slice(0, first), ...items.slice(keepFrom)],
    viewFrom: view.viewFrom,
    droppedMessages: view.droppedMessages + countMessages(items.slice(first, keepFrom)),
    tokens: view.tokens - freed,
  }
}

/** Whether an answer of the model begins with this item. */
function isAnswer(item: ConversationItem, previous: ConversationItem | undefined): boolean {
  if (item.kind !== 'message') return false
  const { role, toolCalls } = item.message
  if (role !== 'approval') return role === 'assistant'
  return toolCalls.length > 0 && !joinsPrevious(item.message, previous)
}

function countMessages(items: readonly ConversationItem[]): number {
  return items.filter((item) => item.kind === 'message').length
}

/** The indexes a view may begin at: before a user's input with its tail item, up to the running turn. */
function groupStarts({ items, turnFrom }: FitRequest): readonly number[] {
  const starts: number[] = []
  for (const [index, item] of items.entries()) {
    if (item.position >= turnFrom) {
      if (index > 0) starts.push(index)
      break
    }
    if (index > 0 && beginsGroup(item, items[index - 1])) starts.push(index)
  }
  return starts
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
