import type { Summariser } from '../compaction/compact-view.ts'
import type { CompactionPlan } from '../compaction/plan-compaction.ts'
import { summarise, type OwnPrompt } from '../compaction/summarise.ts'
import type { ItemMemory } from '../context/item-memory.ts'
import { countItem } from '../context/item-tokens.ts'
import { toModelMessages } from '../context/model-messages.ts'
import type { SentView } from '../context/view-results.ts'
import type { Agent } from '../domain/agent.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { CompactionSettings } from '../domain/summary.ts'
import { AppError, errorMessage } from '../errors/app-error.ts'
import type { LanguageModel, ModelTool } from '../llm/model.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** What a summariser is made for. */
export interface SummariserRequest {
  readonly settings: CompactionSettings
  readonly agent: Pick<Agent, 'modelSettings'>
  /** The model the conversation is run with. */
  readonly model: LanguageModel
  /** The request the agent would be called with. */
  readonly own: {
    readonly system: string
    readonly tools: readonly ModelTool[]
    readonly sent: SentView
    readonly itemMemory: ItemMemory
    /** Estimated tokens of system text and tools. */
    readonly tokens: number
  }
  readonly signal: AbortSignal
}

/**
 * What writes the summaries of a conversation: the model its settings name, else its own, for no longer than the setting
 * `summaryTimeoutMs`. Null when the conversation is run without a language model and names none.
 */
export function createSummariser(parts: RuntimeParts, request: SummariserRequest): Summariser {
  const { settings, model } = request
  if (model.info.extractive && settings.model === null) return null
  return async (plan, earlier) => {
    const chosen = await chooseModel(parts, request)
    if (chosen.info.extractive) {
      return { reason: 'no language model is connected', model: chosen.handle }
    }
    const isOwn = settings.mode.startsWith('self_compact') && chosen.handle === model.handle
    const late = new AbortController()
    const done = new AbortController()
    parts.clock.sleep(parts.settings.summaryTimeoutMs, { signal: done.signal }).then(
      () => late.abort(),
      () => undefined,
    )
    try {
      const attempt = await summarise({
        model: chosen,
        settings,
        modelSettings: settings.modelSettings ?? request.agent.modelSettings ?? {},
        earlier,
        messages: plan.covered.map(({ message }) => message),
        allowance: plan.allowance,
        own: isOwn ? ownPrompt(request.own, plan) : null,
        signal: AbortSignal.any([request.signal, late.signal]),
      })
      return { ...attempt, model: chosen.handle }
    } catch (error) {
      // Whatever a summariser does, the user's turn goes on.
      parts.logger.warn({ err: error }, 'A summary could not be written')
      return { reason: `the summariser failed (${reasonOf(error)})`, model: chosen.handle }
    } finally {
      done.abort('the summary is written')
    }
  }
}

async function chooseModel(
  parts: RuntimeParts,
  { settings, model }: SummariserRequest,
): Promise<LanguageModel> {
  if (settings.model === null || settings.mode.startsWith('self_compact')) return model
  try {
    return await parts.models.resolve(settings.model)
  } catch (error) {
    parts.logger.warn(
      { reason: errorMessage(error), model: model.handle },
      'The model for summaries cannot be used; the one of the conversation writes them',
    )
    return model
  }
}

/** A code where there is one: texts of errors may hold what was said. */
function reasonOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'internal error'
}

/** The agent's own request up to what leaves the view. */
function ownPrompt(own: SummariserRequest['own'], plan: CompactionPlan): OwnPrompt {
  const leaves = new Set<ConversationItem>(plan.left)
  const left = own.sent.items.filter((item) => leaves.has(item))
  const items = own.sent.summary === null ? left : [own.sent.summary, ...left]
  const { system, tools, itemMemory } = own
  const tokens = items.reduce((sum, item) => sum + itemMemory.tokens(item, countItem), own.tokens)
  return { system, tools, messages: toModelMessages(items, itemMemory), tokens }
}
