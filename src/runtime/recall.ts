import {
  type CompileInput,
  type ContextWork,
  inputText,
  nextView,
  type SentView,
} from '../context/compile-context.ts'
import { renderRecall, type RecallCandidate, type RecallExtract } from '../context/recall-text.ts'
import { windowBudget } from '../context/window-budget.ts'
import { itemsFrom } from '../domain/conversation-items.ts'
import type { RecallVerdict } from '../domain/prompt-trace.ts'
import type { Message } from '../domain/message.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { SearchAnswer } from '../domain/search.ts'
import { analyse } from '../memory/analysis/analyse.ts'
import { createAgentSearch } from '../memory/search/create-agent-search.ts'
import { searchConstants } from '../memory/search/search-constants.ts'
import { searchableText } from '../memory/search/search-entry.ts'
import type { TurnWork } from '../storage/contract/turn-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import { turnMessageIds } from './turn-state.ts'

/** What was looked up for a turn, and what became of each thing found. */
export interface Recall {
  /** What is shown; null = nothing relevant lies outside of the view. */
  readonly extract: RecallExtract | null
  readonly considered: readonly RecallVerdict[]
}

/** How many hits of a kind are looked at, and how many may be shown. */
const lookedAt = 50
const mostShown = 8

/** What a hit must reach of the best one of its kind. */
const leastScore = 0.3
const leastCoverageShare = 0.6

/** The part of its words that a text must have beside those of what the user says: else it tells nothing. */
const leastNovelty = 0.25

/** The part of what a request may use that recalled text may take, at most. */
const windowShare = 1 / 16

/**
 * Looks up what lies outside of the view and may help with what the user just said; null when there is nothing to look up:
 * the turn has begun already, all is in view, nothing was said, or a model that only quotes answers.
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
  const query = inputText(work).trim()
  if (budget === 0 || model.extractive || query === '' || !isBeginning(work)) return null
  const outside = outsideOf(work)
  if (!outside.messages && !outside.passages) return null
  const search = createAgentSearch({
    store: parts.store,
    scope,
    agentId: work.agent.id,
    timezone: work.agent.timezone,
    now: parts.clock.now(),
  })
  const open = { text: query, from: null, until: null, limit: lookedAt }
  const messages = outside.messages
    ? await search.messages({
        ...open,
        roles: ['user', 'assistant'],
        excludeIds: turnMessageIds(work),
        distinct: true,
      })
    : null
  const passages = outside.passages
    ? await search.passages({ ...open, tags: [], tagMatch: 'any' })
    : null
  const judgeOf = createJudge(query, seenIds(nextView(input)))
  const found = [
    ...judge(messages, judgeOf, (message) => ({
      id: message.id,
      speaker: speakerOf(message),
      text: searchableText(message),
      createdAt: message.createdAt,
    })).map((hit) => ({ ...hit, kind: 'message' as const })),
    ...judge(passages, judgeOf, (passage) => ({ ...passage, speaker: 'archive' })).map((hit) => ({
      ...hit,
      kind: 'passage' as const,
    })),
  ]
  return decide(found, { budget, timezone: work.agent.timezone })
}

function decide(
  found: readonly (JudgedHit & { readonly kind: RecallVerdict['kind'] })[],
  place: { readonly budget: number; readonly timezone: string },
): Recall {
  const best = found
    .filter(({ verdict }) => verdict === null)
    .toSorted((left, right) => right.coverage - left.coverage || right.score - left.score)
    .slice(0, mostShown)
  const extract = renderRecall(
    best.map(({ candidate }) => candidate),
    place,
  )
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

/** Why something that is found need not be shown, by id. */
type SeenIds = ReadonlyMap<string, 'in-view' | 'shown-before'>

interface JudgedHit {
  readonly candidate: RecallCandidate
  readonly score: number
  readonly coverage: number
  /** Why it is not worth showing; null = it is. */
  readonly verdict: Verdict | null
}

type Verdict = Exclude<RecallVerdict['verdict'], 'shown' | 'no-room'>

/** Says why a text need not be shown, whatever its rank; null = no reason. */
type Judge = (candidate: RecallCandidate) => Verdict | null

function createJudge(query: string, seen: SeenIds): Judge {
  const asked = new Set(analyse(query))
  return ({ id, text }) => {
    const known = seen.get(id)
    if (known !== undefined) return known
    const words = new Set(analyse(text))
    const fresh = words.difference(asked).size
    return fresh < words.size * leastNovelty ? 'not-new' : null
  }
}

/** Hits with the verdict whether they match well, and nearly as well as the best one that is not seen anyway. */
function judge<Item>(
  answer: SearchAnswer<Item> | null,
  judgeOf: Judge,
  toCandidate: (item: Item) => RecallCandidate,
): readonly JudgedHit[] {
  if (answer === null) return []
  const hits = answer.hits.map(({ item, score, coverage }) => {
    const candidate = toCandidate(item)
    return { candidate, score, coverage, verdict: judgeOf(candidate) }
  })
  const open = hits.filter(({ verdict }) => verdict === null)
  const bestCoverage = open.reduce((most, { coverage }) => Math.max(most, coverage), 0)
  const bestScore = open.reduce((most, { score }) => Math.max(most, score), 0)
  const least = Math.max(searchConstants.leastCoverage, bestCoverage * leastCoverageShare)
  return hits.map((hit) => {
    const isNear = hit.coverage >= least && hit.score >= bestScore * leastScore
    return { ...hit, verdict: hit.verdict ?? (isNear ? null : 'not-relevant') }
  })
}

function speakerOf({ name, role }: Message): string {
  return name ?? role
}

/** Whether the turn has made no step yet, and nothing was looked up for it. */
function isBeginning({ turn, items, tailPosition }: TurnWork): boolean {
  if (turn.stepCount > 0) return false
  return !itemsFrom(items, tailPosition).some(({ kind }) => kind === 'tail')
}

/**
 * Whether the agent has messages or passages that are not in view. System messages do not count: that of this conversation, and
 * that of the default one, which may have no others.
 */
function outsideOf({ items, messageCount, passageCount, conversation }: ContextWork): {
  readonly messages: boolean
  readonly passages: boolean
} {
  const inView = items.filter(({ kind }) => kind === 'message').length
  const systemMessages = conversation.isDefault ? 1 : 2
  return { messages: messageCount > inView + systemMessages, passages: passageCount > 0 }
}

/** What the model sees anyway, by id. */
function seenIds({ items }: SentView): SeenIds {
  const seen = new Map<string, 'in-view' | 'shown-before'>()
  for (const item of items) {
    if (item.kind === 'message') seen.set(item.message.id, 'in-view')
    else for (const id of item.sources) seen.set(id, 'shown-before')
  }
  return seen
}
