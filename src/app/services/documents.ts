import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { ArchiveDocument, DocumentPart } from '../../domain/document.ts'
import { namedIdentifier, newIdentifier } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { hasWords } from '../../memory/admission/junk-reason.ts'
import { redactSecrets } from '../../memory/redact-secrets.ts'
import { passageEntry } from '../../memory/search/search-entry.ts'
import { splitText } from '../../memory/split-text.ts'
import { emptyWrite, type MemoryWrite } from '../../storage/contract/memory-store.ts'
import type { AppParts } from '../app-parts.ts'
import { userChange } from './change-cause.ts'
import { eachPassage } from './each-passage.ts'

/** A text to be brought into an agent's archive. */
export interface DocumentDraft {
  readonly path: string
  readonly text: string
  readonly additionId: string
  readonly tags: readonly string[]
  /** The time the text is about; null = now. */
  readonly createdAt: number | null
}

/** What became of it. */
export interface AddedDocument {
  readonly id: string
  /** How many pieces it has. */
  readonly passages: number
  /** How many of them were stored now; the others were there before. */
  readonly stored: number
  /** How many secrets were taken out of it. */
  readonly redacted: number
}

/** Texts of people in the archive of an agent. Every operation: `not_found` for the agent. */
export interface DocumentService {
  /** Cuts a text at natural boundaries and stores the pieces, all at once, each once. `invalid_argument` for an empty one. */
  add(scope: TenantScope, agentId: string, draft: DocumentDraft): Promise<AddedDocument>
  /** All documents, in the order they came in. */
  list(scope: TenantScope, agentId: string): Promise<readonly ArchiveDocument[]>
  /** The pieces of one, in order. `not_found`. */
  get(scope: TenantScope, agentId: string, id: string): Promise<readonly Passage[]>
  /** Takes a document out, or all of an addition; the change can be taken back. Returns how many pieces. `not_found`. */
  remove(scope: TenantScope, agentId: string, id: string): Promise<number>
}

type Parts = Pick<AppParts, 'store' | 'clock' | 'ids'>

/** How many passages are read or removed at a time. */
const pageSize = 500

const partSchema = z.lazy(() =>
  z.object({
    document: z.object({
      id: z.string(),
      path: z.string(),
      added: z.string(),
      part: z.number(),
      parts: z.number(),
    }),
  }),
)

/** Makes the service of documents. */
export function createDocumentService(parts: Parts): DocumentService {
  return {
    add: (scope, agentId, draft) => addDocument(parts, scope, { agentId, draft }),
    list: (scope, agentId) => listDocuments(parts, scope, agentId),
    async get(scope, agentId, id) {
      const found = await findPassages(parts, scope, { agentId, id })
      return found.toSorted((left, right) => (partOf(left)?.part ?? 0) - (partOf(right)?.part ?? 0))
    },
    remove: (scope, agentId, id) => removeDocument(parts, scope, { agentId, id }),
  }
}

async function addDocument(
  parts: Parts,
  scope: TenantScope,
  { agentId, draft }: { readonly agentId: string; readonly draft: DocumentDraft },
): Promise<AddedDocument> {
  const { store, clock } = parts
  const agent = await store.getAgent(scope, { id: agentId })
  const { text, count: redacted } = redactSecrets(draft.text)
  const pieces = splitText(text)
  if (pieces.length === 0 || !hasWords(text)) {
    const state = pieces.length === 0 ? 'it has no text' : 'it has no words'
    throw new AppError(
      'invalid_argument',
      `Cannot add ${draft.path} to the archive: ${state}. Leave it out.`,
    )
  }
  const archive = await ensureArchive(parts, scope, { id: agentId, name: agent.name })
  const name = `${archive.id}\n${draft.path}\n${createHash('sha256').update(text).digest('hex')}`
  const id = namedIdentifier('document', name)
  const at = clock.now()
  const passages = pieces.map((piece, index) => {
    const document: DocumentPart = {
      id,
      path: draft.path,
      added: draft.additionId,
      part: index + 1,
      parts: pieces.length,
    }
    const passage: Passage = {
      id: namedIdentifier('passage', `${name}\n${index}`),
      archiveId: archive.id,
      text: piece,
      tags: draft.tags,
      metadata: { document: { ...document } },
      origin: 'import',
      sourceMessageIds: [],
      createdAt: draft.createdAt ?? at,
      updatedAt: at,
      createdById: scope.userId,
    }
    return { passage, entry: passageEntry(passage, agent) }
  })
  const known = await findKnown(
    parts,
    scope,
    passages.map(({ passage }) => passage.id),
  )
  const fresh = passages.filter(({ passage }) => !known.has(passage.id))
  if (fresh.length > 0) {
    await store.changeMemory(scope, { ...newWrite(scope, { agentId, at }), passages: fresh })
  }
  return { id, passages: passages.length, stored: fresh.length, redacted }
}

