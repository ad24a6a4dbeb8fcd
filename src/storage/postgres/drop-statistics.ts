import type { ClientBase } from 'pg'

/**
 * The statements by which the server drops what it noted of the values in these tables, if there is any. Only a change of
 * their types does that, here to the same ones.
 */
const selectDrops = `
  SELECT format('ALTER TABLE %I ', c.relname) || string_agg(
      format('ALTER COLUMN %I TYPE %s', a.attname, format_type(a.atttypid, a.atttypmod))
        || CASE WHEN l.oid IS NULL THEN '' ELSE format(' COLLATE %I.%I', n.nspname, l.collname) END, ', ') AS statement
  FROM pg_stats s
  JOIN pg_class c ON c.relname = s.tablename AND c.relkind = 'r' AND pg_table_is_visible(c.oid)
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_namespace n ON n.oid = l.collnamespace
  WHERE s.schemaname = current_schema() AND c.relname = ANY($1)
    AND pg_has_role(c.relowner, 'USAGE')
  GROUP BY c.relname`

/**
 * Drops what the server noted of tables that are empty by now: looking again tells it nothing about them, and what it
 * noted before are values that were there. Rejects when one of them stays in use.
 */
export async function dropStatistics(client: ClientBase, tables: readonly string[]): Promise<void> {
  const empty: string[] = []
  for (const table of tables) {
    const { rows } = await client.query(`SELECT 1 FROM "${table}" LIMIT 1`)
    if (rows.length === 0) empty.push(table)
  }
  const { rows } = await client.query<{ statement: string }>(selectDrops, [empty])
  for (const { statement } of rows) await client.query(statement)
}
