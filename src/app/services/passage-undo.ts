import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import { undoPassageEdit } from '../../memory/versions/undo-change.ts'
import type { MemoryWrite } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import { readJoined } from './undo-join.ts'
import { forgotten, inTheWay, laterChanges, type UndoRequest } from './undo-refusals.ts'
import type { PartialWrite } from './write-memory.ts'

/** What takes a change of a passage back; rejects with `conflict` when it cannot be taken back. */
export async function planPassageUndo(
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
export async function withEntry(
  { store }: AppParts,
  scope: TenantScope,
  { agentId, passage }: { readonly agentId: string; readonly passage: Passage },
): Promise<MemoryWrite['passages'][number]> {
  const agent = await store.getAgent(scope, { id: agentId })
  return { passage, entry: passageEntry(passage, agent) }
}
