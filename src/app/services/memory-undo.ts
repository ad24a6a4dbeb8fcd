import type { Passage } from '../../domain/archive.ts'
import type { Actor, Block, BlockDetails } from '../../domain/block.ts'
import {
  changeName,
  type MemoryChange,
  type MemoryState,
  type MemorySubject,
} from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import { undoBlockEdit, undoPassageEdit } from '../../memory/versions/undo-change.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { MemoryWrite } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import { userChange } from './change-cause.ts'
import { currentFact, planFactUndo, toFactState } from './fact-undo.ts'
import { type HistorySource, readChanges } from './read-changes.ts'
import type { DescribedChange, RestoreRequest } from './memory-views.ts'
import { readJoined } from './undo-join.ts'
import {
  type ChangeStates,
  describeChanges,
  findItem,
  readChange,
  readStates,
} from './memory-history.ts'

/** Which fields of a write are not empty. */
export type PartialWrite = Partial<Omit<MemoryWrite, 'agentId' | 'cause' | 'at'>>

/** How often a change is planned anew because somebody else came in between. */
const attempts = 5

/** Takes one change back and keeps later ones. */
export async function undoChange(
  parts: AppParts,
  scope: TenantScope,
  { agentId, number }: { readonly agentId: string; readonly number: number },
): Promise<readonly DescribedChange[]> {
  const change = await readChange(parts, scope, { agentId, number })
  const [states] = await readStates(parts, scope, { agentId, changes: [change] })
  const plan = (): Promise<PartialWrite> => planUndo(parts, scope, { agentId, change, states })
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
  const plan = async (): Promise<PartialWrite> => {
    const version = await versionOf(parts, scope, { agentId, itemId, to })
    const versions = [{ subject, itemId, version } as const]
    const [state] = await parts.store.getMemoryStates(scope, { agentId, versions })
    if (state === null || state === undefined) throw nothingThen(item)
    return await planRestore(parts, scope, { agentId, itemId, state })
  }
  return await writeMemory(parts, scope, { agentId, reason, plan })
}

/** Plans a write and makes it; when something changed in between, both again. */
export async function writeMemory(
  parts: Pick<AppParts, 'store' | 'clock'>,
  scope: TenantScope,
  write: {
    readonly agentId: string
    readonly reason: string
    /** Default: the caller. */
    readonly actor?: Actor
    readonly sourceMessageIds?: readonly string[]
    readonly plan: () => Promise<PartialWrite>
  },
): Promise<readonly DescribedChange[]> {
  const { agentId, reason, sourceMessageIds = [], plan } = write
  const { actor = userChange(scope, reason).actor } = write
  for (let attempt = 1; ; attempt += 1) {
    const planned = await plan()
    try {
      const changes = await parts.store.changeMemory(scope, {
        ...emptyWrite,
        ...planned,
        agentId,
        cause: { actor, reason, sourceMessageIds },
        at: parts.clock.now(),
      })
      return await describeChanges(parts, scope, { agentId, changes })
    } catch (error) {
      if (attempt >= attempts || !isAppError(error, 'conflict')) throw error
      if (error.data['reason'] !== 'version') throw error
    }
  }
}

/** A write to memory that changes nothing yet. */
export const emptyWrite: Omit<MemoryWrite, 'agentId' | 'cause' | 'at'> = {
  detachedBlocks: [],
  blockEdits: [],
  newBlocks: [],
  restoredBlocks: [],
  attachedBlockIds: [],
  deletedPassages: [],
  passageEdits: [],
  passages: [],
  undoes: null,
  applies: null,
}

