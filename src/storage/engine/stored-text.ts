import type { Passage } from '../../domain/archive.ts'
import { AppError } from '../../errors/app-error.ts'

/**
 * A statement that finds the passage of an archive which is a text, letter by letter, with all its tags or more, and is none
 * of those that it knows of.
 */
export function findStoredText(
  { tenantId, archiveId }: { readonly tenantId: string; readonly archiveId: string },
  {
    passage: { text, tags: given },
    repeats = [],
  }: {
    readonly passage: Pick<Passage, 'text' | 'tags'>
    readonly repeats?: readonly string[]
  },
): { readonly sql: string; readonly values: readonly (string | number)[] } {
  const tags = [...new Set(given)]
  const withTags = `AND (SELECT count(*) FROM passage_tags t WHERE t.tenant_id = s.tenant_id
    AND t.archive_id = s.archive_id AND t.passage_id = s.id
    AND t.tag IN (${tags.map(() => '?').join(', ')})) = ?`
  const marks = repeats.map(() => '?').join(', ')
  return {
    sql: `SELECT s.id FROM passages s WHERE s.tenant_id = ? AND s.archive_id = ?
      AND length(s.text) = length(?) AND s.text = ? ${tags.length === 0 ? '' : withTags}
      ${marks === '' ? '' : `AND s.id NOT IN (${marks})`} LIMIT 1`,
    values: [
      tenantId,
      archiveId,
      text,
      text,
      ...(tags.length === 0 ? [] : [...tags, tags.length]),
      ...repeats,
    ],
  }
}

/** The error for a text that another commit has stored since it was looked for. */
export function textStored(passageId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot store a text twice: ${passageId} is it. Look for it again.`,
    { data: { reason: 'stored', id: passageId } },
  )
}
