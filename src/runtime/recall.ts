import {
  type CompileInput,
  type ContextWork,
  inputText,
  nextView,
} from '../context/compile-context.ts'
import { chooseFacts, type ChosenFacts } from '../context/known-facts.ts'
import { renderRecall, type RecallExtract } from '../context/recall-text.ts'
import type { SentView } from '../context/view-results.ts'
import { turnContents } from '../context/summary-view.ts'
import { windowBudget } from '../context/window-budget.ts'
import { itemsFrom } from '../domain/conversation-items.ts'
import type { RecallVerdict } from '../domain/prompt-trace.ts'
import { factText, isTrusted } from '../domain/fact.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { AgentSearch } from '../memory/search/agent-search.ts'
import { withoutSymbols } from '../memory/analysis/symbols-of.ts'
import { createAgentSearch } from '../memory/search/create-agent-search.ts'
import { promptFacts, type TurnWork } from '../storage/contract/turn-store.ts'
import {
  chooseShown,
  createJudge,
  judge,
  judgedMessages,
  type Judge,
  type JudgedHit,
  type SeenIds,
} from './recall-judge.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import { searchPlace } from './search-place.ts'
import { turnMessageIds } from './turn-state.ts'

/** What was looked up for a turn, and what became of each thing found. */
export interface Recall {
  /** What is shown; null = nothing relevant lies outside of the view. */
  readonly extract: RecallExtract | null
  readonly considered: readonly RecallVerdict[]
}

/** How many hits of a kind are looked at. */
const lookedAt = 50

/** The part of what a request may use that recalled text may take, at most. */
const windowShare = 1 / 16

/**
 * Looks up what lies outside of the view and may help with what the user just said; null when there is nothing to look up:
 * the turn has begun already, all is in view, nothing was said, or a model that only quotes answers. By words alone, so
 * that no turn waits for an embedding endpoint, and a thumb up does not bring back every other one.
 *
 * What is shown is never found again: a tail item is no message. Rejects as the store does.
 */
export async function recallForTurn(
  parts: RuntimeParts,
  scope: TenantScope,
  input: CompileInput & { readonly work: TurnWork },
): Promise<Recall | null> {
  const { work, model } = input
  const budget = Math.min(
    parts.settings.recallTokens,
    Math.floor(windowBudget(work, model).request * windowShare),
  )
  const query = withoutSymbols(inputText(work)).trim()
  if (budget === 0 || model.extractive || query === '' || !isBeginning(work)) return null
  const kinds = outsideOf(work, turnContents(work, input.itemMemory).messages)
  if (kinds.size === 0) return null
  const search = createAgentSearch(searchPlace(parts, scope, work.agent))
  const seen = seenIds(nextView(input), chooseFacts(work.facts, work.agent.timezone))
  const lookUp = { search, judgeOf: createJudge(query, seen), query }
  const found = [
    ...(kinds.has('message') ? await lookUpMessages(lookUp, turnMessageIds(work)) : []),
    ...(kinds.has('passage') ? await lookUpPassages(lookUp) : []),
    ...(kinds.has('fact') ? await lookUpFacts(lookUp, parts.clock.now()) : []),
  ]
  return decide(found, { budget, timezone: work.agent.timezone })
}

/** What to look for, and how what is found is judged. */
interface LookUp {
  readonly search: AgentSearch
  readonly judgeOf: Judge
  readonly query: string
}

const open = { from: null, until: null, limit: lookedAt } as const

async function lookUpMessages(
  { search, judgeOf, query: text }: LookUp,
  excludeIds: readonly string[],
): Promise<readonly JudgedHit[]> {
  const roles = ['user', 'assistant'] as const
  const answer = await search.messages({ ...open, text, roles, excludeIds, distinct: true })
  return judge(answer, judgeOf, judgedMessages)
}

async function lookUpPassages({
  search,
  judgeOf,
  query: text,
}: LookUp): Promise<readonly JudgedHit[]> {
  const answer = await search.passages({ ...open, text, tags: [], tagMatch: 'any' })
  return judge(answer, judgeOf, {
    kind: 'passage',
    isHeldBack: ({ origin }) => !isTrusted(origin),
    toCandidate: (passage) => ({ ...passage, speaker: 'archive' }),
  })
}

/** Instructions are left out: what governs a message is shown again with it anyway. */
async function lookUpFacts(
  { search, judgeOf, query: text }: LookUp,
  now: number,
): Promise<readonly JudgedHit[]> {
  const answer = await search.facts({ ...open, text, kind: 'fact', validAt: now, knownAt: null })
  return judge(answer, judgeOf, {
    kind: 'fact',
    isHeldBack: ({ origin }) => !isTrusted(origin),
    toCandidate: (fact) => ({
      id: fact.id,
      speaker: fact.isContested ? 'fact, contradicted by another' : 'fact',
      text: factText(fact),
      createdAt: fact.createdAt,
    }),
  })
}

function decide(
  found: readonly JudgedHit[],
  place: { readonly budget: number; readonly timezone: string },
): Recall {
  const extract = renderRecall(chooseShown(found), place)
  const shown = new Set(extract?.sources)
  const considered = found.map(({ candidate: { id }, kind, score, coverage, verdict }) => ({
    id,
    kind,
    score,
    coverage,
    verdict: shown.has(id) ? ('shown' as const) : (verdict ?? ('no-room' as const)),
  }))
  return { extract, considered }
}

/** Whether the turn has made no step yet, and nothing was looked up for it. */
function isBeginning({ turn, items, tailPosition }: TurnWork): boolean {
  if (turn.stepCount > 0) return false
  return !itemsFrom(items, tailPosition).some(({ kind }) => kind === 'tail')
}

/**
 * What the agent has that is not in view. System messages do not count: that of this conversation, and that of the default
 * one, which may have no others. Facts do once there are more than a prompt has room for.
 */
function outsideOf(work: ContextWork, inView: number): ReadonlySet<RecallVerdict['kind']> {
  const { messageCount, passageCount, conversation, facts, agent } = work
  const systemMessages = conversation.isDefault ? 1 : 2
  const hasHiddenFacts =
    facts.length >= promptFacts || chooseFacts(facts, agent.timezone).hidden.fact > 0
  const kinds = new Set<RecallVerdict['kind']>()
  if (messageCount > inView + systemMessages) kinds.add('message')
  if (passageCount > 0) kinds.add('passage')
  if (hasHiddenFacts) kinds.add('fact')
  return kinds
}

/** What the model sees anyway, by id. */
function seenIds({ items }: Pick<SentView, 'items'>, { lines }: ChosenFacts): SeenIds {
  const seen = new Map<string, 'in-view' | 'shown-before'>()
  for (const item of items) {
    if (item.kind === 'message') seen.set(item.message.id, 'in-view')
    else for (const id of item.sources) seen.set(id, 'shown-before')
  }
  for (const { ids } of lines) for (const id of ids) seen.set(id, 'in-view')
  return seen
}
