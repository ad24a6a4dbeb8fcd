import { type Block, newBlock } from '../../domain/block.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { changeName, type MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { rebaseText } from '../../memory/versions/rebase-text.ts'
import type { AppParts } from '../app-parts.ts'
import { checkBlockLimit } from './check-block.ts'
import { planCleanup } from './plan-cleanup.ts'
import { planFacts } from './plan-facts.ts'
import type { ProposedEdit } from './proposed-edit.ts'
import type { PartialWrite } from './write-memory.ts'

/** A proposal and what it holds. */
export interface PlanRequest {
  readonly agentId: string
  readonly proposal: MemoryProposal
  readonly edit: ProposedEdit
}

/**
 * What a proposal means for blocks, facts and what is stored of passages, as they are now; its new passages are not in it.
 *
 * @throws AppError `conflict` when what it is about was changed or is gone, `block_limit_exceeded`, `not_found` (a fact).
 */
export async function planProposal(
  parts: AppParts,
  scope: TenantScope,
  request: PlanRequest,
): Promise<PartialWrite> {
  const { agentId, proposal, edit } = request
  const planned = await planBlocks(parts, scope, request)
  const { blockEdits = [] } = planned
  const { cleanup } = edit
  if (cleanup !== undefined) {
    return { ...planned, ...(await planCleanup(parts, scope, { agentId, cleanup, blockEdits })) }
  }
  const agent = await parts.store.getAgent(scope, { id: agentId })
  const facts = { agent, requests: edit.facts, actor: proposal.actor }
  return { ...planned, facts: await planFacts(parts, scope, facts) }
}

async function planBlocks(
  parts: AppParts,
  scope: TenantScope,
  { agentId, proposal, edit }: PlanRequest,
): Promise<PartialWrite> {
  const blocks = await parts.store.listAgentBlocks(scope, { agentId })
  const find = (id: string): Block => {
    const block = blocks.find((candidate) => candidate.id === id)
    if (block === undefined)
      throw cannotApply(proposal, 'a block it changes is not in memory any more')
    return block
  }
  const bases = await parts.store.getMemoryStates(scope, {
    agentId,
    versions: edit.blocks.map(({ blockId, expectedVersion }) => ({
      subject: 'block',
      itemId: blockId,
      version: expectedVersion,
    })),
  })
  const blockEdits = edit.blocks.map(({ blockId, value, label, description }, index) => {
    const current = find(blockId)
    const base = bases[index]
    const set = {
      ...(label !== undefined && { label }),
      ...(description !== undefined && { description }),
    }
    const expected = { blockId, expectedVersion: current.version, ...set }
    if (value === undefined) return expected
    if (base?.subject !== 'block') throw cannotApply(proposal, 'what it was made from is forgotten')
    const edits = { base: base.block.value, mine: value, theirs: current.value }
    const rebased = rebaseText(edits)
    if (!rebased.ok) throw cannotApply(proposal, 'the same place was changed since')
    checkBlockLimit({ ...current, value: rebased.text })
    return { ...expected, value: rebased.text }
  })
  const detachedBlocks = edit.detachedBlocks.map(({ blockId }) => ({
    blockId,
    expectedVersion: find(blockId).version,
  }))
  requireOwnLabels(proposal, { blocks, edit })
  return {
    blockEdits,
    detachedBlocks,
    newBlocks: edit.newBlocks.map((draft) => toBlock(parts, scope, draft)),
  }
}

/** Sees to it that each block of the memory that would come of an edit has a label of its own. */
function requireOwnLabels(
  proposal: MemoryProposal,
  { blocks, edit }: { readonly blocks: readonly Block[]; readonly edit: ProposedEdit },
): void {
  const gone = new Set(edit.detachedBlocks.map(({ blockId }) => blockId))
  const given = new Map(edit.blocks.map(({ blockId, label }) => [blockId, label]))
  const labels = [
    ...blocks.filter(({ id }) => !gone.has(id)).map(({ id, label }) => given.get(id) ?? label),
    ...edit.newBlocks.map(({ label }) => label),
  ]
  const twice = labels.find((label, place) => labels.indexOf(label) !== place)
  if (twice === undefined) return
  throw cannotApply(proposal, `another block has the label ${JSON.stringify(twice)}`)
}

function toBlock(
  { ids, clock }: AppParts,
  scope: TenantScope,
  draft: ProposedEdit['newBlocks'][number],
): Block {
  const id = newIdentifier(ids, 'block')
  return newBlock(draft, { id, at: clock.now(), userId: scope.userId })
}

function cannotApply({ number }: MemoryProposal, state: string): AppError {
  return new AppError(
    'conflict',
    `Cannot apply ${changeName(number)}: ${state}. Reject it, or make the change yourself.`,
    { data: { reason: 'overlap', proposal: changeName(number) } },
  )
}
