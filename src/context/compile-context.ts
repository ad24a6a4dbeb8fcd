import { itemsFrom, placeItems } from '../domain/conversation-items.ts'
import type {
  ConversationItem,
  MessageItem,
  PromptPrefix,
  TailItem,
} from '../domain/conversation.ts'
import { AppError } from '../errors/app-error.ts'
import { countTokens } from '../llm/count-tokens.ts'
import type { ModelInfo, ModelMessage, ModelTool } from '../llm/model.ts'
import { offlineHandle } from '../llm/offline/offline-info.ts'
import type { TurnWork } from '../storage/contract/turn-store.ts'
import { fitView, type FittedView } from './fit-view.ts'
import { ItemMemory } from './item-memory.ts'
import { cutShortText, toModelMessages } from './model-messages.ts'
import { buildPrefix, prefixKey, shownBlocks } from './prompt-prefix.ts'
import { changedBlockIds, renderStepTail, renderTurnTail } from './tail-text.ts'
import { type WindowBudget, windowBudget } from './window-budget.ts'

/** Everything a prompt is made from. */
export interface CompileInput {
  readonly work: TurnWork
  readonly model: ModelInfo
  readonly tools: readonly ModelTool[]
  /** After this much idle time the provider has forgotten its cache and a fresh prefix costs nothing, in milliseconds. */
  readonly cacheLifetimeMs: number
  readonly now: number
  /** What earlier calls worked out from the same items. Default: nothing, all is worked out anew. */
  readonly itemMemory?: ItemMemory
}

/** The exact prompt of one model call, with what must be stored so that the next one repeats it byte for byte. */
export interface CompiledContext {
  readonly system: string
  readonly messages: readonly ModelMessage[]
  /** The tail item made for this call, to be stored with its step; null = none, or it is stored already. */
  readonly tail: TailItem | null
  /** The prefix after this call; null = as stored. */
  readonly prefix: PromptPrefix | null
  /** The new beginning of the view; null = as stored. */
  readonly viewFrom: number | null
  /** Estimated tokens of the whole request; never more than {@link WindowBudget.request}. */
  readonly tokens: number
  readonly budget: WindowBudget
}

/**
 * Assembles the prompt of one step and proves that it fits: the only place where a request to a model is put together.
 *
 * Pure: the same input gives the same bytes. The order is system text, older messages with their tail items, the
 * tail item of this turn, the user's own text last; within a turn, changes made elsewhere follow the last tool return.
 *
 * @throws AppError `context_window_exceeded` (data: `tokens`, `limit`) when the request is too large even with nothing
 * in view but the running turn.
 */
export function compileContext(given: CompileInput): CompiledContext {
  const memory = given.itemMemory ?? new ItemMemory()
  const input = { ...given, itemMemory: memory }
  const budget = windowBudget(input.work, input.model)
  const stored = reusablePrefix(input)
  const first = assemble(input, budget, stored ?? freshPrefix(input))
  // A cut loses the provider's cache anyway, so memory is rendered anew and old tail items go with it.
  const plan =
    first.view.viewFrom === null || stored === null
      ? first
      : assemble(input, budget, freshPrefix(input))
  if (plan.view.tokens > budget.request) throw overflow(plan.view.tokens, budget)
  const items = plan.tail === null ? plan.view.items : placeItems(plan.view.items, [plan.tail])
  return {
    system: input.work.turn.options.overrideSystem ?? plan.prefix.system,
    messages: toModelMessages(items, memory),
    tail: plan.tail,
    prefix: plan.prefix === input.work.conversation.prefix ? null : plan.prefix,
    viewFrom: plan.view.viewFrom,
    tokens: plan.view.tokens,
    budget,
  }
}

interface Plan {
  readonly prefix: PromptPrefix
  readonly view: FittedView
  readonly tail: TailItem | null
}

function assemble(
  input: CompileInput & { readonly itemMemory: ItemMemory },
  budget: WindowBudget,
  prefix: PromptPrefix,
): Plan {
  const { work, itemMemory } = input
  const items = withoutOldTails(visibleItems(input.model, work.items), prefix.builtAt)
  const system = work.turn.options.overrideSystem ?? prefix.system
  const draft = makeTail(input, prefix, 0)
  const fixedTokens =
    countTokens(system) + countTokens(JSON.stringify(input.tools)) + countTail(draft)
  const fitted = fitView({
    items,
    turnFrom: work.tailPosition,
    fixedTokens,
    budget: budget.request,
    countItem: (item) => itemMemory.tokens(item, countItem),
  })
  const tail =
    fitted.droppedMessages === 0 ? draft : makeTail(input, prefix, fitted.droppedMessages)
  // What is said about the cut itself counts, too.
  const view = { ...fitted, tokens: fitted.tokens + countTail(tail) - countTail(draft) }
  if (tail === null || tail.sources.length === 0) return { prefix, view, tail }
  return { prefix: { ...prefix, shown: shownBlocks(work.blocks) }, view, tail }
}

/**
 * What a language model is shown: not the quotations that stood in for its answers, nor the searches behind them, so that
 * a turn that is tried again ends with the user's words.
 */
