import type { Origin } from '../../domain/archive.ts'
import type { Fact, FactKind, FactStatement } from '../../domain/fact.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { SearchEntry } from './search-entry.ts'

/**
 * Facts: what was stated about subjects, in two times. When something was true in the world and when it was known are
 * told apart, so that both can be asked for.
 *
 * Statements are only added, revised (a new version; the old one is known no longer) and closed; which of several values
 * holds at a time follows from them and is never stored:
 *
 * - At a time, of the statements of a slot that cover it the one that began last holds. One that is trusted less ends
 *   none that is trusted more, and one that `isAdded` ends none at all.
 * - A statement with an end interrupts the ones before it; after it they hold again.
 *
 * They are written by `changeMemory` and `commitTool`, which record them among the changes of memory.
 */
export interface FactStore {
  /** Facts of one agent. `not_found` when there is no such agent. */
  listFacts(scope: TenantScope, query: FactQuery): Promise<readonly Fact[]>
}

/** Which facts; absent fields do not filter. */
export interface FactQuery {
  readonly agentId: string
  readonly kind?: FactKind
  readonly origins?: readonly Origin[]
  readonly ids?: readonly string[]
  readonly slots?: readonly string[]
  /** Only facts taken from one of these messages, in the version asked for or an earlier one. */
  readonly sourceMessageIds?: readonly string[]
  /** Only what holds at this time in the world. Default: at any. */
  readonly validAt?: number
  /** Only what began to be true in this stretch, both ends inclusive. */
  readonly from?: number
  readonly until?: number
  /** As it was known at this time; `ever` = all versions there were. Default: as it is known now. */
  readonly knownAt?: number | 'ever'
  /**
   * `slot` = by slot, then by the time they began; `time` = by the time they began; `newest` = the same, newest first;
   * `known` = instructions first, then what became known last. Ties by id and version. Default: `slot`.
   */
  readonly order?: 'slot' | 'time' | 'newest' | 'known'
  /** Only facts behind this one in the order. */
  readonly after?: string
  readonly limit: number
}

/** A change of an agent's facts. */
export type FactWrite =
  /**
   * A new statement, or one that was closed brought back under its identifier. `conflict` when the same value is known
   * for the same slot from the same time on.
   */
  | { readonly action: 'create'; readonly fact: NewFact; readonly entry: SearchEntry }
  /** A revision: what is in `set` is known instead from now on. */
  | (ExpectedFact & {
      readonly action: 'edit'
      readonly set: Partial<Omit<FactStatement, 'agentId' | 'kind'>>
      readonly entry: SearchEntry
    })
  /** It is known no longer. */
  | (ExpectedFact & { readonly action: 'delete' })

/** A statement with its identifier. */
export type NewFact = FactStatement & { readonly id: string }

/** A fact at the version a change was computed from; `conflict` when it is at another one. */
export interface ExpectedFact {
  readonly factId: string
  readonly expectedVersion: number
}
