import type { ConversationItem, MessageItem } from '../domain/conversation.ts'
import type { SummaryFacts } from '../domain/summary.ts'
import { ItemMemory } from './item-memory.ts'
import { quoteAsData } from '../memory/quote.ts'
import type { ViewContents } from './view-results.ts'

/** The items of a view, taken apart. */
export interface SplitView {
  /** The newest summary, which stands for everything before the view; null = nothing has left it. */
  readonly summary: MessageItem | null
  /** All other items, without older summaries, in order. */
  readonly rest: readonly ConversationItem[]
}

/**
 * Takes the summaries out of a view. A summary is stored at the end of the conversation, where it was written, but it is
 * read before everything else.
 */
export function splitView(items: readonly ConversationItem[]): SplitView {
  const summary = findSummary(items)
  return { summary, rest: summary === null ? items : items.filter((item) => !isSummary(item)) }
}

/** The newest summary of a view; null = nothing has left it. */
export function findSummary(items: readonly ConversationItem[]): MessageItem | null {
  return items.findLast(isSummary) ?? null
}

/** Whether an item is a summary. */
export function isSummary(item: ConversationItem): item is MessageItem {
  return item.kind === 'message' && item.message.role === 'summary'
}

/** Counts what is in a view. */
export function viewContents(items: readonly ConversationItem[]): ViewContents {
  return addContents(nothing, items)
}

/** The same for the view of a turn: what came before it was counted in earlier turns. */
export function turnContents(
  {
    items,
    tailPosition,
  }: { readonly items: readonly ConversationItem[]; readonly tailPosition: number },
  memory: ItemMemory = new ItemMemory(),
): ViewContents {
  // The turn's own items are not among what is remembered, as its tail item gets its place before its input.
  const begun = items.findLastIndex(({ position }) => position < tailPosition) + 1
  const before = memory.contents.fold(items, { first: begun, start: nothing, add: addContents })
  return addContents(before, items.slice(begun))
}

const nothing: ViewContents = { hasSummary: false, messages: 0 }

function addContents(
  { hasSummary, messages }: ViewContents,
  added: readonly ConversationItem[],
): ViewContents {
  return {
    hasSummary: hasSummary || added.some(isSummary),
    messages: messages + added.filter(({ kind }) => kind === 'message').length,
  }
}

/** A summary as the model reads it: marked as such, with what it covers and where the words themselves are. */
export function renderSummary(id: string, text: string, facts: SummaryFacts): string {
  const covers = `${facts.covered} messages, ${toDay(facts.from)} to ${toDay(facts.until)}`
  const earlier = facts.earlierId === null ? '' : ', and what an earlier summary said'
  return [
    `<summary id="${id}">`,
    `The beginning of this conversation is not shown (${covers}${earlier}). Every word of it is stored and can be searched.`,
    quoteAsData(text),
    '</summary>',
  ].join('\n')
}

/** Like `2026-11-22`. */
function toDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
