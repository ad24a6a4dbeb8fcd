import type { Passage } from '../../domain/archive.ts'
import type { ExpectedPassage } from '../contract/memory-store.ts'
import { passageTable } from './archive-tables.ts'
import { notFound } from './not-found.ts'
import { asInteger, toJsonColumn, type SqlExpression, type SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'
import { versionConflict } from './version-conflict.ts'

/** The query for a passage of an archive with its version; null = no archive, which has none. */
export function selectPassage(
  tenantId: string,
  { passageId, archiveId }: { readonly passageId: string; readonly archiveId: string | null },
): SqlExpression {
  return {
    sql: `SELECT s.version, ${passageTable.list('s')} FROM passages s
     WHERE s.tenant_id = ? AND s.id = ? AND s.archive_id = ?`,
    values: [tenantId, passageId, archiveId],
  }
}

/** The passage that {@link selectPassage} found. Throws `not_found`, or `conflict` when it has another version. */
export function requirePassageVersion(
  { passageId, expectedVersion }: ExpectedPassage,
  row: SqlRow | undefined,
): Passage {
  if (row === undefined) throw notFound('passage', passageId)
  const current = asInteger(row[0])
  if (current !== expectedVersion) {
    throw versionConflict(passageId, { expected: expectedVersion, current })
  }
  return passageTable.read(row, 1)
}

/** Keeps what a passage is now; {@link raiseVersion} has to follow. */
export function insertPassageVersion(
  target: ChangeTarget,
  tenantId: string,
  passage: Passage,
): void {
  target.post(
    `INSERT INTO passage_versions (tenant_id, passage_id, version, archive_id, item)
     SELECT s.tenant_id, s.id, s.version, s.archive_id, ? FROM passages s
     WHERE s.tenant_id = ? AND s.id = ?`,
    toJsonColumn(passage),
    tenantId,
    passage.id,
  )
}

/** The change that gives a passage its next version, which it returns. */
export function raiseVersion(tenantId: string, id: string): SqlExpression {
  return {
    sql: `UPDATE passages SET version = version + 1 WHERE tenant_id = ? AND id = ? RETURNING version`,
    values: [tenantId, id],
  }
}

/**
 * The change that lets a passage that is brought back go on counting where it ended, and returns its version; a deletion
 * counts as a version, too.
 */
export function continueVersions(tenantId: string, id: string): SqlExpression {
  return {
    sql: `UPDATE passages SET version = coalesce((SELECT max(c.version) FROM memory_changes c
       WHERE c.tenant_id = passages.tenant_id AND c.item_id = passages.id), 0) + 1
     WHERE tenant_id = ? AND id = ? RETURNING version`,
    values: [tenantId, id],
  }
}
