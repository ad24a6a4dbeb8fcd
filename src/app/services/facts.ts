import type { Agent } from '../../domain/agent.ts'
import type { Origin } from '../../domain/archive.ts'
import { type Fact, type FactKind, isTrusted } from '../../domain/fact.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import { AppError } from '../../errors/app-error.ts'
import { slotOf } from '../../memory/facts/fact-keys.ts'
import type { FactRequest } from '../../memory/facts/place-fact.ts'
import { readMoment } from '../../memory/facts/read-time.ts'
import { type GivenFact, toInstruction, toStatement } from '../../memory/facts/to-statement.ts'
import type { AgentSearch } from '../../memory/search/agent-search.ts'
import { createAgentSearch } from '../../memory/search/create-agent-search.ts'
import { readRange } from '../../memory/time-range.ts'
import { buildTimeline, type Timeline } from '../../memory/timeline/build-timeline.ts'
import type { AppParts } from '../app-parts.ts'
import type { DescribedChange } from './memory-views.ts'
import { writeMemory } from './write-memory.ts'
import { planFacts } from './plan-facts.ts'

/** Which facts, with times as a person writes them, read in the agent's zone. */
export interface FactListQuery {
  readonly kind: FactKind
  readonly text: string
  readonly subject?: string | undefined
  readonly attribute?: string | undefined
  /** What was true then. Default: now. */
  readonly asOf?: string | undefined
  /** As it was known then. Default: as it is known now. */
  readonly knownAt?: string | undefined
  /** Only what began to be true then or later. */
  readonly from?: string | undefined
  /** Only what began to be true then or earlier. */
  readonly to?: string | undefined
  /** Whether values that do not hold are listed, too. */
  readonly history: boolean
  readonly limit: number
  readonly offset: number
}

/** Where a statement comes from. */
export interface FactSource {
  /** Default: `user`. */
  readonly origin?: Origin | undefined
  readonly sourceMessageIds?: readonly string[] | undefined
}

/** What came of a statement. */
export interface StatedResult {
  /** Empty when it was known already. */
  readonly changes: readonly DescribedChange[]
  /** What holds now of what it is about; several when they contradict each other. */
  readonly current: readonly Fact[]
}

/** What to put in order, with times as a person writes them. */
export interface TimelineRequest {
  readonly text: string
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly newestFirst: boolean
  readonly limit: number
  readonly offset: number
}

/** Facts and standing instructions of an agent. Every operation: `not_found` for an unknown agent. */
export interface FactService {
  /** Facts or instructions, best first when there are words to look for. `validation_failed` for unreadable times. */
  list(scope: TenantScope, agentId: string, query: FactListQuery): Promise<SearchAnswer<Fact>>
  /** Every version of every statement about what a fact, or a subject and an attribute, is about; by time. */
  history(
    scope: TenantScope,
    agentId: string,
    which: { readonly factId: string } | Pick<GivenFact, 'subject' | 'attribute'>,
  ): Promise<readonly Fact[]>
  /** States a fact. `not_found` for a source that is no message of the agent, `invalid_argument`, `validation_failed` for unreadable times. */
  add(
    scope: TenantScope,
    agentId: string,
    fact: GivenFact & FactSource & { readonly corrects: boolean },
  ): Promise<StatedResult>
  /** Gives an instruction. `invalid_argument`, also for one that a tool or the web gave. */
  instruct(
    scope: TenantScope,
    agentId: string,
    given: FactSource & { readonly text: string; readonly until?: string | undefined },
  ): Promise<StatedResult>
  /** Takes a fact or an instruction back; it stays in the history. `not_found`. */
  remove(
    scope: TenantScope,
    agentId: string,
    which: { readonly factId: string; readonly kind: FactKind },
  ): Promise<readonly DescribedChange[]>
  /** What is stored of something in the order in which it happened. `validation_failed` as {@link readRange}. */
  timeline(scope: TenantScope, agentId: string, query: TimelineRequest): Promise<Timeline>
}

/** More versions than anybody looks at. */
const manyVersions = 1000

/** Makes the service of facts. */
export function createFactService(parts: AppParts): FactService {
  const { store } = parts
  return {
    list: (scope, agentId, query) => listFacts(parts, scope, { agentId, query }),
    async history(scope, agentId, which) {
      const slot =
        'factId' in which
          ? await slotOfFact(parts, scope, { agentId, factId: which.factId })
          : slotOf(which.subject ?? '', which.attribute)
      const query = { agentId, slots: [slot], knownAt: 'ever', order: 'time' } as const
      return await store.listFacts(scope, { ...query, limit: manyVersions })
    },
    async add(scope, agentId, { corrects, ...given }) {
      const agent = await store.getAgent(scope, { id: agentId })
      await requireSources(parts, scope, { agentId, ...given })
      const statement = toStatement(given, statingOf(parts, agent, given))
      return await state(parts, scope, { agent, request: { kind: 'state', statement, corrects } })
    },
    async instruct(scope, agentId, given) {
      const agent = await store.getAgent(scope, { id: agentId })
      const stating = statingOf(parts, agent, given)
      if (!isTrusted(stating.origin)) throw noInstruction(stating.origin)
      await requireSources(parts, scope, { agentId, ...given })
      const statement = toInstruction(given, stating)
      return await state(parts, scope, {
        agent,
        request: { kind: 'state', statement, corrects: false },
      })
    },
    async remove(scope, agentId, { factId, kind }) {
      const agent = await store.getAgent(scope, { id: agentId })
      const [present] = await store.listFacts(scope, { agentId, kind, ids: [factId], limit: 1 })
      if (present === undefined) throw unknownFact(factId)
      return await change(parts, scope, {
        agent,
        request: { kind: 'close', factId },
        reason: `remove ${kind}`,
        sourceMessageIds: [],
      })
    },
    timeline: (scope, agentId, query) => readTimeline(parts, scope, { agentId, query }),
  }
}

