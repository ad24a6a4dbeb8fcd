import type { Store, StoreOperation } from '../store.ts'
import type { Canary } from './canary.ts'

/**
 * What a caller outside gets: a refusal; `nothing` = an empty answer; `own` = something of its own that leaves the
 * canary alone.
 */
export type Outsider = 'not_found' | 'lease_lost' | 'nothing' | 'own'

/** How one operation is tried. */
export interface Probe<Name extends StoreOperation> {
  /** The input as the owner would give it. */
  input(canary: Canary): Parameters<Store[Name]>[1]
  /** What another tenant gets. `system` = the operation crosses tenants. */
  readonly stranger: Outsider | 'system'
  /** What a caller of the same tenant gets that is limited to another agent. Default: what a stranger gets. */
  readonly limited?: Outsider | 'any'
  /** The effect of the owner's call cannot be read back by {@link dump}. */
  readonly unseen?: true
}
