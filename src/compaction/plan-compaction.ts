import { chooseCut } from '../context/fit-view.ts'
import type { WindowBudget } from '../context/window-budget.ts'
import type { ConversationItem, MessageItem } from '../domain/conversation.ts'
import type { CompactionSettings, CompactionTrigger } from '../domain/summary.ts'

/** A view that may be compacted; all tokens are estimates. */
export interface CompactionSubject {
  /** The summary the view begins with; null = nothing has left it. */
  readonly summary: MessageItem | null
  /** The other items of the view, by position. */
  readonly items: readonly ConversationItem[]
  /** Items at or after this position belong to the running turn and stay. */
  readonly turnFrom: number
  /** What an item takes in the request, in tokens; 0 = it is not sent. */
  readonly sizeOf: (item: ConversationItem) => number
  /** Estimated tokens of the whole request as it would be sent. */
  readonly requestTokens: number
  readonly budget: WindowBudget
  readonly settings: CompactionSettings
  readonly trigger: CompactionTrigger
}

/** What leaves a view. */
export interface CompactionPlan {
  /** The messages that leave, at least one. */
  readonly covered: readonly MessageItem[]
  /** The items that leave with them and with what they told: tail items, too. */
  readonly left: readonly ConversationItem[]
  readonly kept: readonly ConversationItem[]
  /** Where the view begins afterwards. */
  readonly viewFrom: number
  /** The most tokens the summary may have. */
  readonly allowance: number
  /** Tokens of everything that a compaction can make less: the summary and what was said before the running turn. */
  readonly movableTokens: number
  /** Of these, what stays without any summary. */
  readonly keptTokens: number
  /** Tokens of the rest of the request. */
  readonly fixedTokens: number
}

/** What a compaction must leave of what it can make less, at most; else it would be done again and again. */
const progress = 0.75

/** The most tokens of a summary, and the part of the window it may take. */
const summaryLimit = 2000
const summaryShare = 0.1

/** Chooses what leaves a view, by tokens and in whole groups; null when nothing can. */
export function planCompaction(subject: CompactionSubject): CompactionPlan | null {
  const { summary, items, turnFrom, sizeOf, budget } = subject
  const isBefore = (item: ConversationItem): boolean => item.position < turnFrom
  const movable = items.filter(isBefore)
  const movableTokens =
    movable.reduce((sum, item) => sum + sizeOf(item), 0) + (summary === null ? 0 : sizeOf(summary))
  const fixedTokens = Math.max(0, subject.requestTokens - movableTokens)
  const room = Math.max(0, budget.estimated - fixedTokens)
  const allowance = Math.min(summaryLimit, Math.floor(budget.estimated * summaryShare), room)
  // Tail items of earlier turns go whatever happens: what they told is in the prefix afterwards.
  const sizeAfter = (item: ConversationItem): number =>
    item.kind === 'tail' || !isBefore(item) ? 0 : sizeOf(item)
  const target = targetOf(subject, { movableTokens, fixedTokens, allowance })
  const cut = chooseCut({ items, turnFrom, sizeOf: sizeAfter, target })
  const left = items.slice(0, cut)
  const covered = left.filter((item) => item.kind === 'message')
  const last = left.at(-1)
  if (covered.length === 0 || last === undefined) return null
  const kept = items.slice(cut)
  const [first] = kept
  return {
    covered,
    left,
    kept,
    // The running turn keeps the free places before its input.
    viewFrom: first === undefined ? last.position + 1 : Math.min(first.position, turnFrom),
    allowance,
    movableTokens,
    keptTokens: kept.reduce((sum, item) => sum + sizeAfter(item), 0),
    fixedTokens,
  }
}

function targetOf(
  { settings, trigger, budget }: CompactionSubject,
  known: Pick<CompactionPlan, 'movableTokens' | 'fixedTokens' | 'allowance'>,
): number {
  if (settings.mode === 'all' || settings.mode === 'self_compact_all') return 0
  const stays = 1 - settings.slidingWindowPercentage
  if (trigger === 'manual') return known.movableTokens * stays
  const byWindow = budget.estimated * stays - known.fixedTokens
  return Math.max(0, Math.min(byWindow, known.movableTokens * progress) - known.allowance)
}

/**
 * Whether a view with a summary of so many tokens is worth having: the request fits, and what can be made less has become a
 * quarter less. Somebody who asks for a compaction gets it when the request fits.
 */
export function isProgress(
  plan: CompactionPlan,
  summaryTokens: number,
  { budget, trigger }: Pick<CompactionSubject, 'budget' | 'trigger'>,
): boolean {
  const after = plan.keptTokens + summaryTokens
  if (plan.fixedTokens + after > budget.estimated) return false
  return trigger === 'manual' || after <= plan.movableTokens * progress
}
