import {
  type ConsolidationPolicy,
  type ConsolidatorReport,
  policyOf,
} from '../../domain/consolidation.ts'
import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Cleanup } from '../../memory/consolidation/cleanup.ts'
import {
  type ConsolidatedMemory,
  planConsolidation,
} from '../../memory/consolidation/plan-consolidation.ts'
import type { LintedMemory } from '../../memory/lint/lint-memory.ts'
import type { AppParts } from '../app-parts.ts'
import {
  type CleanupOutcome,
  type CleanupWork,
  propose,
  stillToDo,
  tidy,
} from './apply-cleanups.ts'
import { askConsolidator, markSeen, unasked } from './ask-consolidator.ts'
import { type MemorySource, readMemory } from './read-memory.ts'

/** What came of tidying a memory. */
export interface Consolidation extends CleanupOutcome {
  /** What was found to tidy, whether it was done, proposed or left. */
  readonly cleanups: readonly Cleanup[]
  /** How many texts of the archive were not looked at, as there are too many: the oldest. */
  readonly unread: number
  /** What came of asking a model. */
  readonly model: ConsolidatorReport
}

/** Which way a memory is tidied. */
export interface ConsolidationRequest {
  /** Whether a model is asked, too, where the agent's policy has a budget. Default: true. */
  readonly withModel?: boolean
  /** Stops the model; what it would have said is lost then. */
  readonly signal?: AbortSignal
}

/** Tidying an agent's memory. Every operation: `not_found` for an unknown agent. */
export interface ConsolidationService {
  /** Says what would be done without a model; changes nothing. */
  preview(scope: TenantScope, agentId: string): Promise<Consolidation>
  /**
   * Tidies by rules, then by what a model suggests. Where the agent's edits are reviewed, proposes instead, and so
   * does it with whatever only a person can judge. A model that fails changes nothing.
   */
  run(scope: TenantScope, agentId: string, request?: ConsolidationRequest): Promise<Consolidation>
  /** When it is done by itself, and what a model may take. */
  policy(scope: TenantScope, agentId: string): Promise<ConsolidationPolicy>
  /** `model_not_found` and the like for a model that cannot be used. */
  setPolicy(
    scope: TenantScope,
    agentId: string,
    policy: ConsolidationPolicy,
  ): Promise<ConsolidationPolicy>
}

type Parts = Pick<AppParts, 'store' | 'clock' | 'models'> & Pick<MemorySource, 'mostPassages'>

/** Makes the service that tidies memories. */
export function createConsolidationService(parts: Parts): ConsolidationService {
  const { store, clock, models } = parts
  return {
    async preview(scope, agentId) {
      const agent = await store.getAgent(scope, { id: agentId })
      const memory = await readConsolidated(parts, scope, agentId)
      const planned = planConsolidation(memory)
      const cleanups = await stillToDo(parts, scope, { agent, cleanups: planned })
      const model = await unasked(parts, scope, agent)
      const { unread } = memory
      const skipped = planned.length - cleanups.length
      return { cleanups, unread, changes: [], proposals: [], skipped, model }
    },
    async run(scope, agentId, { withModel = true, signal } = {}) {
      const agent = await store.getAgent(scope, { id: agentId })
      const before = await readConsolidated(parts, scope, agentId)
      const { unread } = before
      const cleanups = planConsolidation(before)
      const byRule = await makeCleanups(parts, scope, { agent, cleanups, memory: before })
      if (!withModel) {
        return { cleanups, unread, ...byRule, model: await unasked(parts, scope, agent) }
      }
      const memory = await readConsolidated(parts, scope, agentId)
      const { certain, uncertain, mark, report } = await askConsolidator(parts, scope, {
        agent,
        memory,
        signal,
      })
      const made = await makeCleanups(parts, scope, { agent, cleanups: certain, memory })
      const proposed = await propose(parts, scope, { agentId, cleanups: uncertain, memory })
      // Last, so that what a process did not live to make is asked for again.
      if (mark !== null) await markSeen(parts, scope, { agentId, mark })
      const outcomes = [byRule, made, proposed]
      return {
        cleanups: [...cleanups, ...certain, ...uncertain],
        unread,
        changes: outcomes.flatMap(({ changes }) => changes),
        proposals: outcomes.flatMap(({ proposals }) => proposals),
        skipped: outcomes.reduce((sum, { skipped }) => sum + skipped, 0),
        model: report,
      }
    },
    async policy(scope, agentId) {
      return policyOf(await store.getAgent(scope, { id: agentId }))
    },
    async setPolicy(scope, agentId, policy) {
      const model = policy.model === null ? null : await models.canonicalHandle(policy.model)
      const isOff = Object.values(policy).every((value) => value === null)
      const set = { consolidation: isOff ? null : { ...policy, model } }
      const patch = { id: agentId, at: clock.now(), updatedById: scope.userId, set }
      return policyOf(await store.updateAgent(scope, patch))
    },
  }
}

async function makeCleanups(
  parts: Parts,
  scope: TenantScope,
  { agent, ...found }: Omit<CleanupWork, 'agentId'> & { readonly agent: Agent },
): Promise<CleanupOutcome> {
  const work = { agentId: agent.id, ...found }
  return agent.memoryMode === 'review'
    ? await propose(parts, scope, work)
    : await tidy(parts, scope, work)
}

async function readConsolidated(
  parts: Parts,
  scope: TenantScope,
  agentId: string,
): Promise<ConsolidatedMemory & Pick<LintedMemory, 'unread'>> {
  const memory = await readMemory(parts, scope, agentId)
  const shared = new Set<string>()
  for (const { id: blockId } of memory.blocks) {
    // Agents that the caller does not see count, too.
    const agents = await parts.store.listAgents(
      { ...scope, agentIds: undefined },
      {
        filter: { blockId, includeHidden: true },
        page: { limit: 2, order: 'asc', orderBy: 'createdAt' },
      },
    )
    if (agents.length > 1) shared.add(blockId)
  }
  return { ...memory, sharedBlockIds: shared }
}
