import { itemsFrom, placeItems, saidInTurn } from '../domain/conversation-items.ts'
import type { ConversationItem, PromptPrefix, TailItem } from '../domain/conversation.ts'
import { AppError } from '../errors/app-error.ts'
import { countTokens } from '../llm/count-tokens.ts'
import type { ModelInfo, ModelMessage, ModelTool } from '../llm/model.ts'
import { toolsJson } from '../llm/tools-json.ts'
import type { TurnWork } from '../storage/contract/turn-store.ts'
import { countMessages, shortenTurn } from './fit-view.ts'
import { messageText } from '../domain/message.ts'
import { factChanges } from './known-facts.ts'
import { ItemMemory } from './item-memory.ts'
import { countItem } from './item-tokens.ts'
import { toModelMessages } from './model-messages.ts'
import { buildPrefix, prefixKey, shownBlocks } from './prompt-prefix.ts'
import { hashItems } from './hash-items.ts'
import { isRecalledSource, type RecallExtract } from './recall-text.ts'
import { sentView } from './sent-view.ts'
import type { SentView } from './view-results.ts'
import { splitView } from './summary-view.ts'
import { renderStepTail, renderTurnTail, tailSourceIds } from './tail-text.ts'
import { type WindowBudget, windowBudget } from './window-budget.ts'

/** The part of a turn's work that its prompt is made from; a conversation at rest has it, too. */
export interface ContextWork extends Pick<
  TurnWork,
  | 'agent'
  | 'conversation'
  | 'blocks'
  | 'facts'
  | 'items'
  | 'tailPosition'
  | 'messageCount'
  | 'passageCount'
  | 'lastActivityAt'
> {
  readonly turn: Pick<TurnWork['turn'], 'stepCount'> & {
    readonly options: Pick<TurnWork['turn']['options'], 'overrideSystem'>
  }
}

/** Everything a prompt is made from. */
export interface CompileInput {
  readonly work: ContextWork
  readonly model: ModelInfo
  readonly tools: readonly ModelTool[]
  /** After this much idle time the provider has forgotten its cache and a fresh prefix costs nothing, in milliseconds. */
  readonly cacheLifetimeMs: number
  readonly now: number
  /** What was looked up for this turn outside of the view, for its first tail item. Default: nothing. */
  readonly recall?: RecallExtract | null
  /** What earlier calls worked out from the same items. Default: nothing, all is worked out anew. */
  readonly itemMemory?: ItemMemory
}

/** What the parts of a request take, in tokens. */
export interface ContextSizes {
  readonly system: number
  readonly tools: number
  /** The summary of what has left the view. */
  readonly summary: number
  /** Messages with the tail items between them. */
  readonly messages: number
}

/** The exact prompt of one model call, with what must be stored so that the next one repeats it byte for byte. */
export interface CompiledContext {
  readonly system: string
  readonly messages: readonly ModelMessage[]
  /** The tail item made for this call, to be stored with its step; null = none, or it is stored already. */
  readonly tail: TailItem | null
  /** The prefix after this call; null = as stored. */
  readonly prefix: PromptPrefix | null
  /** Tokens of the whole request as its provider is known to count. */
  readonly tokens: number
  readonly sizes: ContextSizes
  /** Estimated tokens of the whole request: what it is proven to fit by. */
  readonly estimated: number
  /** The items it was made of, in the order of the messages. */
  readonly shown: readonly ConversationItem[]
  /** Names exactly these items. */
  readonly itemsHash: string
  readonly budget: WindowBudget
}

/**
 * Assembles the prompt of one step and proves that it fits: the only place where a request to a model is put together.
 *
 * Pure: the same input gives the same bytes. The order is system text, the summary of what has left the view, older messages
 * with their tail items, the tail item of this turn, the user's own text last; within a turn, changes made elsewhere follow
 * the last tool return.
 *
 * @throws AppError `context_window_exceeded` (data: `tokens`, `limit`) when the request is too large; a compaction of the
 * view may help.
 */
export function compileContext(input: CompileInput): CompiledContext {
  const context = measureContext(input)
  requireFit(context)
  return context
}

