import { type ContextSizes, measureContext } from '../../context/compile-context.ts'
import { viewContents, splitView } from '../../context/summary-view.ts'
import { renderMemoryBlocks } from '../../context/system-view.ts'
import { prefixKey } from '../../context/prompt-prefix.ts'
import { hasPrefixOf, rebuildPrompt } from '../../context/trace-prompt.ts'
import type { WindowBudget } from '../../context/window-budget.ts'
import { type Message, summaryOf } from '../../domain/message.ts'
import type { PromptTrace } from '../../domain/prompt-trace.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { SummaryFacts } from '../../domain/summary.ts'
import { AppError } from '../../errors/app-error.ts'
import { countTokens } from '../../llm/count-tokens.ts'
import type { ModelMessage, ModelTool } from '../../llm/model.ts'
import { chooseHandle } from '../../runtime/choose-handle.ts'
import { readRestingView } from '../../runtime/resting-view.ts'
import { modelTools } from '../../runtime/turn-tools.ts'
import type { AppParts } from '../app-parts.ts'

/** What the window of a conversation is filled with, as the next request would have it. */
export interface ContextOverview {
  readonly model: string
  readonly budget: WindowBudget
  readonly sizes: ContextSizes
  /** Estimated tokens of all of it. */
  readonly tokens: number
  /** The system text as it would be sent, with memory. */
  readonly system: string
  /** The agent's own system text, its blocks and the rest of the system text that is about memory, in tokens. */
  readonly baseSystem: string
  readonly coreMemory: string
  readonly coreMemoryTokens: number
  readonly tools: readonly ModelTool[]
  readonly summary: {
    readonly id: string
    readonly text: string
    readonly facts: SummaryFacts
  } | null
  /** The messages in view, without system message and summary. */
  readonly messages: readonly Message[]
  /** Messages of the agent in all conversations, and passages of its archive. */
  readonly messageCount: number
  readonly passageCount: number
}

/** The request that went to a model last, with the one before it. */
export interface SentContext {
  readonly stepId: string
  readonly runId: string
  readonly sentAt: number
  readonly trace: PromptTrace
  /** The request as it was put together; null parts are no longer stored. */
  readonly system: string | null
  readonly tools: readonly ModelTool[] | null
  readonly messages: readonly ModelMessage[]
  /** Whether all of it is as it was sent. */
  readonly isExact: boolean
  /** Bytes of it as JSON `[system, tools, messages]`. */
  readonly bytes: number
  /** What it has in common with the request before; null = there was none. */
  readonly common: {
    readonly stepId: string
    /** Bytes of the common beginning, and their share of the shorter request. */
    readonly bytes: number
    readonly share: number
    /** Why it is not the whole of the shorter one, as far as it is known; null = it is. */
    readonly reason: 'compacted' | 'prefix-rebuilt' | 'changed' | null
  } | null
}

/** What goes into the window of conversations. */
export interface ContextService {
  /** `not_found`, and the codes of unknown models. */
  overview(scope: TenantScope, conversationId: string): Promise<ContextOverview>
  /** `not_found` when there is no such conversation, or when nothing was sent in it that is still known of. */
  sent(scope: TenantScope, conversationId: string): Promise<SentContext>
}

/** How many runs are looked through for the last two requests. */
const runsLookedAt = 10

/** How long a provider keeps its cache has no part in what is shown here. */
const keepPrefix = { cacheLifetimeMs: Number.MAX_SAFE_INTEGER }

/** Makes the service of contexts. */
export function createContextService(parts: AppParts): ContextService {
  return {
    overview: (scope, conversationId) => readOverview(parts, scope, conversationId),
    sent: (scope, conversationId) => readSent(parts, scope, conversationId),
  }
}

async function readOverview(
  { store, models, calibration, tools: registry, clock }: AppParts,
  scope: TenantScope,
  conversationId: string,
): Promise<ContextOverview> {
  const now = clock.now()
  const work = await readRestingView(store, scope, { conversationId, now })
  const described = await models.describe(chooseHandle({}, work))
  const model = await calibration.describe(scope, described)
  const { hasSummary } = viewContents(work.items)
  const tools = modelTools({ registry, agent: work.agent, options: {}, hasSummary })
  const context = measureContext({ work, model, tools, now, ...keepPrefix })
  const { summary, rest } = splitView(work.items)
  const part = summary === null ? null : summaryOf(summary.message)
  const coreMemory = renderMemoryBlocks(work.blocks)
  return {
    model: model.handle,
    budget: context.budget,
    sizes: context.sizes,
    tokens: context.tokens,
    system: context.system,
    baseSystem: work.agent.system,
    coreMemory,
    coreMemoryTokens: Math.round(countTokens(coreMemory) * context.budget.tokenFactor),
    tools,
    summary: summary === null || part === null ? null : { ...part, id: summary.message.id },
    messages: rest.flatMap((item) => (item.kind === 'message' ? [item.message] : [])),
    messageCount: work.messageCount,
    passageCount: work.passageCount,
  }
}

