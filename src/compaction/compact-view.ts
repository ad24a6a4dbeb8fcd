import { renderSummary } from '../context/summary-view.ts'
import type { Message } from '../domain/message.ts'
import { summaryOf } from '../domain/message.ts'
import type { SummaryFacts } from '../domain/summary.ts'
import { countTokens } from '../llm/count-tokens.ts'
import {
  type CompactionPlan,
  type CompactionSubject,
  isProgress,
  planCompaction,
} from './plan-compaction.ts'
import type { SummaryAttempt } from './summarise.ts'
import { writeDigest } from './write-digest.ts'

/** What asks a model for the summary of a plan; null = there is no model that could write one. */
export type Summariser =
  | ((
      plan: CompactionPlan,
      earlier: string | null,
    ) => Promise<SummaryAttempt & { readonly model: string }>)
  | null

/** A summary that is ready to be stored. */
export interface CompactedView {
  readonly text: string
  readonly facts: SummaryFacts
  readonly viewFrom: number
  /** Items that stay in the view. */
  readonly kept: CompactionPlan['kept']
}

/** What a summary takes in a prompt beside its words, at most, in tokens. */
const frameTokens = 110

/**
 * Compacts a view: chooses what leaves it and has it summed up. Null when nothing can leave, or when what can is too little
 * to be worth it while the request fits.
 *
 * Always comes to an end: a model that fails, says nothing or too much is replaced by a digest of extracts, whose facts say
 * why. Writes nothing.
 */
export async function compactView(
  subject: CompactionSubject,
  summariser: Summariser,
): Promise<CompactedView | null> {
  const plan = planCompaction(subject)
  if (plan === null) return null
  // A summary in the place of one message would make nothing less.
  if (subject.trigger === 'manual' && plan.covered.length < 2) return null
  const mustCut = subject.requestTokens > subject.budget.estimated || subject.trigger === 'manual'
  const isWorthIt = isProgress(plan, frameTokens, subject)
  if (!mustCut && !isWorthIt) return null
  const messages = plan.covered.map(({ message }) => message)
  const earlier = subject.summary === null ? null : summaryOf(subject.summary.message)
  const attempt = await attemptSummary({ plan, isWorthIt, summariser, earlier: earlier?.text })
  if ('text' in attempt) {
    const written = toView(subject, plan, { ...attempt, method: 'model', reason: null })
    if (isProgress(plan, written.summaryTokens, subject)) return written.view
  }
  const reason = 'text' in attempt ? 'the summary was too long to make room' : attempt.reason
  const limit = digestLimit(plan, messages)
  const text = writeDigest({ earlier, messages, reason, limit })
  return toView(subject, plan, { text, method: 'digest', reason, model: null }).view
}

async function attemptSummary(given: {
  readonly plan: CompactionPlan
  readonly isWorthIt: boolean
  readonly summariser: Summariser
  readonly earlier: string | undefined
}): Promise<SummaryAttempt & { readonly model: string | null }> {
  if (given.summariser === null) return { reason: 'no language model is connected', model: null }
  if (!given.isWorthIt || given.plan.allowance <= frameTokens) {
    return { reason: 'there is too little room for one', model: null }
  }
  return await given.summariser(given.plan, given.earlier ?? null)
}

/** A digest is shorter than what it stands for, so that it always makes room. */
function digestLimit(plan: CompactionPlan, messages: readonly Message[]): number {
  const covered = plan.movableTokens - plan.keptTokens
  const atLeast = Math.min(40, messages.length * 10)
  return Math.max(atLeast, Math.min(plan.allowance, Math.floor(covered / 2)) - frameTokens)
}

interface Written {
  readonly text: string
  readonly method: SummaryFacts['method']
  readonly reason: string | null
  readonly model: string | null
}

function toView(
  subject: CompactionSubject,
  plan: CompactionPlan,
  { text, method, reason, model }: Written,
): { readonly view: CompactedView; readonly summaryTokens: number } {
  const { summary, items, settings, trigger, budget } = subject
  const countMessages = (list: CompactionSubject['items']): number =>
    list.filter(({ kind }) => kind === 'message').length
  const times = plan.covered.map(({ message }) => message.createdAt)
  const draft: SummaryFacts = {
    trigger,
    mode: settings.mode,
    method,
    reason,
    model,
    tokensBefore: Math.round(subject.requestTokens * budget.tokenFactor),
    tokensAfter: 0,
    contextWindow: budget.window,
    messagesBefore: countMessages(items) + (summary === null ? 0 : 1),
    messagesAfter: countMessages(plan.kept) + 1,
    covered: plan.covered.length,
    from: times.reduce((first, time) => Math.min(first, time)),
    until: times.reduce((last, time) => Math.max(last, time)),
    earlierId: summary?.message.id ?? null,
  }
  const placeholder = 'message-00000000-0000-4000-8000-000000000000'
  const summaryTokens = countTokens(renderSummary(placeholder, text, draft)) + 8
  const estimated = plan.fixedTokens + plan.keptTokens + summaryTokens
  const tokensAfter = Math.round(estimated * budget.tokenFactor)
  const { viewFrom, kept } = plan
  return { view: { text, facts: { ...draft, tokensAfter }, viewFrom, kept }, summaryTokens }
}
