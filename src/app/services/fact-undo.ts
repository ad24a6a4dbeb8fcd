import { type StatedFact, statementOf } from '../../domain/fact.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { factEntry } from '../../memory/facts/fact-write.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { AppParts } from '../app-parts.ts'

/** A change of a fact to take back, with what the fact is now and was before the change. */
export interface FactUndo {
  readonly change: MemoryChange
  /** Null = it is not stored any more, or there was nothing. */
  readonly before: StatedFact | null
  /** Null = it is known no longer. */
  readonly current: StatedFact | null
}

/** What of facts an agent knows now, or null. */
export async function currentFact(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): Promise<StatedFact | null> {
  const [fact] = await store.listFacts(scope, { agentId, ids: [itemId], limit: 1 })
  return fact ?? null
}

/** What takes a change of a fact back; `late` = later changes are in the way, `forgotten` = what it was is gone. */
export function planFactUndo(
  { change, before, current }: FactUndo,
  timezone: string,
): FactWrite | 'late' | 'forgotten' {
  if (change.action === 'delete') {
    if (current !== null) return 'late'
    return before === null ? 'forgotten' : toFactState(before, { current, timezone })
  }
  if (current?.version !== change.version) return 'late'
  if (change.action === 'create') {
    return { action: 'delete', factId: current.id, expectedVersion: current.version }
  }
  return before === null ? 'forgotten' : toFactState(before, { current, timezone })
}

/** What makes a fact again what it was. */
export function toFactState(
  state: StatedFact,
  { current, timezone }: { readonly current: StatedFact | null; readonly timezone: string },
): FactWrite {
  const statement = statementOf(state)
  const entry = factEntry(statement, timezone)
  if (current === null) return { action: 'create', fact: { ...statement, id: state.id }, entry }
  const { agentId: _agentId, kind: _kind, ...set } = statement
  return {
    action: 'edit',
    factId: current.id,
    expectedVersion: current.version,
    set,
    entry,
  }
}
