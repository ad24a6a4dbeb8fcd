import type { MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { JsonObject } from '../../util/json.ts'
import { memoryProposalTable } from './memory-tables.ts'
import { notFound } from './not-found.ts'
import { proposalSettled } from './proposal-settled.ts'
import { notAsSeen } from './seen-memory.ts'
import type { SqlExpression, SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** How a proposal of an agent is settled. */
export interface Settlement {
  readonly agentId: string
  readonly number: number
  readonly state: 'applied' | 'rejected'
  readonly at: number
  /** What it was when it was read. Absent = it is not compared. */
  readonly appliedEdit?: JsonObject | undefined
}

/** The query for a proposal of an agent. */
export function selectProposal(
  tenantId: string,
  { agentId, number }: Pick<Settlement, 'agentId' | 'number'>,
): SqlExpression {
  return {
    sql: `SELECT ${memoryProposalTable.list('p')} FROM memory_proposals p
     WHERE p.tenant_id = ? AND p.number = ? AND p.agent_id = ?`,
    values: [tenantId, number, agentId],
  }
}

/**
 * Settles the proposal that {@link selectProposal} found; returns what it is then. Throws `not_found` when there is none,
 * `conflict` when it is settled, or says something else than was read.
 */
export function settleProposal(
  target: ChangeTarget,
  { scope, settlement }: { readonly scope: TenantScope; readonly settlement: Settlement },
  row: SqlRow | undefined,
): MemoryProposal {
  const { number, state, at } = settlement
  if (row === undefined) throw notFound('proposal', `m-${number}`)
  const proposal = memoryProposalTable.read(row)
  if (proposal.state !== 'open') throw proposalSettled(proposal)
  const { appliedEdit = proposal.edit } = settlement
  if (JSON.stringify(appliedEdit) !== JSON.stringify(proposal.edit)) throw notAsSeen(`m-${number}`)
  target.post(
    `UPDATE memory_proposals SET state = ?, settled_at = ?, settled_by_id = ?
     WHERE tenant_id = ? AND number = ?`,
    state,
    at,
    scope.userId,
    scope.tenantId,
    number,
  )
  return { ...proposal, state, settledAt: at, settledById: scope.userId }
}
