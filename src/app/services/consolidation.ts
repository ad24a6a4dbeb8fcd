import { consolidationActor, type ConsolidationPolicy } from '../../domain/consolidation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Cleanup } from '../../memory/consolidation/cleanup.ts'
import { planConsolidation } from '../../memory/consolidation/plan-consolidation.ts'
import type { JsonObject } from '../../util/json.ts'
import type { AppParts } from '../app-parts.ts'
import { writeMemory } from './memory-undo.ts'
import type { DescribedChange, DescribedProposal } from './memory-views.ts'
import { lastChanges, planCleanup } from './plan-cleanup.ts'
import { readProposal } from './proposed-edit.ts'
import { readMemory } from './read-memory.ts'

/** What came of tidying a memory. */
export interface Consolidation {
  /** What was found to tidy, whether it was done, proposed or left. */
  readonly cleanups: readonly Cleanup[]
  /** What was changed at once; each can be undone. */
  readonly changes: readonly DescribedChange[]
  /** What waits for a person, as the agent's edits are reviewed. */
  readonly proposals: readonly DescribedProposal[]
  /** How many were left alone: a person took the like back or rejected it, or somebody changed the place meanwhile. */
  readonly skipped: number
}

/** Tidying an agent's memory without a model. Every operation: `not_found` for an unknown agent. */
export interface ConsolidationService {
  /** Says what would be done; changes nothing. */
  preview(scope: TenantScope, agentId: string): Promise<Consolidation>
  /** Tidies; where the agent's edits are reviewed, proposes instead. At most {@link mostAtOnce} cleanups. */
  run(scope: TenantScope, agentId: string): Promise<Consolidation>
  /** When it is done by itself. */
  policy(scope: TenantScope, agentId: string): Promise<ConsolidationPolicy>
  setPolicy(
    scope: TenantScope,
    agentId: string,
    policy: ConsolidationPolicy,
  ): Promise<ConsolidationPolicy>
}

type Parts = Pick<AppParts, 'store' | 'clock'>

/** How much one run changes or proposes; the next one goes on. */
const mostAtOnce = 100
/** More proposals than anybody looks at. */
const manyProposals = 10_000

const never: ConsolidationPolicy = { everyTurns: null, afterIdleMinutes: null }

/** Makes the service that tidies memories. */
export function createConsolidationService(parts: Parts): ConsolidationService {
  const { store, clock } = parts
  return {
    async preview(scope, agentId) {
      const cleanups = await plan(parts, scope, agentId)
      return { cleanups, changes: [], proposals: [], skipped: 0 }
    },
    async run(scope, agentId) {
      const { memoryMode } = await store.getAgent(scope, { id: agentId })
      const cleanups = await plan(parts, scope, agentId)
      const work = { agentId, cleanups }
      const done = memoryMode === 'review' ? propose(parts, scope, work) : tidy(parts, scope, work)
      return { cleanups, changes: [], proposals: [], ...(await done) }
    },
    async policy(scope, agentId) {
      return (await store.getAgent(scope, { id: agentId })).consolidation ?? never
    },
    async setPolicy(scope, agentId, policy) {
      const isOff = policy.everyTurns === null && policy.afterIdleMinutes === null
      const set = { consolidation: isOff ? null : policy }
      const patch = { id: agentId, at: clock.now(), updatedById: scope.userId, set }
      return (await store.updateAgent(scope, patch)).consolidation ?? never
    },
  }
}

interface Work {
  readonly agentId: string
  readonly cleanups: readonly Cleanup[]
}

async function plan(
  parts: Parts,
  scope: TenantScope,
  agentId: string,
): Promise<readonly Cleanup[]> {
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
  return planConsolidation({ ...memory, sharedBlockIds: shared })
}

async function tidy(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanups }: Work,
): Promise<Pick<Consolidation, 'changes' | 'skipped'>> {
  const changes: DescribedChange[] = []
  let [made, skipped] = [0, 0]
  for (const cleanup of cleanups) {
    if (made === mostAtOnce) break
    const done = (await isTakenBack(parts, scope, { agentId, cleanup }))
      ? null
      : await tryCleanup(parts, scope, { agentId, cleanup })
    if (done === null) skipped += 1
    else {
      made += 1
      changes.push(...done)
    }
  }
  return { changes, skipped }
}

/** Whether a person undid the last change of something that a cleanup is about: then it stays as they want it. */
async function isTakenBack(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanup }: { readonly agentId: string; readonly cleanup: Cleanup },
): Promise<boolean> {
  const itemIds = [
    ...cleanup.blocks.map(({ blockId }) => blockId),
    ...cleanup.removedPassages.map(({ passageId }) => passageId),
    ...cleanup.mergedFacts.map(({ factId }) => factId),
  ]
  const last = await lastChanges(parts, scope, { agentId, itemIds })
  return [...last.values()].some(({ undoes }) => undoes !== null)
}

/** Makes a cleanup; null when somebody else came in between, as the next run sees what they left. */
async function tryCleanup(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanup }: { readonly agentId: string; readonly cleanup: Cleanup },
): Promise<readonly DescribedChange[] | null> {
  try {
    return await writeMemory(parts, scope, {
      agentId,
      reason: cleanup.reason,
      actor: consolidationActor,
      plan: () => planCleanup(parts, scope, { agentId, cleanup, blockEdits: cleanup.blocks }),
    })
  } catch (error) {
    if (isAppError(error, 'conflict') || isAppError(error, 'not_found')) return null
    throw error
  }
}

async function propose(
  { store, clock }: Parts,
  scope: TenantScope,
  { agentId, cleanups }: Work,
): Promise<Pick<Consolidation, 'proposals' | 'skipped'>> {
  const earlier = await store.listProposals(scope, { agentId, limit: manyProposals })
  const known = new Set(earlier.map((proposal) => readProposal(proposal).cleanup?.key))
  const fresh = cleanups.filter(({ key }) => !known.has(key))
  const wanted = fresh.slice(0, mostAtOnce)
  const proposals = await store.proposeMemory(scope, {
    agentId,
    edits: wanted.map(toEdit),
    cause: { actor: consolidationActor, reason: 'consolidate', sourceMessageIds: [] },
    at: clock.now(),
  })
  return {
    proposals: proposals.map((proposal) => ({ proposal, notes: readProposal(proposal).notes })),
    skipped: cleanups.length - fresh.length,
  }
}

/** A cleanup as a proposal holds it. */
function toEdit({ notes, blocks, ...cleanup }: Cleanup): JsonObject {
  const { removedLines, removedPassages, taggedPassages, mergedFacts } = cleanup
  return {
    blocks: blocks.map((each) => ({ ...each })),
    newBlocks: [],
    detachedBlocks: [],
    passages: [],
    facts: [],
    cleanup: {
      ...cleanup,
      removedLines: removedLines.map((each) => ({ ...each })),
      removedPassages: removedPassages.map((each) => ({ ...each })),
      taggedPassages: taggedPassages.map((each) => ({ ...each, tags: [...each.tags] })),
      mergedFacts: mergedFacts.map((each) => ({ ...each })),
    },
    notes: [...notes],
  }
}
