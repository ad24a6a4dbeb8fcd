import { changeName, type MemoryState } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { AppParts } from '../app-parts.ts'
import { currentBlock, planBlockUndo, toFields } from './block-undo.ts'
import { currentFact, planFactUndo, toFactState } from './fact-undo.ts'
import { subjectOf } from './item-history.ts'
import { findItem, readChange, readStates } from './memory-history.ts'
import type { DescribedChange, RestoreRequest } from './memory-views.ts'
import { currentPassage, planPassageUndo, withEntry } from './passage-undo.ts'
import { type HistorySource, readChanges } from './read-changes.ts'
import { recordStates } from './recorded-states.ts'
import { forgotten, gone, inTheWay, laterChanges, type UndoRequest } from './undo-refusals.ts'
import { type PartialWrite, writeMemory } from './write-memory.ts'

/** Takes one change back and keeps later ones. */
export async function undoChange(
  parts: AppParts,
  scope: TenantScope,
  { agentId, number }: { readonly agentId: string; readonly number: number },
): Promise<readonly DescribedChange[]> {
  const plan = fromStates(parts, async (recorded) => {
    const change = await readChange(recorded, scope, { agentId, number })
    const [states] = await readStates(recorded, scope, { agentId, changes: [change] })
    return await planUndo(recorded, scope, { agentId, change, states })
  })
  const reason = `undo ${changeName(number)}`
  return await writeMemory(parts, scope, { agentId, reason, plan })
}

/** Makes an item again what it was at a version or a time. */
export async function restoreMemory(
  parts: AppParts & Pick<HistorySource, 'pageSize'>,
  scope: TenantScope,
  request: RestoreRequest & { readonly agentId: string },
): Promise<readonly DescribedChange[]> {
  const { agentId, item, to } = request
  const itemId = await findItem(parts, scope, { agentId, item })
  const subject = subjectOf(itemId)
  const reason = 'version' in to ? `restore version ${to.version}` : 'restore a time'
  const plan = fromStates(parts, async (recorded) => {
    const version = await versionOf({ ...parts, ...recorded }, scope, { agentId, itemId, to })
    const versions = [{ subject, itemId, version } as const]
    const [state] = await recorded.store.getMemoryStates(scope, { agentId, versions })
    if (state === null || state === undefined) throw nothingThen(item)
    return await planRestore(recorded, scope, { agentId, itemId, state })
  })
  return await writeMemory(parts, scope, { agentId, reason, plan })
}

/** A plan that is made anew each time, from past versions that have to be there still when it is written. */
function fromStates(
  parts: AppParts,
  plan: (recorded: AppParts) => Promise<PartialWrite>,
): () => Promise<PartialWrite> {
  return async () => {
    const { store, seen } = recordStates(parts.store)
    const write = await plan({ ...parts, store })
    return { ...write, seen: seen() }
  }
}

async function planUndo(
  parts: AppParts,
  scope: TenantScope,
  request: UndoRequest,
): Promise<PartialWrite> {
  const { subject, number: undoes } = request.change
  switch (subject) {
    case 'fact':
    case 'instruction':
      return { facts: [await planFact(parts, scope, request)], undoes }
    case 'passage':
      return { ...(await planPassageUndo(parts, scope, request)), undoes }
    case 'block':
      return { ...(await planBlockUndo(parts, scope, request)), undoes }
  }
}

async function planFact(
  parts: AppParts,
  scope: TenantScope,
  request: UndoRequest,
): Promise<FactWrite> {
  const { agentId, change, states } = request
  const current = await currentFact(parts, scope, { agentId, itemId: change.itemId })
  const state = states?.before ?? null
  const before = state !== null && 'fact' in state ? state.fact : null
  const { timezone } = await parts.store.getAgent(scope, { id: agentId })
  const plan = planFactUndo({ change, before, current }, timezone)
  if (plan === 'forgotten') throw forgotten(change)
  const isGone = change.action !== 'delete' && states?.after === null
  if (current === null && isGone) throw gone(change)
  if (plan === 'late') throw inTheWay(change, await laterChanges(parts, scope, request))
  return plan
}

async function planRestore(
  parts: AppParts,
  scope: TenantScope,
  request: { readonly agentId: string; readonly itemId: string; readonly state: MemoryState },
): Promise<PartialWrite> {
  const { agentId, itemId, state } = request
  if ('fact' in state) {
    const { timezone } = await parts.store.getAgent(scope, { id: agentId })
    const current = await currentFact(parts, scope, { agentId, itemId })
    return { facts: [toFactState(state.fact, { current, timezone })] }
  }
  if (state.subject === 'passage') {
    const current = await currentPassage(parts, scope, request)
    if (current === null) {
      return { passages: [await withEntry(parts, scope, { agentId, passage: state.passage })] }
    }
    const { text, tags } = state.passage
    if (text === current.passage.text && tags.join('\n') === current.passage.tags.join('\n'))
      return {}
    const expected = { passageId: itemId, expectedVersion: current.version }
    const passage = { ...current.passage, text }
    const { entry } = await withEntry(parts, scope, { agentId, passage })
    return { passageEdits: [{ ...expected, text, tags, entry }] }
  }
  const block = await currentBlock(parts, scope, request)
  if (block === null) return { attachedBlockIds: [itemId] }
  const expected = { blockId: itemId, expectedVersion: block.version }
  return { blockEdits: [{ ...expected, ...toFields(state.block) }] }
}

async function versionOf(
  parts: HistorySource,
  scope: TenantScope,
  given: { readonly agentId: string; readonly itemId: string; readonly to: RestoreRequest['to'] },
): Promise<number> {
  const { agentId, itemId, to } = given
  if ('version' in to) return to.version
  for await (const { createdAt, version } of readChanges(parts, scope, { agentId, itemId })) {
    if (createdAt <= to.at) return version
  }
  return 0
}

function nothingThen(item: string): AppError {
  return new AppError(
    'not_found',
    `Cannot restore ${JSON.stringify(item)}: nothing is stored of that version or time. List its history.`,
  )
}
