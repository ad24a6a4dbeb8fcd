import type { Agent } from '../../domain/agent.ts'
import { consolidationActor } from '../../domain/consolidation.ts'
import type { MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { Cleanup } from '../../memory/consolidation/cleanup.ts'
import type { ConsolidatedMemory } from '../../memory/consolidation/plan-consolidation.ts'
import type { SeenMemory } from '../../storage/contract/memory-store.ts'
import type { JsonObject } from '../../util/json.ts'
import type { AppParts } from '../app-parts.ts'
import { writeMemory } from './write-memory.ts'
import type { DescribedChange, DescribedProposal } from './memory-views.ts'
import { lastChanges, planCleanup } from './plan-cleanup.ts'
import { readProposal } from './proposed-edit.ts'

type Parts = Pick<AppParts, 'store' | 'clock'>

/** What is to be done with an agent's memory. */
export interface CleanupWork {
  readonly agentId: string
  readonly cleanups: readonly Cleanup[]
  /** What they were found in. */
  readonly memory: ConsolidatedMemory
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

/**
 * Makes cleanups, each in a transaction of its own; what somebody took back or rejected, what still waits for them, and what
 * came in between is left alone.
 */
export async function tidy(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanups }: Omit<CleanupWork, 'memory'>,
): Promise<CleanupOutcome> {
  const changes: DescribedChange[] = []
  let [made, skipped] = [0, 0]
  const known = await readKnown(parts, scope, agentId)
  for (const cleanup of cleanups) {
    if (made === mostAtOnce) break
    const done = (await isSettled(parts, scope, { agentId, cleanup, known }))
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

/** Of cleanups those that a run would make or propose: not what was taken back, rejected, or waits already. */
export async function stillToDo(
  parts: Parts,
  scope: TenantScope,
  { agent, cleanups }: { readonly agent: Pick<Agent, 'id'>; readonly cleanups: readonly Cleanup[] },
): Promise<readonly Cleanup[]> {
  const agentId = agent.id
  const known = await readKnown(parts, scope, agentId)
  const left: Cleanup[] = []
  for (const cleanup of cleanups) {
    if (!(await isSettled(parts, scope, { agentId, cleanup, known }))) left.push(cleanup)
  }
  return left
}

/** Whether a person has decided about a cleanup, or is still to: whichever way memory is edited by now, it is theirs. */
async function isSettled(
  parts: Parts,
  scope: TenantScope,
  given: {
    readonly agentId: string
    readonly cleanup: Cleanup
    readonly known: Pick<KnownProposals, 'keys'>
  },
): Promise<boolean> {
  return given.known.keys.has(given.cleanup.key) || (await isTakenBack(parts, scope, given))
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

/** The proposals of an agent, so that nothing is proposed twice. */
interface KnownProposals {
  /** Of those that wait or were rejected: what was applied and is to do again was done again since. */
  readonly keys: ReadonlySet<string | undefined>
  readonly newest: number
}

/**
 * Has cleanups wait for a person, each in a transaction of its own. What was proposed before is not proposed again, and
 * what was changed or forgotten since it was looked at is not proposed at all: a proposal quotes it.
 */
export async function propose(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanups, memory }: CleanupWork,
): Promise<CleanupOutcome> {
  const proposals: DescribedProposal[] = []
  let skipped = 0
  let known = await readKnown(parts, scope, agentId)
  for (const cleanup of cleanups) {
    if (proposals.length >= mostAtOnce) break
    let made = await tryProposal(parts, scope, { agentId, cleanup, memory, known })
    while (made === 'outrun') {
      known = await readKnown(parts, scope, agentId)
      made = await tryProposal(parts, scope, { agentId, cleanup, memory, known })
    }
    if (made === null) {
      skipped += 1
      continue
    }
    known = { ...known, newest: made.number }
    proposals.push({ proposal: made, notes: readProposal(made).notes })
  }
  return { changes: [], proposals, skipped }
}

async function readKnown(
  { store }: Pick<Parts, 'store'>,
  scope: TenantScope,
  agentId: string,
): Promise<KnownProposals> {
  const earlier = await store.listProposals(scope, { agentId, limit: manyProposals })
  return {
    keys: new Set(
      earlier
        .filter(({ state }) => state !== 'applied')
        .map((proposal) => readProposal(proposal).cleanup?.key),
    ),
    newest: earlier[0]?.number ?? 0,
  }
}

/**
 * Stores a proposal; null when it is known already or memory is another by now, `outrun` when something else was proposed
 * meanwhile.
 */
async function tryProposal(
  parts: Parts,
  scope: TenantScope,
  proposed: {
    readonly agentId: string
    readonly cleanup: Cleanup
    readonly memory: ConsolidatedMemory
    readonly known: KnownProposals
  },
): Promise<MemoryProposal | 'outrun' | null> {
  const { agentId, cleanup, memory, known } = proposed
  if (await isSettled(parts, scope, proposed)) return null
  const { store, clock } = parts
  try {
    const [proposal] = await store.proposeMemory(scope, {
      agentId,
      edits: [toEdit(cleanup)],
      seen: seenBy(cleanup, memory),
      newest: known.newest,
      cause: { actor: consolidationActor, reason: 'consolidate', sourceMessageIds: [] },
      at: clock.now(),
    })
    return proposal ?? null
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
    return error.data['reason'] === 'proposed' ? 'outrun' : null
  }
}

/** Everything that a cleanup quotes or changes, as it was when it was found. */
function seenBy(cleanup: Cleanup, { passages, facts }: ConsolidatedMemory): SeenMemory {
  const { removedLines, removedPassages, taggedPassages, mergedFacts } = cleanup
  const ids = new Set([
    ...removedLines.map(({ keptBy }) => keptBy),
    ...removedPassages.flatMap(({ passageId, keptBy }) => [passageId, keptBy]),
    ...taggedPassages.map(({ passageId }) => passageId),
    ...mergedFacts.flatMap(({ factId, keptBy }) => [factId, keptBy]),
  ])
  return {
    blocks: cleanup.blocks.map(({ blockId, expectedVersion }) => ({ blockId, expectedVersion })),
    passages: passages.flatMap(({ id: passageId, text }) =>
      ids.has(passageId) ? [{ passageId, text }] : [],
    ),
    facts: facts.flatMap(({ id: factId, version: expectedVersion }) =>
      ids.has(factId) ? [{ factId, expectedVersion }] : [],
    ),
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
