import type { Passage } from '../../domain/archive.ts'
import { AppError } from '../../errors/app-error.ts'
import { toScopeToken } from './search-tokens.ts'
import type { ChangeTarget } from './table.ts'

/** An archive and the agent that gets it. */
export interface ArchiveLink {
  readonly agentId: string
  readonly archiveId: string
  readonly at: number
}

/** Gives an agent an archive; nothing changes when `present` is it. Throws `conflict` when that is another one. */
export function insertArchiveLink(
  target: ChangeTarget,
  tenantId: string,
  { link, present }: { readonly link: ArchiveLink; readonly present: string | null },
): void {
  const { agentId, archiveId, at } = link
  if (present === archiveId) return
  if (present !== null) {
    throw new AppError(
      'conflict',
      `Cannot attach the archive ${archiveId} to the agent ${agentId}: it has the archive ${present}. Detach that one first.`,
      { data: { reason: 'archive_attached', agent_id: agentId, archive_id: present } },
    )
  }
  target.post(
    `INSERT INTO agent_archives (tenant_id, agent_id, archive_id, created_at) VALUES (?, ?, ?, ?)`,
    tenantId,
    agentId,
    archiveId,
    at,
  )
}

/** Counts passages that came into an archive, or went. */
export function countPassages(
  target: ChangeTarget,
  { tenantId, archiveId }: { readonly tenantId: string; readonly archiveId: string },
  more: number,
): void {
  target.post(
    `UPDATE archives SET passage_count = passage_count + ? WHERE tenant_id = ? AND id = ?`,
    more,
    tenantId,
    archiveId,
  )
}

/** Writes the tags of a passage for filters. */
export function insertPassageTags(target: ChangeTarget, tenantId: string, passage: Passage): void {
  for (const tag of new Set(passage.tags)) {
    target.post(
      `INSERT INTO passage_tags (tenant_id, archive_id, tag, passage_id) VALUES (?, ?, ?, ?)`,
      tenantId,
      passage.archiveId,
      tag,
      passage.id,
    )
  }
}

/** Removes the tags of a passage. */
export function deletePassageTags(
  target: ChangeTarget,
  tenantId: string,
  { id, archiveId }: Pick<Passage, 'id' | 'archiveId'>,
): void {
  target.post(
    `DELETE FROM passage_tags WHERE tenant_id = ? AND archive_id = ? AND passage_id = ?`,
    tenantId,
    archiveId,
    id,
  )
}

/** Removes a passage with its tags from its archive; not from the index, nor its vectors. */
export function deletePassageRows(
  target: ChangeTarget,
  tenantId: string,
  passage: Pick<Passage, 'id' | 'archiveId'>,
): void {
  deletePassageTags(target, tenantId, passage)
  target.post(`DELETE FROM passages WHERE tenant_id = ? AND id = ?`, tenantId, passage.id)
  countPassages(target, { tenantId, archiveId: passage.archiveId }, -1)
}

/** Removes an archive with its passages and links; not from the index, nor the vectors. */
export function deleteArchiveRows(target: ChangeTarget, tenantId: string, archiveId: string): void {
  const archive = [tenantId, archiveId] as const
  for (const table of ['passage_tags', 'passages', 'passage_versions', 'agent_archives']) {
    target.post(`DELETE FROM ${table} WHERE tenant_id = ? AND archive_id = ?`, ...archive)
  }
  target.post(`DELETE FROM memory_changes WHERE tenant_id = ? AND owner_id = ?`, ...archive)
  target.post(`DELETE FROM archives WHERE tenant_id = ? AND id = ?`, ...archive)
}

/** Where the passages of an archive are found. */
export function passageScope(tenantId: string, archiveId: string): string {
  return toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId })
}
