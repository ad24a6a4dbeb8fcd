import {
  countPassages,
  deleteArchiveRows,
  deletePassageRows,
  deletePassageTags,
  insertArchiveLink,
  insertPassageTags,
  passageScope,
  type ArchiveLink,
} from '../engine/archive-changes.ts'
import { archiveTable, passageTable } from '../engine/archive-tables.ts'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { SearchEntry } from '../contract/search-entry.ts'
import type { SqlConnection } from './sql-connection.ts'
import { notFound } from '../engine/not-found.ts'
import { addArchiveScope } from '../engine/scope-conditions.ts'
import { addDocument, removeDocuments, removeScope } from './search-index.ts'
import { reserveSequence } from './sequences.ts'
import { asInteger, asText } from '../engine/sql-value.ts'
import { removeVectors, removeVectorScope } from './vector-rows.ts'

/** An archive that exists for the caller; throws `not_found`. */
export async function readArchive(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<Archive> {
  const conditions = new Conditions().add('r.tenant_id = ? AND r.id = ?', scope.tenantId, id)
  addArchiveScope(conditions, scope)
  const row = await connection.get(
    `SELECT ${archiveTable.list('r')} FROM archives r WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('archive', id)
  return archiveTable.read(row)
}

/** The archive an agent has, or null. */
export async function archiveOfAgent(
  connection: SqlConnection,
  tenantId: string,
  agentId: string,
): Promise<string | null> {
  const row = await connection.get(
    `SELECT archive_id FROM agent_archives WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  return row === undefined ? null : asText(row[0])
}

/** Gives an agent an archive; nothing changes when it has it. Throws `conflict` when it has another one. */
export async function linkArchive(
  connection: SqlConnection,
  tenantId: string,
  link: ArchiveLink,
): Promise<void> {
  const present = await archiveOfAgent(connection, tenantId, link.agentId)
  insertArchiveLink(connection, tenantId, { link, present })
}

/** The archive of an agent, created and attached from `archive` when it has none yet. */
export async function ensureArchive(
  connection: SqlConnection,
  tenantId: string,
  wish: { readonly agentId: string; readonly archive: Archive; readonly at: number },
): Promise<string> {
  const present = await archiveOfAgent(connection, tenantId, wish.agentId)
  if (present !== null) return present
  archiveTable.insert(connection, tenantId, { item: wish.archive, engineValues: [0] })
  await linkArchive(connection, tenantId, {
    agentId: wish.agentId,
    archiveId: wish.archive.id,
    at: wish.at,
  })
  return wish.archive.id
}

/** Stores passages in an archive that exists, with index, tags and count. Returns them as stored. */
export function insertPassages(
  connection: SqlConnection,
  target: { readonly tenantId: string; readonly archiveId: string },
  passages: readonly {
    readonly passage: Omit<Passage, 'archiveId'>
    readonly entry: SearchEntry
  }[],
): Passage[] {
  const { tenantId, archiveId } = target
  if (passages.length === 0) return []
  const sequence = reserveSequence(connection, tenantId, passages.length)
  const scopeToken = passageScope(tenantId, archiveId)
  const stored = passages.map(({ passage, entry }, index) => {
    const item: Passage = { ...passage, archiveId }
    passageTable.insertComputed(connection, tenantId, {
      item,
      computed: {},
      engineValues: [sequence.at(index)],
    })
    insertPassageTags(connection, tenantId, item)
    addDocument(connection, {
      tenantId,
      itemId: item.id,
      sequence: sequence.at(index),
      scopeToken,
      entry,
      role: null,
      conversationId: null,
      createdAt: item.createdAt,
    })
    return item
  })
  countPassages(connection, target, stored.length)
  return stored
}

/** Removes an archive with its passages and links. */
export function deleteArchiveData(
  connection: SqlConnection,
  tenantId: string,
  archiveId: string,
): void {
  const scopeToken = passageScope(tenantId, archiveId)
  removeScope(connection, { tenantId, scopeToken })
  deleteArchiveRows(connection, tenantId, archiveId)
  removeVectorScope(connection, { tenantId, scopeToken })
}

/** Removes a passage from text, index, tags and count. */
export function removePassage(
  connection: SqlConnection,
  tenantId: string,
  { id, archiveId }: Pick<Passage, 'id' | 'archiveId'>,
): void {
  removeDocuments(connection, { tenantId, itemIds: [id] })
  removeVectors(connection, { tenantId, itemIds: [id] })
  deletePassageRows(connection, tenantId, { id, archiveId })
}

/** Gives a passage its new text and tags; its vectors are of the old text and go. */
export async function replaceText(
  connection: SqlConnection,
  tenantId: string,
  { passage, entry }: { readonly passage: Passage; readonly entry: SearchEntry },
): Promise<void> {
  const { id, archiveId, text, tags, origin, sourceMessageIds, updatedAt } = passage
  const set = { text, tags, origin, sourceMessageIds, updatedAt }
  const row = await connection.get(
    `SELECT sequence FROM passages WHERE tenant_id = ? AND id = ?`,
    tenantId,
    id,
  )
  removeDocuments(connection, { tenantId, itemIds: [id] })
  removeVectors(connection, { tenantId, itemIds: [id] })
  deletePassageTags(connection, tenantId, passage)
  passageTable.update(connection, { tenantId, id }, set)
  insertPassageTags(connection, tenantId, passage)
  addDocument(connection, {
    tenantId,
    itemId: id,
    sequence: asInteger(row?.[0]),
    scopeToken: passageScope(tenantId, archiveId),
    entry,
    role: null,
    conversationId: null,
    createdAt: passage.createdAt,
  })
}
