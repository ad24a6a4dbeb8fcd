import type { TenantScope } from '../../domain/scope.ts'
import { isAppError } from '../../errors/app-error.ts'
import type { AppParts } from '../app-parts.ts'
import { findProposal } from './memory-review.ts'
import type { ProposalDiff } from './memory-views.ts'
import { planProposal } from './plan-proposal.ts'
import { addedPassage, changesMeant, changesOfWrite } from './proposed-changes.ts'
import { readProposal } from './proposed-edit.ts'
import type { PartialWrite } from './write-memory.ts'

/** What may stand in the way of applying a proposal, and is part of the answer here. */
const obstacles: readonly string[] = ['conflict', 'block_limit_exceeded', 'not_found']

/**
 * What a proposal would do, item by item and line by line: to memory as it is now while it waits and can be applied, else
 * to what it was made from. Changes nothing. `not_found`.
 */
export async function diffProposal(
  parts: AppParts,
  scope: TenantScope,
  which: { readonly agentId: string; readonly number: number },
): Promise<ProposalDiff> {
  const { agentId } = which
  const proposal = await findProposal(parts, scope, which)
  const edit = readProposal(proposal)
  const planned =
    proposal.state === 'open'
      ? await tryToPlan(() => planProposal(parts, scope, { agentId, proposal, edit }))
      : { obstacle: null }
  const changes =
    'write' in planned
      ? await changesOfWrite(parts, scope, { agentId, write: planned.write })
      : await changesMeant(parts, scope, { agentId, edit })
  return {
    proposal,
    notes: edit.notes,
    changes: [...changes, ...edit.passages.map(addedPassage)],
    obstacle: 'write' in planned ? null : planned.obstacle,
  }
}

async function tryToPlan(
  plan: () => Promise<PartialWrite>,
): Promise<{ readonly write: PartialWrite } | { readonly obstacle: string }> {
  try {
    return { write: await plan() }
  } catch (error) {
    if (isAppError(error) && obstacles.includes(error.code)) return { obstacle: error.message }
    throw error
  }
}
