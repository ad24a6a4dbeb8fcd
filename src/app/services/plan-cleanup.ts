import type { Passage } from '../../domain/archive.ts'
import type { Agent } from '../../domain/agent.ts'
import type { StatedFact } from '../../domain/fact.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { findUnreplaced } from '../../memory/admission/find-unreplaced.ts'
import type { Cleanup } from '../../memory/consolidation/cleanup.ts'
import { toFactWrite } from '../../memory/facts/fact-write.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { BlockEdit } from '../../storage/contract/turn-store.ts'
import type { AppParts } from '../app-parts.ts'
import type { PartialWrite } from './write-memory.ts'

type Parts = Pick<AppParts, 'store'>

/** A cleanup and what it makes of blocks as they are now. */
export interface CleanupPlan {
  readonly agentId: string
  readonly cleanup: Omit<Cleanup, 'notes' | 'blocks'>
  readonly blockEdits: readonly BlockEdit[]
}

/**
 * What a cleanup means for memory as it is now. `conflict` when something it is about was changed since, or when what was
 * to keep what goes does not: then nothing of it is done.
 */
export async function planCleanup(
  parts: Parts,
  scope: TenantScope,
  { agentId, cleanup, blockEdits }: CleanupPlan,
): Promise<PartialWrite> {
  const { store } = parts
  const agent = await store.getAgent(scope, { id: agentId })
  const passages = await readPassages(parts, scope, cleanup)
  const facts = await readFacts(parts, scope, { agentId, cleanup })
  const blocks = await store.listAgentBlocks(scope, { agentId })
  const lost = findUnreplaced(cleanup, {
    passages: [...passages.values()],
    facts: [...facts.values()],
    blocks: blockEdits.flatMap(({ blockId: id, value: after }) => {
      const block = blocks.find((candidate) => candidate.id === id)
      return block === undefined || after === undefined ? [] : [{ id, before: block.value, after }]
    }),
  })
  if (lost !== null) throw stale(`nothing would say ${JSON.stringify(lost)} any more`)
  const versions = await lastChanges(parts, scope, { agentId, itemIds: [...passages.keys()] })
  const expect = (id: string, text: string): { passageId: string; expectedVersion: number } => {
    if (passages.get(id)?.text !== text) throw stale('a text it is about was changed since')
    return { passageId: id, expectedVersion: versions.get(id)?.version ?? 1 }
  }
  return {
    // What keeps a text that goes has to be there when it goes, whether it is changed itself or not.
    seen: {
      blocks: [],
      passages: [...passages.values()].map(({ id: passageId, text }) => ({ passageId, text })),
      facts: [...facts.values()].map(({ id: factId, version: expectedVersion }) => ({
        factId,
        expectedVersion,
      })),
    },
    blockEdits,
    deletedPassages: cleanup.removedPassages.map(({ passageId, text }) => expect(passageId, text)),
    passageEdits: cleanup.taggedPassages.map(({ passageId, text, becomes = text, ...set }) => {
      const expected = expect(passageId, text)
      const passage = passages.get(passageId)
      if (passage === undefined) throw stale('a text it is about is gone')
      const entry = passageEntry({ ...passage, text: becomes }, agent)
      return { ...expected, ...set, text: becomes, entry }
    }),
    facts: cleanup.mergedFacts.flatMap((merged) => toWrites(merged, { facts, agent })),
  }
}

/** The last change of each item, where one is stored. */
export async function lastChanges(
  { store }: Parts,
  scope: TenantScope,
  { agentId, itemIds }: { readonly agentId: string; readonly itemIds: readonly string[] },
): Promise<ReadonlyMap<string, MemoryChange>> {
  const found = new Map<string, MemoryChange>()
  for (const itemId of itemIds) {
    const [last] = await store.listMemoryChanges(scope, { agentId, itemId, limit: 1 })
    if (last !== undefined) found.set(itemId, last)
  }
  return found
}

async function readPassages(
  { store }: Parts,
  scope: TenantScope,
  { removedPassages, taggedPassages }: CleanupPlan['cleanup'],
): Promise<ReadonlyMap<string, Passage>> {
  const ids = new Set([
    ...removedPassages.flatMap(({ passageId, keptBy }) => [passageId, keptBy]),
    ...taggedPassages.map(({ passageId }) => passageId),
  ])
  if (ids.size === 0) return new Map()
  const passages = await store.getPassages(scope, { ids: [...ids] })
  return new Map(passages.map((passage) => [passage.id, passage]))
}

async function readFacts(
  { store }: Parts,
  scope: TenantScope,
  { agentId, cleanup }: Pick<CleanupPlan, 'agentId' | 'cleanup'>,
): Promise<ReadonlyMap<string, StatedFact>> {
  const ids = new Set([
    ...cleanup.mergedFacts.flatMap(({ factId, keptBy }) => [factId, keptBy]),
    ...cleanup.removedLines.map(({ keptBy }) => keptBy),
  ])
  if (ids.size === 0) return new Map()
  const facts = await store.listFacts(scope, { agentId, ids: [...ids], limit: ids.size })
  return new Map(facts.map((fact) => [fact.id, fact]))
}

/** Gives the statement that stays the sources of the one that goes. */
function toWrites(
  { factId, keptBy }: Cleanup['mergedFacts'][number],
  { facts, agent }: { readonly facts: ReadonlyMap<string, StatedFact>; readonly agent: Agent },
): readonly FactWrite[] {
  const [fact, keeper] = [facts.get(factId), facts.get(keptBy)]
  if (fact === undefined || keeper === undefined) throw stale('a fact it is about is gone')
  const sourceMessageIds = [...new Set([...keeper.sourceMessageIds, ...fact.sourceMessageIds])]
  const writing = { timezone: agent.timezone, newId: () => factId }
  const edit = { action: 'edit', before: keeper, set: { sourceMessageIds } } as const
  return [
    ...(sourceMessageIds.length > keeper.sourceMessageIds.length
      ? [toFactWrite(edit, writing)]
      : []),
    toFactWrite({ action: 'delete', before: fact }, writing),
  ]
}

function stale(state: string): AppError {
  return new AppError('conflict', `Cannot tidy memory: ${state}. Consolidate again.`, {
    data: { reason: 'overlap' },
  })
}
