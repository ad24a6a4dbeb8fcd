import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute, queryRows } from './postgres-server.ts'

/**
 * The tables and indexes of a database of the fetched server, by name, whose files hold one of some texts or bytes, once the
 * server has written everything there.
 */
export async function relationsWith(
  url: string,
  needles: readonly (string | Uint8Array)[],
): Promise<readonly string[]> {
  await execute(url, 'CHECKPOINT')
  const [place] = await queryRows(
    url,
    `SELECT current_setting('data_directory') AS folder, oid FROM pg_database WHERE datname = current_database()`,
  )
  const folder = join(String(place?.['folder']), 'base', String(place?.['oid']))
  const holders = readdirSync(folder).filter((name) => {
    const bytes = readFileSync(join(folder, name))
    return needles.some((needle) => bytes.includes(needle))
  })
  const relations = await queryRows(
    url,
    `SELECT relname, pg_relation_filenode(oid)::text AS file FROM pg_class WHERE relkind IN ('r', 't', 'i')`,
  )
  const names = new Map(relations.map(({ relname, file }) => [String(file), String(relname)]))
  return holders.map((name) => names.get(name.split(/[._]/)[0] ?? '') ?? name)
}
