import type { CompactionSubject } from '../compaction/plan-compaction.ts'
import type { CompiledContext, ContextWork } from '../context/compile-context.ts'
import type { ItemMemory } from '../context/item-memory.ts'
import { countItem } from '../context/item-tokens.ts'
import { sentView } from '../context/sent-view.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { CompactionSettings, CompactionTrigger } from '../domain/summary.ts'
import { countTokens } from '../llm/count-tokens.ts'
import type { LanguageModel, ModelTool } from '../llm/model.ts'
import type { SummariserRequest } from './create-summariser.ts'

/** A request whose view may be compacted. */
export interface CompactionCase {
  readonly work: ContextWork
  readonly model: LanguageModel
  readonly tools: readonly ModelTool[]
  /** The request as it would be sent. */
  readonly context: CompiledContext
  readonly settings: CompactionSettings
  readonly trigger: CompactionTrigger
  readonly itemMemory: ItemMemory
  readonly signal: AbortSignal
}

/** What a compaction is planned from, and what its summariser is made for. */
export function describeCompaction(given: CompactionCase): {
  readonly subject: CompactionSubject
  readonly summariser: SummariserRequest
} {
  const { work, model, context, settings, trigger, itemMemory } = given
  const prefix = context.prefix ?? work.conversation.prefix
  const sent = sentView({
    items: work.items,
    turnFrom: work.tailPosition,
    model: model.info,
    builtAt: prefix?.builtAt ?? 0,
    memory: itemMemory,
  })
  const isSent = new Set<ConversationItem>(sent.items)
  return {
    subject: {
      summary: sent.summary,
      items: work.items.filter((item) => item.kind === 'tail' || item.message.role !== 'summary'),
      turnFrom: work.tailPosition,
      sizeOf: (item) =>
        isSent.has(item) || item === sent.summary ? itemMemory.tokens(item, countItem) : 0,
      requestTokens: context.estimated,
      budget: context.budget,
      settings,
      trigger,
    },
    summariser: {
      settings,
      agent: work.agent,
      model,
      own: {
        system: context.system,
        tools: given.tools,
        sent,
        itemMemory,
        tokens: [context.system, JSON.stringify(given.tools)].reduce(
          (sum, text) => sum + itemMemory.textTokens(text, countTokens),
          0,
        ),
      },
      signal: given.signal,
    },
  }
}