/** A change of an agent's archive that does nothing yet. */
function newWrite(
  scope: TenantScope,
  { agentId, at }: { readonly agentId: string; readonly at: number },
): MemoryWrite {
  const cause = userChange(scope, 'document')
  return { ...emptyWrite, agentId, cause, at }
}

async function ensureArchive(
  parts: Parts,
  scope: TenantScope,
  agent: { readonly id: string; readonly name: string },
): Promise<Archive> {
  const { store } = parts
  const page = { limit: 1, order: 'asc' } as const
  const [present] = await store.listArchives(scope, { agentId: agent.id, page })
  if (present !== undefined) return present
  const at = parts.clock.now()
  const archive: Archive = {
    id: newIdentifier(parts.ids, 'archive'),
    name: `${agent.name}'s Archive`,
    description: 'Default archive created automatically',
    metadata: {},
    embedding: null,
    createdAt: at,
    updatedAt: at,
    createdById: scope.userId,
  }
  return await store.createArchive(scope, { archive, agentId: agent.id, at })
}

async function findKnown(
  { store }: Parts,
  scope: TenantScope,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  for (let start = 0; start < ids.length; start += pageSize) {
    const found = await store.getPassages(scope, { ids: ids.slice(start, start + pageSize) })
    for (const { id } of found) known.add(id)
  }
  return known
}

async function listDocuments(
  parts: Parts,
  scope: TenantScope,
  agentId: string,
): Promise<readonly ArchiveDocument[]> {
  const documents = new Map<string, ArchiveDocument>()
  for await (const passage of eachPassage(parts, scope, agentId)) {
    const part = partOf(passage)
    if (part === null) continue
    const known = documents.get(part.id)
    documents.set(part.id, {
      id: part.id,
      path: part.path,
      additionId: part.added,
      tags: passage.tags,
      passageCount: (known?.passageCount ?? 0) + 1,
      characters: (known?.characters ?? 0) + passage.text.length,
      createdAt: passage.createdAt,
    })
  }
  return [...documents.values()]
}

async function findPassages(
  parts: Parts,
  scope: TenantScope,
  { agentId, id }: { readonly agentId: string; readonly id: string },
): Promise<readonly Passage[]> {
  const found: Passage[] = []
  for await (const passage of eachPassage(parts, scope, agentId)) {
    const part = partOf(passage)
    if (part?.id === id || part?.added === id) found.push(passage)
  }
  if (found.length > 0) return found
  throw new AppError(
    'not_found',
    `Cannot find the document ${id}: the agent's archive has none with this id. Look at the list.`,
    { data: { kind: 'document', id } },
  )
}

async function removeDocument(
  parts: Parts,
  scope: TenantScope,
  { agentId, id }: { readonly agentId: string; readonly id: string },
): Promise<number> {
  const { store, clock } = parts
  const passages = await findPassages(parts, scope, { agentId, id })
  for (let start = 0; start < passages.length; start += pageSize) {
    const page = passages.slice(start, start + pageSize)
    const deletedPassages = await Promise.all(
      page.map(async (passage) => ({
        passageId: passage.id,
        expectedVersion: await versionOf(parts, scope, { agentId, itemId: passage.id }),
      })),
    )
    const write = newWrite(scope, { agentId, at: clock.now() })
    await store.changeMemory(scope, { ...write, deletedPassages })
  }
  return passages.length
}

async function versionOf(
  { store }: Parts,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): Promise<number> {
  const [last] = await store.listMemoryChanges(scope, { agentId, itemId, limit: 1 })
  return last?.version ?? 1
}

function partOf({ metadata }: Passage): DocumentPart | null {
  const parsed = partSchema.safeParse(metadata)
  return parsed.success ? parsed.data.document : null
}
