import { itemsFrom } from '../domain/conversation-items.ts'
import type { ConversationItem, PromptPrefix } from '../domain/conversation.ts'
import type { PromptTrace, RecallVerdict } from '../domain/prompt-trace.ts'
import type { ModelInfo, ModelMessage } from '../llm/model.ts'
import type { CompiledContext, ContextWork } from './compile-context.ts'
import { hashItems } from './hash-items.ts'
import { toModelMessages } from './model-messages.ts'
import { sentView } from './sent-view.ts'

/** What is worth keeping of a request that was sent. */
export function tracePrompt(
  work: Pick<ContextWork, 'conversation' | 'tailPosition'>,
  context: CompiledContext,
  recall: readonly RecallVerdict[] | null,
): PromptTrace {
  const prefix = context.prefix ?? work.conversation.prefix
  const { shown } = context
  return {
    sizes: context.sizes,
    window: context.budget.window,
    reserve: context.budget.reserve,
    prefixKey: prefix?.key ?? '',
    prefixBuiltAt: prefix?.builtAt ?? 0,
    isPrefixNew: prefix?.builtAt !== work.conversation.prefix?.builtAt,
    viewFrom: work.conversation.viewFrom,
    turnFrom: work.tailPosition,
    lastPosition: lastPositionOf(shown),
    itemCount: shown.length,
    itemsHash: context.itemsHash,
    summaryId: summaryIdOf(shown),
    recall,
  }
}

/** The greatest position: a summary is shown first wherever it was written, and may be the newest item. */
function lastPositionOf(shown: readonly ConversationItem[]): number {
  return Math.max(shown[0]?.position ?? 0, shown.at(-1)?.position ?? 0)
}

function summaryIdOf([first]: readonly ConversationItem[]): string | null {
  return first?.kind === 'message' && first.message.role === 'summary' ? first.message.id : null
}

/** A request that was sent, put together again from what is stored. */
export interface RebuiltPrompt {
  readonly messages: readonly ModelMessage[]
  /** Whether these are the very items that were sent; else some have been removed since, or were left out of a long turn. */
  readonly isExact: boolean
}

/** Puts the messages of a request together again: items and tail items never change. */
export function rebuildPrompt(
  trace: PromptTrace,
  { items, model }: { readonly items: readonly ConversationItem[]; readonly model: ModelInfo },
): RebuiltPrompt {
  const then = itemsFrom(items, trace.viewFrom).filter(
    ({ position }) => position <= trace.lastPosition,
  )
  const builtAt = trace.prefixBuiltAt
  const sent = sentView({ items: then, turnFrom: trace.turnFrom, model, builtAt })
  const all = sent.summary === null ? sent.items : [sent.summary, ...sent.items]
  return { messages: toModelMessages(all), isExact: hashItems(sent) === trace.itemsHash }
}

/** Whether the stored beginning of a conversation's prompts is still the one of a request. */
export function hasPrefixOf(
  prefix: PromptPrefix | null,
  trace: PromptTrace,
): prefix is PromptPrefix {
  return prefix !== null && prefix.builtAt === trace.prefixBuiltAt && prefix.key === trace.prefixKey
}