/** Proves that a request fits. @throws AppError `context_window_exceeded` (data: `tokens`, `limit`). */
export function requireFit({
  estimated,
  budget,
}: Pick<CompiledContext, 'estimated' | 'budget'>): void {
  if (estimated > budget.estimated) throw overflow(estimated, budget)
}

/** The same prompt, however large: what decides whether the view has to be compacted before it is sent. */
export function measureContext(given: CompileInput): CompiledContext {
  const memory = given.itemMemory ?? new ItemMemory()
  const input = { ...given, itemMemory: memory }
  const budget = windowBudget(input.work, input.model)
  const stored = reusablePrefix(input)
  const plan = assemble(input, budget, stored ?? freshPrefix(input))
  const items = plan.tail === null ? plan.items : placeItems(plan.items, [plan.tail])
  const { system, tools, summary, messages } = plan.sizes
  const sizes = calibrate(plan.sizes, budget)
  return {
    system: input.work.turn.options.overrideSystem ?? plan.prefix.system,
    messages: toModelMessages(plan.summary === null ? [] : [plan.summary], memory).concat(
      toModelMessages(items, memory, plan.settled),
    ),
    tail: plan.tail,
    prefix: plan.prefix === input.work.conversation.prefix ? null : plan.prefix,
    tokens: sizes.system + sizes.tools + sizes.summary + sizes.messages,
    sizes,
    estimated: system + tools + summary + messages,
    shown: plan.summary === null ? items : [plan.summary, ...items],
    itemsHash: hashItems({ ...plan, items }, memory),
    budget,
  }
}

/** What of a view the next request holds. */
export function nextView(input: CompileInput): SentView {
  return viewWith(input, (reusablePrefix(input) ?? freshPrefix(input)).builtAt)
}

/** What of a view is sent together with a prefix that was built at a time. */
function viewWith({ work, model, itemMemory }: CompileInput, builtAt: number): SentView {
  const { items, tailPosition: turnFrom } = work
  return sentView({ items, turnFrom, model, builtAt, ...(itemMemory && { memory: itemMemory }) })
}

interface Plan extends SentView {
  readonly prefix: PromptPrefix
  readonly tail: TailItem | null
  /** Estimates. */
  readonly sizes: ContextSizes
}

function assemble(
  input: CompileInput & { readonly itemMemory: ItemMemory },
  budget: WindowBudget,
  prefix: PromptPrefix,
): Plan {
  const { work, itemMemory } = input
  const sizeOf = (item: ConversationItem): number => itemMemory.tokens(item, countItem)
  const { summary, items, settled } = viewWith(input, prefix.builtAt)
  const draft = makeTail(input, prefix, 0)
  const fixed = {
    system: itemMemory.textTokens(work.turn.options.overrideSystem ?? prefix.system, countTokens),
    tools: itemMemory.textTokens(toolsJson(input.tools), countTokens),
    summary: summary === null ? 0 : sizeOf(summary),
  }
  const around = fixed.system + fixed.tools + fixed.summary
  const add = (total: number, some: readonly ConversationItem[]): number =>
    some.reduce((sum, item) => sum + sizeOf(item), total)
  const before = itemMemory.sizes.fold(items, { first: settled, start: 0, add })
  const sum = (list: readonly ConversationItem[], tail: TailItem | null): number =>
    add(before + countTail(tail), list.slice(settled))
  const excess = around + sum(items, draft) - budget.estimated
  const kept =
    excess <= 0
      ? items
      : shortenTurn({
          items,
          turnFrom: work.tailPosition,
          sizeOf,
          excess,
          budget: budget.estimated,
        })
  const dropped = kept === items ? 0 : countMessages(items) - countMessages(kept)
  const tail = dropped === 0 ? draft : makeTail(input, prefix, dropped)
  // What is said about the cut itself counts, too.
  const sizes = { ...fixed, messages: sum(kept, tail) }
  const shown = tail === null ? {} : shownAfter(tail, work, prefix)
  return {
    prefix: Object.keys(shown).length === 0 ? prefix : { ...prefix, ...shown },
    summary,
    items: kept,
    settled,
    tail,
    sizes,
  }
}

