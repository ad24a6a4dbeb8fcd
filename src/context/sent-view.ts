import type { ConversationItem, MessageItem } from '../domain/conversation.ts'
import { isRecalledSource } from './recall-text.ts'
import type { ModelInfo } from '../llm/model.ts'
import { offlineHandle } from '../llm/offline/offline-info.ts'
import { ItemMemory } from './item-memory.ts'
import { findSummary, isSummary } from './summary-view.ts'
import type { SentView } from './view-results.ts'

/** What a view is sent from. */
export interface ViewSources {
  readonly items: readonly ConversationItem[]
  /** Where the running turn begins. */
  readonly turnFrom: number
  readonly model: Pick<ModelInfo, 'extractive'>
  /** When the prefix it is sent with was built, in epoch milliseconds. */
  readonly builtAt: number
  /** What earlier calls worked out from the same items. Default: nothing. */
  readonly memory?: ItemMemory
}

/** What of a view is sent together with a prefix: without summaries, what only quotes memory, and outdated tail items. */
export function sentView(sources: ViewSources): SentView {
  const { items, turnFrom, model, builtAt, memory = new ItemMemory() } = sources
  const settled = countSettled(items, turnFrom)
  const choose = (some: readonly ConversationItem[]): readonly ConversationItem[] =>
    withoutOldTails(visibleItems(model, some), builtAt, turnFrom)
  const before = memory.sent.fold(items, {
    first: settled,
    key: `${builtAt} ${model.extractive}`,
    start: { summary: null, items: [] },
    add: (sent, added) => ({
      summary: findSummary(added) ?? sent.summary,
      items: sent.items.concat(choose(added)),
    }),
  })
  const rest = items.slice(settled)
  return {
    summary: findSummary(rest) ?? before.summary,
    items: before.items.concat(choose(rest)),
    settled: before.items.length,
  }
}

/**
 * How many items at the beginning of a view are settled. That ends behind an answer without calls, before the running turn:
 * there neither calls wait for their returns nor does what follows join what was said.
 */
function countSettled(items: readonly ConversationItem[], turnFrom: number): number {
  let count = items.findLastIndex(({ position }) => position < turnFrom) + 1
  while (count > 0 && !(endsAnswer(items[count - 1]) && beginsAnew(items[count]))) count -= 1
  return count
}

function endsAnswer(item: ConversationItem | undefined): boolean {
  if (item?.kind !== 'message') return false
  return item.message.role === 'assistant' && item.message.toolCalls.length === 0
}

function beginsAnew(item: ConversationItem | undefined): boolean {
  if (item?.kind !== 'message') return true
  return ['user', 'system', 'summary'].includes(item.message.role)
}

/**
 * What a language model is shown: not the quotations that stood in for its answers, nor the searches behind them, so that
 * a turn that is tried again ends with the user's words.
 */
function visibleItems(
  model: Pick<ModelInfo, 'extractive'>,
  items: readonly ConversationItem[],
): readonly ConversationItem[] {
  const rest = items.filter((item): boolean => !isSummary(item))
  if (model.extractive) return rest
  const answers = rest.filter(isQuotation)
  if (answers.length === 0) return rest
  const quoted = new Set(answers.map((item) => item.message.stepId))
  return rest.filter((item) => item.kind === 'tail' || !quoted.has(item.message.stepId))
}

function isQuotation(item: ConversationItem): item is MessageItem {
  return item.kind === 'message' && item.message.model === offlineHandle
}

/**
 * Tail items older than the prefix go with it; what they told is in the prefix now. Those of the running turn stay unless they
 * tell of memory: what was recalled for it is not in the prefix.
 */
function withoutOldTails(
  items: readonly ConversationItem[],
  builtAt: number,
  turnFrom: number,
): readonly ConversationItem[] {
  const isOld = (item: ConversationItem): boolean =>
    item.kind === 'tail' &&
    item.createdAt < builtAt &&
    (item.position < turnFrom || !item.sources.every(isRecalledSource))
  return items.filter((item) => !isOld(item))
}