function visibleItems(
  model: ModelInfo,
  items: readonly ConversationItem[],
): readonly ConversationItem[] {
  if (model.extractive) return items
  const answers = items.filter(isQuotation)
  if (answers.length === 0) return items
  const quoted = new Set(answers.map((item) => item.message.stepId))
  return items.filter((item) => item.kind === 'tail' || !quoted.has(item.message.stepId))
}

function isQuotation(item: ConversationItem): item is MessageItem {
  return item.kind === 'message' && item.message.model === offlineHandle
}

/** Tail items older than the prefix go with it; what they told is in the prefix now. */
function withoutOldTails(
  items: readonly ConversationItem[],
  builtAt: number,
): readonly ConversationItem[] {
  const isOld = (item: ConversationItem): boolean =>
    item.kind === 'tail' && item.createdAt < builtAt
  return items.some(isOld) ? items.filter((item) => !isOld(item)) : items
}

function makeTail(
  input: CompileInput,
  prefix: PromptPrefix,
  droppedMessages: number,
): TailItem | null {
  const { work, now } = input
  const sources = {
    blocks: work.blocks,
    shown: prefix.shown,
    droppedMessages,
    lastActivityAt: work.lastActivityAt,
    lastSignAt: lastSignAt(work),
    timezone: work.agent.timezone,
    now,
  }
  const stored = itemsFrom(work.items, work.tailPosition).some(({ kind }) => kind === 'tail')
  const isFirst = work.turn.stepCount === 0 && !stored
  const text = isFirst ? renderTurnTail(sources) : renderStepTail(sources)
  if (text === null) return null
  const position = isFirst ? work.tailPosition : placeOfStepTail(work.items)
  // Never older than the prefix, also when the clock was set back: older ones are left out of later prompts.
  const createdAt = Math.max(now, prefix.builtAt)
  return { kind: 'tail', position, text, sources: changedBlockIds(sources), createdAt }
}

/** When the model last had a sign of this turn's time: it spoke, was told the time, or a wait said how long it was. */
function lastSignAt({ items, tailPosition }: TurnWork): number | null {
  const sign = items.findLast((item) => {
    if (item.position < tailPosition) return false
    if (item.kind === 'tail') return true
    const { role, toolCalls, toolReturns } = item.message
    return (
      role === 'assistant' ||
      toolCalls.length > 0 ||
      toolReturns.some(({ name }) => name === 'wait')
    )
  })
  if (sign === undefined) return null
  return sign.kind === 'tail' ? sign.createdAt : sign.message.createdAt
}

/** Tokens that a provider adds around each message, at most. */
const messageOverhead = 8

function countTail(tail: TailItem | null): number {
  return tail === null ? 0 : countItem(tail)
}

function countItem(item: ConversationItem): number {
  if (item.kind === 'tail') return countTokens(item.text) + messageOverhead
  const { content, toolCalls, toolReturns } = item.message
  let tokens = messageOverhead
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') tokens += countTokens(part.text)
    else if (part.type === 'image') tokens += imageTokens
  }
  if (item.message.isError) tokens += countTokens(cutShortText)
  for (const call of toolCalls)
    tokens += countTokens(call.name) + countTokens(call.arguments) + messageOverhead
  for (const result of toolReturns) tokens += countTokens(result.text) + messageOverhead
  return tokens
}

/** What a picture costs at most with the providers supported, in tokens. */
const imageTokens = 1600

/** After the returns of the last step, and before what was said together with an answer to its calls. */
function placeOfStepTail(items: readonly ConversationItem[]): number {
  const said = items.findLastIndex(
    (item) =>
      item.kind === 'tail' || item.message.role === 'tool' || item.message.role === 'assistant',
  )
  const last = items[said]
  const isBetween = last?.kind === 'message' && last.message.role === 'tool'
  return isBetween && said < items.length - 1 ? last.position + 1 : lastPosition(items) + 1
}

function lastPosition(items: readonly ConversationItem[]): number {
  return items.at(-1)?.position ?? 0
}

/** The stored prefix, unless one of its sources changed or the provider's cache is gone. */
function reusablePrefix(input: CompileInput): PromptPrefix | null {
  const { work, tools, model, now, cacheLifetimeMs } = input
  const { prefix } = work.conversation
  if (prefix === null) return null
  if (prefix.key !== prefixKey({ agent: work.agent, tools, model: model.handle })) return null
  const begins = work.turn.stepCount === 0
  const idle = work.lastActivityAt !== null && now - work.lastActivityAt > cacheLifetimeMs
  return begins && idle ? null : prefix
}

function freshPrefix({ work, tools, model, now }: CompileInput): PromptPrefix {
  return buildPrefix({
    agent: work.agent,
    conversationLabel: work.conversation.isDefault ? 'default' : work.conversation.id,
    blocks: work.blocks,
    tools,
    model: model.handle,
    messageCount: work.messageCount,
    passageCount: work.passageCount,
    now,
  })
}

function overflow(tokens: number, budget: WindowBudget): AppError {
  return new AppError(
    'context_window_exceeded',
    `Cannot send the request to the model: it needs about ${tokens} tokens and ${budget.request} of the window's ` +
      `${budget.window} are free for it. Shorten the message or the memory blocks, or choose a model with a larger window.`,
    { data: { tokens, limit: budget.request } },
  )
}
