import type { Archive, Passage } from '../../domain/archive.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { withRetention, type ArchiveRetention } from '../../domain/retention.ts'
import { AppError } from '../../errors/app-error.ts'
import { noModelNamed } from '../../memory/search/dense-lane.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import { longestPassage, pieceMetadata, splitPassage } from '../../memory/split-passage.ts'
import type { Page } from '../../storage/contract/page.ts'
import type { PassageListQuery } from '../../storage/contract/archive-store.ts'
import type { PassageDraftBody } from '../../wire/archive.ts'
import { wakeEmbedJob } from '../../jobs/kinds/embed.ts'
import { retentionJobKind } from '../../jobs/kinds/retain.ts'
import { ensureTenantJob } from '../../jobs/tenant-job.ts'
import type { AppParts } from '../app-parts.ts'

/** Where passages go: an archive, or an agent's own, which is made when it has none. */
export type PassageTarget = { readonly archiveId: string } | { readonly agentId: string }

/** What a new archive is called. */
export interface ArchiveDraft {
  readonly name: string
  readonly description: string | null
  readonly embedding: string | null
}

/** Archival memory. */
export interface ArchiveService {
  create(scope: TenantScope, draft: ArchiveDraft): Promise<Archive>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<Archive>
  list(
    scope: TenantScope,
    query: { readonly name?: string; readonly agentId?: string; readonly page: Page },
  ): Promise<readonly Archive[]>
  /** Changes what is given; with another embedding model vectors are made anew. `not_found`. */
  update(
    scope: TenantScope,
    id: string,
    changes: Partial<Pick<Archive, 'name' | 'description' | 'embedding'>>,
  ): Promise<Archive>
  /** Sets how long passages are kept; servers forget the others every hour. `not_found`. */
  setRetention(scope: TenantScope, id: string, retention: ArchiveRetention): Promise<Archive>
  /** Removes an archive with its passages. `not_found`. */
  delete(scope: TenantScope, id: string): Promise<void>
  /** `conflict` when the agent has another archive. */
  attach(scope: TenantScope, link: ArchiveLink): Promise<void>
  detach(scope: TenantScope, link: ArchiveLink): Promise<void>
  /**
   * Stores passages; a text of more than 8192 tokens in pieces, in order, whose metadata say so. `not_found`;
   * `invalid_argument` for such a text with a vector.
   */
  addPassages(
    scope: TenantScope,
    target: PassageTarget,
    drafts: readonly PassageDraftBody[],
  ): Promise<readonly Passage[]>
  /** `not_found` for an unknown agent or cursor. */
  listPassages(scope: TenantScope, query: PassageListQuery): Promise<readonly Passage[]>
  /** `not_found`; `invalid_argument` when the passage lies in another archive. */
  deletePassage(scope: TenantScope, target: PassageTarget, id: string): Promise<void>
}

/** An agent and an archive. */
export interface ArchiveLink {
  readonly agentId: string
  readonly archiveId: string
}

/** Makes the service of archival memory. */
export function createArchiveService(parts: AppParts): ArchiveService {
  const { store, clock } = parts
  return {
    async create(scope, draft) {
      const archive = newArchive(parts, scope, draft)
      const created = await store.createArchive(scope, { archive, at: clock.now() })
      if (created.embedding !== null) await wakeEmbedJob(parts, scope.tenantId)
      return created
    },
    get: (scope, id) => store.getArchive(scope, { id }),
    list: (scope, query) => store.listArchives(scope, query),
    async update(scope, id, changes) {
      const archive = await store.updateArchive(scope, { id, at: clock.now(), set: changes })
      if (typeof changes.embedding === 'string') await wakeEmbedJob(parts, scope.tenantId)
      return archive
    },
    async setRetention(scope, id, retention) {
      const metadata = withRetention(await store.getArchive(scope, { id }), retention)
      const at = clock.now()
      const archive = await store.updateArchive(scope, { id, at, set: { metadata } })
      await ensureTenantJob(store, { kind: retentionJobKind, tenantId: scope.tenantId, at })
      return archive
    },
    delete: (scope, id) => store.deleteArchive(scope, { id }),
    attach: (scope, link) => store.attachArchive(scope, { ...link, at: clock.now() }),
    detach: (scope, link) => store.detachArchive(scope, link),
    addPassages: (scope, target, drafts) => addPassages(parts, scope, { target, drafts }),
    listPassages: (scope, query) => store.listPassages(scope, query),
    async deletePassage(scope, target, id) {
      if ('archiveId' in target) await checkArchive(parts, scope, { ...target, id })
      await store.deletePassage(scope, { id, ...target, at: clock.now() })
    },
  }
}

