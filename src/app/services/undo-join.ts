import type { Passage } from '../../domain/archive.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Store } from '../../storage/store.ts'
import { type ChangeStates, readStates } from './memory-history.ts'

/** More passages than are joined to one at once. */
const mostJoined = 20

/**
 * The passages that went into another one when it was given their words, as they were, without those that are stored again
 * or were forgotten: who takes such an edit back alone would lose them.
 */
export async function readJoined(
  parts: { readonly store: Store },
  scope: TenantScope,
  undone: {
    readonly agentId: string
    readonly change: MemoryChange
    readonly states: ChangeStates
  },
): Promise<readonly Passage[]> {
  const { agentId, change, states } = undone
  if (!hasNewText(states)) return []
  const query = { agentId, before: change.number, limit: mostJoined }
  const earlier = await parts.store.listMemoryChanges(scope, query)
  const end = earlier.findIndex((other, index) => !isMadeWith(other, change, index + 1))
  const changes = end === -1 ? earlier : earlier.slice(0, end)
  const gone = (await readStates(parts, scope, { agentId, changes })).flatMap(({ before }) =>
    before?.subject === 'passage' ? [before.passage] : [],
  )
  const ids = gone.map(({ id }) => id)
  const present = new Set(
    ids.length === 0 ? [] : (await parts.store.getPassages(scope, { ids })).map(({ id }) => id),
  )
  return gone.filter(({ id }) => !present.has(id))
}

function hasNewText({ before, after }: ChangeStates): boolean {
  if (before?.subject !== 'passage' || after?.subject !== 'passage') return false
  return before.passage.text !== after.passage.text
}

/** Whether a change is a deletion that one transaction made with an edit, so many numbers before it. */
function isMadeWith(other: MemoryChange, edit: MemoryChange, distance: number): boolean {
  return (
    other.action === 'delete' &&
    other.subject === 'passage' &&
    other.number === edit.number - distance &&
    other.ownerId === edit.ownerId &&
    other.createdAt === edit.createdAt &&
    other.reason === edit.reason &&
    other.runId === edit.runId
  )
}
