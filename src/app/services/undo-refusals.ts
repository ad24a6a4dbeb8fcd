import { changeName, type MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { AppParts } from '../app-parts.ts'
import type { ChangeStates } from './memory-history.ts'

/** A change to take back, with what its item was before and after; undefined = that is not stored. */
export interface UndoRequest {
  readonly agentId: string
  readonly change: MemoryChange
  readonly states: ChangeStates | undefined
}

/** Which later changes are in the way of an undo, as the end of a sentence. */
export async function laterChanges(
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

/** An undo that something else is in the way of; `state` says what. */
export function inTheWay({ number }: MemoryChange, state: string): AppError {
  return new AppError(
    'conflict',
    `Cannot undo ${changeName(number)}: ${state}. Undo what came later first, or restore a version.`,
    { data: { reason: 'overlap', change: changeName(number) } },
  )
}

/** An undo of which what it goes back to is not stored any more. */
export function forgotten({ number }: MemoryChange): AppError {
  return new AppError(
    'conflict',
    `Cannot undo ${changeName(number)}: what it was before is not stored any more. Write it anew.`,
    { data: { reason: 'forgotten', change: changeName(number) } },
  )
}

/** An undo of what was forgotten. */
export function gone({ number }: MemoryChange): AppError {
  return new AppError(
    'conflict',
    `Cannot undo ${changeName(number)}: what it brought was forgotten for good. There is nothing to take back.`,
    { data: { reason: 'forgotten', change: changeName(number) } },
  )
}
