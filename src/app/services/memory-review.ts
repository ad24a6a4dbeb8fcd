import type { Agent } from '../../domain/agent.ts'
import type { Archive } from '../../domain/archive.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { changeName, type MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { pieceMetadata } from '../../memory/split-passage.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import type { MemoryWrite } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import type { DescribedChange } from './memory-views.ts'
import { planProposal } from './plan-proposal.ts'
import { type ProposedEdit, readProposal } from './proposed-edit.ts'
import { writeMemory } from './write-memory.ts'

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
        ...(await planProposal(parts, scope, { agentId, proposal, edit })),
        passages: edit.passages.map((draft) =>
          toPassage(parts, scope, { agent, draft, proposal, archiveId }),
        ),
        applies: number,
        appliedEdit: proposal.edit,
      }
    },
  })
}

/** A proposal of an agent. `not_found`. */
export async function findProposal(
  { store }: Pick<AppParts, 'store'>,
  scope: TenantScope,
  { agentId, number }: { readonly agentId: string; readonly number: number },
): Promise<MemoryProposal> {
  const [proposal] = await store.listProposals(scope, { agentId, number, limit: 1 })
  if (proposal === undefined) throw unknownProposal(number)
  return proposal
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
  const { piece = null, ...said } = draft
  const passage = {
    id: newIdentifier(ids, 'passage'),
    archiveId: archiveId ?? '',
    ...said,
    metadata: pieceMetadata(piece),
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
