import type { Agent } from '../../domain/agent.ts'
import type { Actor } from '../../domain/block.ts'
import type { StatedFact } from '../../domain/fact.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { toFactWrite } from '../../memory/facts/fact-write.ts'
import { type FactEdit, type FactRequest, placeFact } from '../../memory/facts/place-fact.ts'
import type { FactWrite } from '../../storage/contract/fact-store.ts'
import type { AppParts } from '../app-parts.ts'

/** More statements than any slot should have; of more, the newest count. */
const mostKnown = 1000

/** What is wanted of an agent's facts, and by whom. */
export interface FactPlan {
  readonly agent: Pick<Agent, 'id' | 'timezone'>
  readonly requests: readonly FactRequest[]
  readonly actor: Actor
}

/** What requests mean for the facts that are known now, as the store takes it. */
export async function planFacts(
  parts: Pick<AppParts, 'store' | 'ids'>,
  scope: TenantScope,
  plan: FactPlan,
): Promise<readonly FactWrite[]> {
  const edits = await placeAll(parts, scope, plan)
  const newId = (): string => newIdentifier(parts.ids, 'fact')
  const { timezone } = plan.agent
  return edits.map((edit) => toFactWrite(edit, { timezone, newId }))
}

/** The edits themselves. */
async function placeAll(
  parts: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agent, requests, actor }: FactPlan,
): Promise<readonly FactEdit[]> {
  const edits: FactEdit[] = []
  for (const request of requests) {
    const known = await knownFor(parts, scope, { agentId: agent.id, request })
    edits.push(...placeFact(known, request, { actor }))
  }
  return edits
}

/** The facts that a request is about. */
async function knownFor(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, request }: { readonly agentId: string; readonly request: FactRequest },
): Promise<readonly StatedFact[]> {
  if (request.kind === 'close') {
    return await store.listFacts(scope, { agentId, ids: [request.factId], limit: 1 })
  }
  const slots = [request.statement.slot]
  return await store.listFacts(scope, { agentId, slots, order: 'newest', limit: mostKnown })
}
