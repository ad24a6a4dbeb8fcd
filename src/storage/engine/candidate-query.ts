import type { CandidateChoice, SearchStatistics } from '../contract/search-store.ts'
import type { QueryConditions } from './query-conditions.ts'

/** Which texts of which scope are looked for. */
export interface CandidateQuery<Value> {
  readonly tenantId: string
  readonly scopeToken: string
  /** Conditions on the texts `d`. */
  readonly filter: QueryConditions<Value>
  readonly excludeIds: readonly string[]
  readonly input: CandidateChoice & { readonly terms: readonly string[] }
}

/** What the index says to a query. */
export interface Choice<Texts> {
  readonly statistics: SearchStatistics
  /** The terms that the texts were chosen by, rarest first. */
  readonly asked: readonly string[]
  readonly texts: Texts
}
