import type { PassageSearch } from '../contract/search-store.ts'
import { selectTagged } from '../engine/search-filter.ts'
import { asText } from '../engine/sql-value.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'

/** The passages of an archive with the tags that are asked for; null when any will do. */
export function readTagged(
  connection: Connection,
  tenantId: string,
  input: Pick<PassageSearch, 'tags' | 'tagMatch'> & { readonly archiveId: string | null },
): readonly string[] | null {
  const archive = { sql: '?', values: [input.archiveId] }
  const query = selectTagged(new Conditions(), { tenantId, archive, input })
  if (query === null) return null
  return connection.all(query.sql, ...query.values).map(([id]) => asText(id))
}
