import type { TokenBudget, TokenSpending } from '../contract/agent-store.ts'
import { asInteger, type SqlRow } from './sql-value.ts'

/** What is stored of an agent's upkeep. */
export interface StoredUpkeep {
  readonly day: number
  readonly tokens: number
  readonly mark: number
}

/** Reads {@link StoredUpkeep} of an agent of a tenant. */
export const selectUpkeep = `SELECT upkeep_day, upkeep_tokens, upkeep_mark FROM agent_activity
  WHERE tenant_id = ? AND agent_id = ?`

/** Writes {@link StoredUpkeep} in its order, of an agent of a tenant. */
export const updateUpkeep = `UPDATE agent_activity
  SET upkeep_day = ?, upkeep_tokens = ?, upkeep_mark = ? WHERE tenant_id = ? AND agent_id = ?`

/** Reads a row of {@link selectUpkeep}. */
export function readUpkeep(row: SqlRow): StoredUpkeep {
  const [day, tokens, mark] = row
  return { day: asInteger(day), tokens: asInteger(tokens), mark: asInteger(mark) }
}

/** What is stored after tokens were spent, and what the caller is told. */
export function spend(
  stored: StoredUpkeep,
  { day, tokens, limit, mark = stored.mark }: TokenSpending,
): { readonly next: StoredUpkeep; readonly budget: TokenBudget } {
  // A later day has begun: what is given back of this one is over with it.
  if (day < stored.day) {
    const budget = { used: 0, isGranted: limit === null, mark }
    return { next: { ...stored, mark }, budget }
  }
  const before = day === stored.day ? stored.tokens : 0
  const after = Math.max(0, before + tokens)
  const isGranted = limit === null || after <= limit
  const used = isGranted ? after : before
  return { next: { day, tokens: used, mark }, budget: { used, isGranted, mark } }
}
