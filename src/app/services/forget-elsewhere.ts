import type { ForgetElsewhere, ForgetReceipt } from '../../domain/forget.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Matcher } from '../../memory/forget/matcher.ts'
import { countRemains } from '../../memory/forget/count-remains.ts'
import type { ForgetOwners, ForgetSharers } from '../../storage/contract/forget-store.ts'
import type { AppParts } from '../app-parts.ts'
import { readTexts } from './make-forget-plan.ts'

/** How many agents that share memory are searched; a block of a whole company would take hours. */
const mostSearched = 50

/**
 * Says which other agents, that share a block or archive with the owners, still hold the words, and how many of these agents
 * were not searched. Reads all they have and changes nothing.
 */
export async function findElsewhere(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  given: {
    readonly owners: ForgetOwners
    /** Who shares with the owners. */
    readonly sharers: ForgetSharers
    readonly matcher: Matcher
  },
): Promise<ForgetElsewhere> {
  const { owners, sharers, matcher } = given
  if (matcher.pieces.length === 0) return { agents: [], unsearched: 0 }
  const { agentIds, unseen } = sharers
  const searched = agentIds.slice(0, mostSearched)
  const agents: { agentId: string; rows: number }[] = []
  for (const agentId of searched) {
    const theirs = await withoutThese(parts, scope, { agentId, owners })
    const { found } = await countRemains(readTexts(parts, scope, theirs), matcher)
    if (found > 0) agents.push({ agentId, rows: found })
  }
  return { agents, unsearched: unseen + agentIds.length - searched.length }
}

/** What an agent has beside the archives and blocks that are looked through anyway. */
async function withoutThese(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, owners }: { readonly agentId: string; readonly owners: ForgetOwners },
): Promise<ForgetOwners> {
  const named = { agentIds: [agentId], archiveIds: [], blockIds: [] }
  const { archiveIds, blockIds } = await store.findForgetOwners(scope, named)
  return {
    agentIds: [agentId],
    archiveIds: archiveIds.filter((id) => !owners.archiveIds.includes(id)),
    blockIds: blockIds.filter((id) => !owners.blockIds.includes(id)),
  }
}

/** The owners with the agents that share their archives and blocks, as far as the caller sees them, and what these have. */
export async function withSharers(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  owners: ForgetOwners,
): Promise<ForgetOwners> {
  const { agentIds } = await store.findForgetSharers(scope, owners)
  const { archiveIds } = owners
  const all = await store.findForgetOwners(scope, {
    agentIds: [...owners.agentIds, ...agentIds],
    archiveIds,
    blockIds: [],
  })
  return { ...all, blockIds: [...new Set([...owners.blockIds, ...all.blockIds])] }
}

/** A receipt for a caller who does not see every agent. */
export function forCaller(scope: TenantScope, receipt: ForgetReceipt): ForgetReceipt {
  const { residue } = receipt
  const elsewhere = residue?.elsewhere ?? null
  const seen = scope.agentIds
  if (seen === undefined || residue === null || elsewhere === null) return receipt
  const agents = elsewhere.agents.map(({ agentId, rows }) => ({
    agentId: agentId !== null && seen.includes(agentId) ? agentId : null,
    rows,
  }))
  return { ...receipt, residue: { ...residue, elsewhere: { ...elsewhere, agents } } }
}