interface SentRequest {
  readonly runId: string
  readonly stepId: string
  readonly sentAt: number
  readonly trace: PromptTrace
}

async function readSent(
  parts: AppParts,
  scope: TenantScope,
  conversationId: string,
): Promise<SentContext> {
  const { store, models, tools: registry, clock } = parts
  const work = await readRestingView(store, scope, { conversationId, now: clock.now() })
  const [last, before] = await findRequests(parts, scope, conversationId)
  if (last === undefined) {
    throw new AppError(
      'not_found',
      `Cannot show what was sent in ${conversationId}: no request to a model is known of. Say something, or look sooner: events are kept for a time only.`,
    )
  }
  const model = await models.describe(chooseHandle({}, work))
  const { hasSummary } = viewContents(work.items)
  const tools = modelTools({ registry, agent: work.agent, options: {}, hasSummary })
  const from = Math.min(last.trace.viewFrom, before?.trace.viewFrom ?? last.trace.viewFrom)
  const items =
    from < work.conversation.viewFrom
      ? await store.listItems(scope, { conversationId, fromPosition: from, limit: 100_000 })
      : work.items
  const said = items.filter(
    (item) => item.kind === 'tail' || item.message.id !== work.conversation.systemMessageId,
  )
  const { prefix } = work.conversation
  // Those of today, unless the agent, its model or the program changed meanwhile.
  const areSame = prefix?.key === prefixKey({ agent: work.agent, tools, model: model.handle })
  const rebuild = (request: SentRequest): Rebuilt => {
    const isKnown = hasPrefixOf(prefix, request.trace)
    const { messages, isExact } = rebuildPrompt(request.trace, { items: said, model })
    return {
      system: isKnown ? prefix.system : null,
      tools: isKnown && areSame ? tools : null,
      messages,
      isExact: isExact && isKnown && areSame,
    }
  }
  const shown = rebuild(last)
  const text = serialise(shown)
  const common =
    before === undefined ? null : compare(last, before, [text, serialise(rebuild(before))])
  const bytes = Buffer.byteLength(text)
  return { ...last, ...shown, bytes, common }
}

interface Rebuilt {
  readonly system: string | null
  readonly tools: readonly ModelTool[] | null
  readonly messages: readonly ModelMessage[]
  readonly isExact: boolean
}

function serialise({ system, tools, messages }: Rebuilt): string {
  return JSON.stringify([system, tools, messages])
}

/** The last two requests of a conversation, the newest first, from the logs of its runs. */
async function findRequests(
  { store }: AppParts,
  scope: TenantScope,
  conversationId: string,
): Promise<readonly SentRequest[]> {
  const page = { limit: runsLookedAt, order: 'desc' } as const
  const runs = await store.listRuns(scope, { filter: { conversationId }, page })
  const found: SentRequest[] = []
  for (const { id: runId } of runs) {
    const events = await store.listEvents(scope, { runId, after: 0, limit: 100_000 })
    const sent = events.flatMap(({ event, createdAt: sentAt }): readonly SentRequest[] => {
      if (event.type !== 'prompt-sent') return []
      const { stepId, trace } = event
      return [{ runId, stepId, sentAt, trace }]
    })
    found.push(...sent.toReversed())
    if (found.length >= 2) break
  }
  return found.slice(0, 2)
}

function compare(
  last: SentRequest,
  before: SentRequest,
  [text, earlier]: readonly [string, string],
): SentContext['common'] {
  const { stepId } = before
  const isCompacted = last.trace.viewFrom !== before.trace.viewFrom
  const isRebuilt = last.trace.isPrefixNew
  const known = isCompacted ? 'compacted' : isRebuilt ? 'prefix-rebuilt' : null
  if (last.trace.prefixBuiltAt !== before.trace.prefixBuiltAt) {
    return { stepId, bytes: 0, share: 0, reason: known ?? 'prefix-rebuilt' }
  }
  // Without the closing brackets: what follows them in one request is where the other goes on.
  const [one, two] = [text.slice(0, -2), earlier.slice(0, -2)]
  const shorter = Math.min(one.length, two.length)
  let length = 0
  while (length < shorter && one.charCodeAt(length) === two.charCodeAt(length)) length += 1
  const bytes = Buffer.byteLength(one.slice(0, length))
  const least = Math.min(Buffer.byteLength(one), Buffer.byteLength(two))
  return {
    stepId,
    bytes,
    share: bytes / least,
    reason: bytes === least ? null : (known ?? 'changed'),
  }
}