function makeTail(
  input: CompileInput,
  prefix: PromptPrefix,
  droppedMessages: number,
): TailItem | null {
  const { work, now, recall = null } = input
  const sources = {
    blocks: work.blocks,
    shown: prefix.shown,
    facts: work.facts,
    shownFacts: prefix.shownFacts ?? {},
    input: inputText(work),
    droppedMessages,
    lastActivityAt: work.lastActivityAt,
    lastSignAt: lastSignAt(work),
    timezone: work.agent.timezone,
    now,
  }
  const stored = itemsFrom(work.items, work.tailPosition).some(({ kind }) => kind === 'tail')
  const isFirst = work.turn.stepCount === 0 && !stored
  const text = isFirst ? renderTurnTail(sources, recall) : renderStepTail(sources)
  if (text === null) return null
  const position = isFirst ? work.tailPosition : placeOfStepTail(work.items)
  // Never older than the prefix, also when the clock was set back: older ones are left out of later prompts.
  const createdAt = Math.max(now, prefix.builtAt)
  const told = [...tailSourceIds(sources, isFirst), ...(isFirst ? (recall?.sources ?? []) : [])]
  return { kind: 'tail', position, text, sources: told, createdAt }
}

/** What the reader has been shown once a tail has told it all changes; empty when it told none. */
function shownAfter(
  { sources }: TailItem,
  { blocks, facts, agent }: ContextWork,
  prefix: PromptPrefix,
): Partial<Pick<PromptPrefix, 'shown' | 'shownFacts'>> {
  const before = prefix.shownFacts ?? {}
  const { shown, lines } = factChanges(facts, before, agent.timezone)
  if (sources.every(isRecalledSource) && lines.length === 0) return {}
  return { shown: shownBlocks(blocks), shownFacts: shown }
}

/** What the user says in this turn. */
export function inputText(work: Pick<ContextWork, 'items' | 'tailPosition'>): string {
  return saidInTurn(work).map(messageText).join('\n')
}

/** When the model last had a sign of this turn's time: it spoke, was told the time, or a wait said how long it was. */
function lastSignAt({ items, tailPosition }: ContextWork): number | null {
  const sign = itemsFrom(items, tailPosition).findLast((item) => {
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

function countTail(tail: TailItem | null): number {
  return tail === null ? 0 : countItem(tail)
}

/** After the returns of the last step, and before what was said together with an answer to its calls. */
function placeOfStepTail(all: readonly ConversationItem[]): number {
  const { rest } = splitView(all)
  const said = rest.findLastIndex(
    (item) =>
      item.kind === 'tail' || item.message.role === 'tool' || item.message.role === 'assistant',
  )
  const last = rest[said]
  const isBetween = last?.kind === 'message' && last.message.role === 'tool'
  return isBetween && said < rest.length - 1 ? last.position + 1 : lastPosition(all) + 1
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
  // Later than every tail item that goes with the old one, also when the clock stands still or was set back.
  const lastTail = work.items.reduce(
    (last, item) =>
      item.kind === 'tail' && item.position < work.tailPosition
        ? Math.max(last, item.createdAt)
        : last,
    -1,
  )
  return buildPrefix({
    agent: work.agent,
    conversationLabel: work.conversation.isDefault ? 'default' : work.conversation.id,
    blocks: work.blocks,
    facts: work.facts,
    tools,
    model: model.handle,
    messageCount: work.messageCount,
    passageCount: work.passageCount,
    now: Math.max(now, lastTail + 1),
  })
}

/** Estimated sizes as the provider is known to count. */
function calibrate(sizes: ContextSizes, { tokenFactor }: WindowBudget): ContextSizes {
  const { system, tools, summary, messages } = sizes
  const count = (estimated: number): number => Math.round(estimated * tokenFactor)
  return {
    system: count(system),
    tools: count(tools),
    summary: count(summary),
    messages: count(messages),
  }
}

function overflow(estimated: number, budget: WindowBudget): AppError {
  const tokens = Math.round(estimated * Math.max(1, budget.tokenFactor))
  return new AppError(
    'context_window_exceeded',
    `Cannot send the request to the model: it needs about ${tokens} tokens and ${budget.request} of the window's ` +
      `${budget.window} are free for it. Shorten the message or the memory blocks, or choose a model with a larger window.`,
    { data: { tokens, limit: budget.request } },
  )
}
