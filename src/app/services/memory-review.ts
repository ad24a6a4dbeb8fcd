import type { Agent } from '../../domain/agent.ts'
import type { Archive } from '../../domain/archive.ts'
import { type Block, defaultBlockLimit } from '../../domain/block.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { changeName, type MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import { rebaseText } from '../../memory/versions/rebase-text.ts'
import type { MemoryWrite } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import { checkBlockLimit } from './check-block.ts'
import type { DescribedChange } from './memory-views.ts'
import { planCleanup } from './plan-cleanup.ts'
import { planFacts } from './plan-facts.ts'
import { type ProposedEdit, readProposal } from './proposed-edit.ts'
import { type PartialWrite, writeMemory } from './write-memory.ts'

/** What a proposal would do, in words. */
export function describeProposal(proposal: MemoryProposal): readonly string[] {
  return readProposal(proposal).notes
}

/** Makes a proposed edit on memory as it is now. */
export async function applyProposal(
  parts: AppParts,
  scope: TenantScope,
  { agentId, number }: { readonly agentId: string; readonly number: number },
): Promise<readonly DescribedChange[]> {
  const { store } = parts
  const { reason, sourceMessageIds } = await findProposal(parts, scope, { agentId, number })
  const agent = await store.getAgent(scope, { id: agentId })
  return await writeMemory(parts, scope, {
    agentId,
    reason: `${reason}, reviewed as ${changeName(number)}`,
    sourceMessageIds,
    plan: async () => {
      // Read anew each time: a forgetting may have cut words out of it.
      const proposal = await findProposal(parts, scope, { agentId, number })
      const edit = readProposal(proposal)
      const archiveId =
        edit.passages.length === 0 ? null : await ensureArchive(parts, scope, agentId)
      return {
        ...(await planEdit(parts, scope, { agentId, proposal, edit })),
        passages: edit.passages.map((draft) =>
          toPassage(parts, scope, { agent, draft, proposal, archiveId }),
        ),
        applies: number,
        appliedEdit: proposal.edit,
      }
    },
  })
}

async function findProposal(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, number }: { readonly agentId: string; readonly number: number },
): Promise<MemoryProposal> {
  const [proposal] = await store.listProposals(scope, { agentId, number, limit: 1 })
  if (proposal === undefined) throw unknownProposal(number)
  return proposal
}

/** What a proposal means for blocks, facts and what is stored of passages, as they are now. */
async function planEdit(
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

interface PlanRequest {
  readonly agentId: string
  readonly proposal: MemoryProposal
  readonly edit: ProposedEdit
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
  return {
    blockEdits,
    detachedBlocks,
    newBlocks: edit.newBlocks.map((draft) => toBlock(parts, scope, draft)),
  }
}

function toBlock(
  { ids, clock }: AppParts,
  scope: TenantScope,
  draft: ProposedEdit['newBlocks'][number],
): Block {
  const at = clock.now()
  return {
    id: newIdentifier(ids, 'block'),
    ...draft,
    limit: defaultBlockLimit,
    readOnly: false,
    metadata: {},
    tags: [],
    hidden: false,
    extra: {},
    version: 1,
    createdAt: at,
    updatedAt: at,
    createdById: scope.userId,
    updatedById: scope.userId,
  }
}

function toPassage(
  { ids, clock }: AppParts,
  scope: TenantScope,
  given: {
    readonly draft: ProposedEdit['passages'][number]
    readonly agent: Agent
    readonly proposal: MemoryProposal
    readonly archiveId: string | null
  },
): MemoryWrite['passages'][number] {
  const { agent, draft, proposal, archiveId } = given
  const passage = {
    id: newIdentifier(ids, 'passage'),
    archiveId: archiveId ?? '',
    ...draft,
    metadata: {},
    sourceMessageIds: proposal.sourceMessageIds,
    createdAt: proposal.createdAt,
    updatedAt: clock.now(),
    createdById: scope.userId,
  }
  return { passage, entry: passageEntry(passage, agent) }
}

/** The agent's archive; made empty when it has none, which changes nothing that anybody sees. */
async function ensureArchive(
  { store, ids, clock }: AppParts,
  scope: TenantScope,
  agentId: string,
): Promise<string> {
  const page = { limit: 1, order: 'asc' } as const
  const [present] = await store.listArchives(scope, { agentId, page })
  if (present !== undefined) return present.id
  const agent = await store.getAgent(scope, { id: agentId })
  const at = clock.now()
  const archive: Archive = {
    id: newIdentifier(ids, 'archive'),
    name: `${agent.name}'s Archive`,
    description: 'Default archive created automatically',
    metadata: {},
    embedding: agent.embedding,
    createdAt: at,
    updatedAt: at,
    createdById: scope.userId,
  }
  return (await store.createArchive(scope, { archive, agentId, at })).id
}

function unknownProposal(number: number): AppError {
  return new AppError(
    'not_found',
    `Cannot find the proposal ${changeName(number)}: this agent made none of this name. List the open ones.`,
  )
}

function cannotApply({ number }: MemoryProposal, state: string): AppError {
  return new AppError(
    'conflict',
    `Cannot apply ${changeName(number)}: ${state}. Reject it, or make the change yourself.`,
    { data: { reason: 'overlap', proposal: changeName(number) } },
  )
}