async function addPassages(
  parts: AppParts,
  scope: TenantScope,
  request: { readonly target: PassageTarget; readonly drafts: readonly PassageDraftBody[] },
): Promise<readonly Passage[]> {
  const { target, drafts } = request
  const pieces = drafts.flatMap(toPieces)
  const at = parts.clock.now()
  const agent = 'agentId' in target ? await ownArchive(parts, scope, target.agentId) : null
  const archiveId = 'archiveId' in target ? target.archiveId : (agent?.archive.id ?? '')
  const timezone = agent?.timezone ?? 'UTC'
  const brings = drafts.some(({ vector }) => vector !== undefined)
  const model = brings ? await vectorModel(parts, scope, target) : ''
  const passages = pieces.map((draft) => {
    const passage = newPassage(parts, scope, { draft, archiveId, at })
    const entry = passageEntry(passage, { timezone })
    const { vector } = draft
    return { passage, entry, ...(vector !== undefined && { vector: { model, vector } }) }
  })
  return await parts.store.createPassages(scope, { agent, passages, at })
}

/** The model that vectors of an archive are of. `invalid_argument` where none is named. */
async function vectorModel(
  { store }: AppParts,
  scope: TenantScope,
  target: PassageTarget,
): Promise<string> {
  const model = await store.findPassageModel(scope, target)
  if (model === null) throw noModelNamed('store the vector')
  return model
}

/** An agent with the archive it gets when it has none. */
async function ownArchive(
  parts: AppParts,
  scope: TenantScope,
  agentId: string,
): Promise<{ readonly agentId: string; readonly archive: Archive; readonly timezone: string }> {
  const agent = await parts.store.getAgent(scope, { id: agentId })
  const archive = newArchive(parts, scope, {
    name: `${agent.name}'s Archive`,
    description: 'Default archive created automatically',
    embedding: agent.embedding,
  })
  return { agentId, archive, timezone: agent.timezone }
}

function newArchive(parts: AppParts, scope: TenantScope, draft: ArchiveDraft): Archive {
  const at = parts.clock.now()
  return {
    id: newIdentifier(parts.ids, 'archive'),
    ...draft,
    metadata: {},
    createdAt: at,
    updatedAt: at,
    createdById: scope.userId,
  }
}

function newPassage(
  parts: AppParts,
  scope: TenantScope,
  { draft, archiveId, at }: { draft: PassageDraftBody; archiveId: string; at: number },
): Passage {
  return {
    id: newIdentifier(parts.ids, 'passage'),
    archiveId,
    text: draft.text,
    tags: draft.tags,
    metadata: draft.metadata,
    origin: 'user',
    sourceMessageIds: [],
    createdAt: draft.createdAt ?? at,
    updatedAt: at,
    createdById: scope.userId,
  }
}

/** The pieces of a text that is too long for one passage; else itself. */
function toPieces(draft: PassageDraftBody): readonly PassageDraftBody[] {
  const pieces = splitPassage(draft.text)
  if (pieces.length === 1) return [draft]
  if (draft.vector !== undefined) {
    throw new AppError(
      'invalid_argument',
      `Cannot store the passage with its vector: its text has more than ${longestPassage} tokens and is stored in ${pieces.length} pieces. Split it into several passages, each with a vector of its own.`,
      { data: { limit: longestPassage, pieces: pieces.length } },
    )
  }
  return pieces.map(({ text, piece }) => ({
    ...draft,
    text,
    metadata: { ...draft.metadata, ...pieceMetadata(piece) },
  }))
}

async function checkArchive(
  { store }: AppParts,
  scope: TenantScope,
  place: { readonly archiveId: string; readonly id: string },
): Promise<void> {
  const [passage] = await store.getPassages(scope, { ids: [place.id] })
  if (passage === undefined || passage.archiveId === place.archiveId) return
  throw new AppError(
    'invalid_argument',
    `Cannot delete passage ${place.id}: it is not in archive ${place.archiveId}. Name the archive it is in.`,
  )
}