interface UndoRequest {
  readonly agentId: string
  readonly change: MemoryChange
  readonly states: ChangeStates | undefined
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

async function planBlockUndo(
  parts: AppParts,
  scope: TenantScope,
  request: UndoRequest,
): Promise<PartialWrite> {
  const { change } = request
  const { itemId } = change
  const block = await currentBlock(parts, scope, { ...request, itemId })
  switch (change.action) {
    case 'create':
    case 'attach':
      if (block === null) throw inTheWay(change, 'the block is not in memory any more')
      if (change.action === 'create' && block.version !== change.version) {
        throw inTheWay(change, await laterChanges(parts, scope, request))
      }
      return { detachedBlocks: [{ blockId: itemId, expectedVersion: block.version }] }
    case 'detach':
      if (block !== null) throw inTheWay(change, 'the block is in memory again')
      return { attachedBlockIds: [itemId] }
    case 'delete':
      return await bringBack(parts, scope, { ...request, block })
    case 'edit': {
      const set = block === null ? null : undoEdit(request, block)
      if (block === null || set === null) {
        throw inTheWay(change, await laterChanges(parts, scope, request))
      }
      const { version } = block
      return { blockEdits: [{ blockId: itemId, expectedVersion: version, ...set }] }
    }
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

function undoEdit(
  { change, states }: UndoRequest,
  current: Block,
): ReturnType<typeof undoBlockEdit> {
  const { before, after } = states ?? {}
  if (before?.subject !== 'block' || after?.subject !== 'block') throw forgotten(change)
  return undoBlockEdit({ before: before.block, after: after.block, current })
}

async function bringBack(
  parts: AppParts,
  scope: TenantScope,
  { agentId, change, states, block }: UndoRequest & { readonly block: Block | null },
): Promise<PartialWrite> {
  const { store, clock } = parts
  const state = states?.before
  if (block !== null) throw inTheWay(change, 'the block is in memory again')
  if (state?.subject !== 'block') throw forgotten(change)
  const [present] = await store.listBlocks(scope, {
    filter: { ids: [change.itemId], includeHidden: true },
    page: { limit: 1, order: 'asc' },
  })
  if (present !== undefined) return { attachedBlockIds: [present.id] }
  let first = change
  for await (const each of readChanges(parts, scope, { agentId, itemId: change.itemId }))
    first = each
  return {
    restoredBlocks: [
      {
        // Of versions of old these are not known.
        ...unknownDetails,
        ...toFields(state.block),
        id: change.itemId,
        version: change.version + 1,
        createdAt: first.createdAt,
        updatedAt: clock.now(),
        createdById: first.actor.kind === 'user' ? first.actor.id : scope.userId,
        updatedById: scope.userId,
      },
    ],
  }
}

const unknownDetails: BlockDetails = { metadata: {}, tags: [], hidden: false, extra: {} }

/** All that is known of what a block was at a version. */
function toFields({ id: _id, ...fields }: Extract<MemoryState, { subject: 'block' }>['block']) {
  return fields
}

async function planPassageUndo(
  parts: AppParts,
  scope: TenantScope,
  request: UndoRequest,
): Promise<PartialWrite> {
  const { agentId, change, states } = request
  const { itemId: passageId } = change
  const current = await currentPassage(parts, scope, { ...request, itemId: passageId })
  if (change.action === 'delete') {
    const passage = deletedPassage(request, current?.passage ?? null)
    return passage === null
      ? {}
      : { passages: [await withEntry(parts, scope, { agentId, passage })] }
  }
  if (current === null) throw inTheWay(change, 'the text was deleted since')
  const expected = { passageId, expectedVersion: current.version }
  if (change.action === 'create') {
    if (current.version === change.version) return { deletedPassages: [expected] }
    throw inTheWay(change, await laterChanges(parts, scope, request))
  }
  const { before, after } = states ?? {}
  if (before?.subject !== 'passage' || after?.subject !== 'passage') throw forgotten(change)
  const texts = { before: before.passage, after: after.passage, current: current.passage }
  const next = undoPassageEdit(texts)
  if (next === null) throw inTheWay(change, await laterChanges(parts, scope, request))
  const passage = { ...current.passage, ...next }
  const { entry } = await withEntry(parts, scope, { agentId, passage })
  const passages = await withJoined(parts, scope, { agentId, change, states: { before, after } })
  return { passageEdits: [{ ...expected, ...next, entry }], passages }
}

/** What a deletion took, to be stored again; null = it is stored as it was. */
function deletedPassage({ change, states }: UndoRequest, current: Passage | null): Passage | null {
  if (states?.before?.subject !== 'passage') throw forgotten(change)
  const { passage } = states.before
  if (current?.text === passage.text) return null
  if (current !== null) throw inTheWay(change, 'the text is stored again')
  return passage
}

/** What went into a text comes back when the text is again what it was. */
async function withJoined(
  parts: AppParts,
  scope: TenantScope,
  undone: Parameters<typeof readJoined>[2],
): Promise<MemoryWrite['passages']> {
  const { agentId } = undone
  const joined = await readJoined(parts, scope, undone)
  return await Promise.all(joined.map((passage) => withEntry(parts, scope, { agentId, passage })))
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

function subjectOf(itemId: string): MemorySubject {
  if (itemId.startsWith('passage-')) return 'passage'
  return itemId.startsWith('fact-') ? 'fact' : 'block'
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

async function currentBlock(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): Promise<Block | null> {
  const blocks = await store.listAgentBlocks(scope, { agentId })
  return blocks.find(({ id }) => id === itemId) ?? null
}

/** A passage of an agent with its version; null when there is none. */
export async function currentPassage(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): Promise<{ readonly passage: Passage; readonly version: number } | null> {
  const [passage] = await store.getPassages(scope, { ids: [itemId] })
  if (passage === undefined) return null
  const [last] = await store.listMemoryChanges(scope, { agentId, itemId, limit: 1 })
  return { passage, version: last?.version ?? 1 }
}

/** A passage with what it is found by, in the calendar of its agent. */
async function withEntry(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, passage }: { readonly agentId: string; readonly passage: Passage },
): Promise<MemoryWrite['passages'][number]> {
  const agent = await store.getAgent(scope, { id: agentId })
  return { passage, entry: passageEntry(passage, agent) }
}

async function laterChanges(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, change }: UndoRequest,
): Promise<string> {
  const { itemId, number } = change
  const changes = await store.listMemoryChanges(scope, { agentId, itemId, limit: 100 })
  const later = changes.filter((other) => other.number > number)
  const names = later.slice(0, 3).map((other) => changeName(other.number))
  return names.length === 0
    ? 'it is not in memory any more'
    : `later changes are in the way (${names.join(', ')}${later.length > 3 ? ', …' : ''})`
}

function inTheWay({ number }: MemoryChange, state: string): AppError {
  return new AppError(
    'conflict',
    `Cannot undo ${changeName(number)}: ${state}. Undo what came later first, or restore a version.`,
    { data: { reason: 'overlap', change: changeName(number) } },
  )
}

function forgotten({ number }: MemoryChange): AppError {
  return new AppError(
    'conflict',
    `Cannot undo ${changeName(number)}: what it was before is not stored any more. Write it anew.`,
    { data: { reason: 'forgotten', change: changeName(number) } },
  )
}

function gone({ number }: MemoryChange): AppError {
  return new AppError(
    'conflict',
    `Cannot undo ${changeName(number)}: what it brought was forgotten for good. There is nothing to take back.`,
    { data: { reason: 'forgotten', change: changeName(number) } },
  )
}

function nothingThen(item: string): AppError {
  return new AppError(
    'not_found',
    `Cannot restore ${JSON.stringify(item)}: nothing is stored of that version or time. List its history.`,
  )
}
