import { consolidationActor } from '../../domain/consolidation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Cleanup } from '../../memory/consolidation/cleanup.ts'
import type { JsonObject } from '../../util/json.ts'
import type { AppParts } from '../app-parts.ts'
import { writeMemory } from './memory-undo.ts'
import type { DescribedChange, DescribedProposal } from './memory-views.ts'
import { lastChanges, planCleanup } from './plan-cleanup.ts'
import { readProposal } from './proposed-edit.ts'

type Parts = Pick<AppParts, 'store' | 'clock'>

/** What is to be done with an agent's memory. */
export interface CleanupWork {
  readonly agentId: string
  readonly cleanups: readonly Cleanup[]
}

/** What came of it. */
export interface CleanupOutcome {
  readonly changes: readonly DescribedChange[]
  readonly proposals: readonly DescribedProposal[]
  /** How many were left alone. */
  readonly skipped: number
}

/** How much one run changes or proposes; the next one goes on. */
const mostAtOnce = 100
/** More proposals than anybody looks at. */
const manyProposals = 10_000

/** Makes cleanups, each in a transaction of its own; what somebody took back or came in between is left alone. */
export async function tidy(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanups }: CleanupWork,
): Promise<CleanupOutcome> {
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
  return { changes, proposals: [], skipped }
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

/** Has cleanups wait for a person; what was proposed before is not proposed again. */
export async function propose(
  { store, clock }: Parts,
  scope: TenantScope,
  { agentId, cleanups }: CleanupWork,
): Promise<CleanupOutcome> {
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
    changes: [],
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
      taggedPassages: taggedPassages.map(({ tags, sourceMessageIds, ...each }) => ({
        ...each,
        tags: [...tags],
        ...(sourceMessageIds !== undefined && { sourceMessageIds: [...sourceMessageIds] }),
      })),
      mergedFacts: mergedFacts.map((each) => ({ ...each })),
    },
    notes: [...notes],
  }
}