/** Sees to it that what a statement is said to rest on is there to be shown. `not_found`. */
async function requireSources(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, sourceMessageIds: ids = [] }: FactSource & { readonly agentId: string },
): Promise<void> {
  if (ids.length === 0) return
  const messages = await store.getMessages(scope, { ids })
  const own = new Set(messages.filter((each) => each.agentId === agentId).map(({ id }) => id))
  const missing = ids.find((id) => !own.has(id))
  if (missing === undefined) return
  throw new AppError(
    'not_found',
    `Cannot state a fact with the source ${missing}: the agent has no message of this id. List its messages, or leave the source out.`,
    { data: { kind: 'message', id: missing } },
  )
}

async function listFacts(
  parts: AppParts,
  scope: TenantScope,
  { agentId, query }: { readonly agentId: string; readonly query: FactListQuery },
): Promise<SearchAnswer<Fact>> {
  const { timezone } = await parts.store.getAgent(scope, { id: agentId })
  const { subject, attribute, asOf, knownAt, from, to, limit, offset, kind } = query
  const now = parts.clock.now()
  const moment = (text: string | undefined, name: string): number | null =>
    text === undefined ? null : readMoment({ text, name, now, timezone })
  return await searchOf(parts, scope, { agentId, timezone, now }).facts({
    text: [query.text, attribute === undefined ? (subject ?? '') : ''].join(' ').trim(),
    ...(attribute !== undefined && { slots: [slotOf(subject ?? '', attribute)] }),
    kind,
    validAt: moment(asOf, 'as_of') ?? (query.history ? null : now),
    knownAt: moment(knownAt, 'known_at'),
    ...readRange({ start: from, end: to, names: ['from', 'to'], now, timezone }),
    limit,
    offset,
    counts: true,
  })
}

async function readTimeline(
  parts: AppParts,
  scope: TenantScope,
  { agentId, query }: { readonly agentId: string; readonly query: TimelineRequest },
): Promise<Timeline> {
  const { timezone } = await parts.store.getAgent(scope, { id: agentId })
  const now = parts.clock.now()
  const { from, to, ...rest } = query
  const search = searchOf(parts, scope, { agentId, timezone, now })
  const range = readRange({ start: from, end: to, names: ['from', 'to'], now, timezone })
  return await buildTimeline(search, { ...rest, ...range, excludeIds: [] }, timezone)
}

function searchOf(
  { store, texts }: AppParts,
  scope: TenantScope,
  place: { readonly agentId: string; readonly timezone: string; readonly now: number },
): AgentSearch {
  return createAgentSearch({ store, texts, scope, ...place })
}

function statingOf(
  { clock }: AppParts,
  { id: agentId, timezone }: Agent,
  { origin = 'user', sourceMessageIds = [] }: FactSource,
): Parameters<typeof toStatement>[1] {
  return { agentId, origin, sourceMessageIds, now: clock.now(), timezone }
}

async function state(
  parts: AppParts,
  scope: TenantScope,
  { agent, request }: { readonly agent: Agent; readonly request: FactRequest & { kind: 'state' } },
): Promise<StatedResult> {
  const { slot, kind, sourceMessageIds } = request.statement
  const reason = `add ${kind}`
  const changes = await change(parts, scope, { agent, request, reason, sourceMessageIds })
  const current = await parts.store.listFacts(scope, {
    agentId: agent.id,
    slots: [slot],
    validAt: parts.clock.now(),
    limit: manyVersions,
  })
  return { changes, current }
}

async function change(
  parts: AppParts,
  scope: TenantScope,
  given: {
    readonly agent: Agent
    readonly request: FactRequest
    readonly reason: string
    readonly sourceMessageIds: readonly string[]
  },
): Promise<readonly DescribedChange[]> {
  const { agent, request, reason, sourceMessageIds } = given
  const actor = { kind: 'user', id: scope.userId } as const
  return await writeMemory(parts, scope, {
    agentId: agent.id,
    reason,
    sourceMessageIds,
    plan: async () => ({
      facts: await planFacts(parts, scope, { agent, requests: [request], actor }),
    }),
  })
}

async function slotOfFact(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, factId }: { readonly agentId: string; readonly factId: string },
): Promise<string> {
  const query = { agentId, ids: [factId], knownAt: 'ever', limit: 1 } as const
  const [fact] = await store.listFacts(scope, query)
  if (fact === undefined) throw unknownFact(factId)
  return fact.slot
}

function unknownFact(id: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find the fact ${id}: the agent knows none with this id. List its facts.`,
    { data: { kind: 'fact', id } },
  )
}

function noInstruction(origin: Origin): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot keep the instruction: what comes from "${origin}" may inform an agent, not instruct it. State it as the user's own if it is.`,
  )
}
