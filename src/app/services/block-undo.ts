import { type Block, type BlockDetails, countCodePoints } from '../../domain/block.ts'
import type { MemoryState } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { undoBlockEdit } from '../../memory/versions/undo-change.ts'
import type { AppParts } from '../app-parts.ts'
import { checkBlockLimit } from './check-block.ts'
import { readChanges } from './read-changes.ts'
import { forgotten, inTheWay, laterChanges, type UndoRequest } from './undo-refusals.ts'
import type { PartialWrite } from './write-memory.ts'

/** What takes a change of a block back; rejects with `conflict` when it cannot be taken back, `block_limit_exceeded`. */
export async function planBlockUndo(
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
      // What is beyond its limit already may be given another label, or less text.
      if ('value' in set || 'limit' in set) checkShorterOrFits(block, set)
      const { version } = block
      return { blockEdits: [{ blockId: itemId, expectedVersion: version, ...set }] }
    }
  }
}

function undoEdit(
  { change, states }: UndoRequest,
  current: Block,
): ReturnType<typeof undoBlockEdit> {
  const { before, after } = states ?? {}
  if (before?.subject !== 'block' || after?.subject !== 'block') throw forgotten(change)
  return undoBlockEdit({ before: before.block, after: after.block, current })
}

function checkShorterOrFits(current: Block, set: Partial<Pick<Block, 'value' | 'limit'>>): void {
  const undone = { ...current, ...set }
  const isShorter = countCodePoints(undone.value) < countCodePoints(current.value)
  if (!isShorter || undone.limit < current.limit) checkBlockLimit(undone)
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

type BlockState = Extract<MemoryState, { subject: 'block' }>['block']

/** All that is known of what a block was at a version. */
export function toFields({ id: _id, ...fields }: BlockState): Omit<BlockState, 'id'> {
  return fields
}

/** A block of an agent; null when it has none of that id. */
export async function currentBlock(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): Promise<Block | null> {
  const blocks = await store.listAgentBlocks(scope, { agentId })
  return blocks.find(({ id }) => id === itemId) ?? null
}
