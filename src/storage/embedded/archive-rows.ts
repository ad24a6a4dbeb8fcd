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
import type { Connection } from './connection.ts'
import { notFound } from '../engine/not-found.ts'
import { addArchiveScope } from '../engine/scope-conditions.ts'
import { addDocument } from './search-index.ts'
import { removeDocuments, removeScope } from './search-removal.ts'
import { takeSequence } from './sequences.ts'
import { asText } from '../engine/sql-value.ts'
import { removeVectors, removeVectorScope } from './vector-rows.ts'

/** An archive that exists for the caller; throws `not_found`. */
export function readArchive(connection: Connection, scope: TenantScope, id: string): Archive {
  const conditions = new Conditions().add('r.tenant_id = ? AND r.id = ?', scope.tenantId, id)
  addArchiveScope(conditions, scope)
  const row = connection.get(
    `SELECT ${archiveTable.list('r')} FROM archives r WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('archive', id)
  return archiveTable.read(row)
}

/** The archive an agent has, or null. */
export function archiveOfAgent(
  connection: Connection,
  tenantId: string,
  agentId: string,
): string | null {
  const row = connection.get(
    `SELECT archive_id FROM agent_archives WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  return row === undefined ? null : asText(row[0])
}

/** Gives an agent an archive; nothing changes when it has it. Throws `conflict` when it has another one. */
export function linkArchive(connection: Connection, tenantId: string, link: ArchiveLink): void {
  const present = archiveOfAgent(connection, tenantId, link.agentId)
  insertArchiveLink(connection, tenantId, { link, present })
}

/** The archive of an agent, created and attached from `archive` when it has none yet. */
export function ensureArchive(
  connection: Connection,
  tenantId: string,
  wish: { readonly agentId: string; readonly archive: Archive; readonly at: number },
): string {
  const present = archiveOfAgent(connection, tenantId, wish.agentId)
  if (present !== null) return present
  archiveTable.insert(connection, tenantId, { item: wish.archive, engineValues: [0] })
  linkArchive(connection, tenantId, {
    agentId: wish.agentId,
    archiveId: wish.archive.id,
    at: wish.at,
  })
  return wish.archive.id
}

/** Stores passages in an archive that exists, with index, tags and count. Returns them as stored. */
export function insertPassages(
  connection: Connection,
  target: { readonly tenantId: string; readonly archiveId: string },
  passages: readonly {
    readonly passage: Omit<Passage, 'archiveId'>
    readonly entry: SearchEntry
  }[],
): Passage[] {
  const { tenantId, archiveId } = target
  if (passages.length === 0) return []
  const first = takeSequence(connection, tenantId, passages.length)
  const scopeToken = passageScope(tenantId, archiveId)
  const stored = passages.map(({ passage, entry }, index) => {
    const item: Passage = { ...passage, archiveId }
    passageTable.insert(connection, tenantId, { item, engineValues: [first + index] })
    insertPassageTags(connection, tenantId, item)
    addDocument(connection, {
      tenantId,
      itemId: item.id,
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
  connection: Connection,
  tenantId: string,
  archiveId: string,
): void {
  const scopeToken = passageScope(tenantId, archiveId)
  removeScope(connection, { tenantId, scopeToken })
  removeVectorScope(connection, { tenantId, scopeToken })
  deleteArchiveRows(connection, tenantId, archiveId)
}

/** Removes a passage from text, index, tags and count. */
export function removePassage(
  connection: Connection,
  tenantId: string,
  { id, archiveId }: Pick<Passage, 'id' | 'archiveId'>,
): void {
  removeDocuments(connection, tenantId, [id])
  removeVectors(connection, tenantId, [id])
  deletePassageRows(connection, tenantId, { id, archiveId })
}

/** Gives a passage its new text and tags; its vectors are of the old text and go. */
export function replaceText(
  connection: Connection,
  tenantId: string,
  { passage, entry }: { readonly passage: Passage; readonly entry: SearchEntry },
): void {
  const { id, archiveId, text, tags, origin, sourceMessageIds, updatedAt } = passage
  const set = { text, tags, origin, sourceMessageIds, updatedAt }
  removeDocuments(connection, tenantId, [id])
  removeVectors(connection, tenantId, [id])
  deletePassageTags(connection, tenantId, passage)
  passageTable.update(connection, { tenantId, id }, set)
  insertPassageTags(connection, tenantId, passage)
  addDocument(connection, {
    tenantId,
    itemId: id,
    scopeToken: passageScope(tenantId, archiveId),
    entry,
    role: null,
    conversationId: null,
    createdAt: passage.createdAt,
  })
}
