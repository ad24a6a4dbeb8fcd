import pg from 'pg'
import { searchDocuments } from '../../src/storage/copy/table-port.ts'
import { fromTokenText } from '../../src/storage/engine/search-rows.ts'
import { cloneStatement, templateName, type Filler } from './filler.ts'
import { cloneScope, digitsOf, span, type Template, type TemplateTable } from './template.ts'

/** What `toTermKeys` of the store computes, in SQL. */
const termKeys = `ARRAY(SELECT (('x' || left(encode(sha256(convert_to(clone.scope || ' ' || term, 'UTF8')), 'hex'), 16))
  ::bit(64)::bigint >> 1) & 9223372036854775807 FROM unnest(t.terms) term)`

/** Fills a database on a server, whose commits need not reach the disk while it is filled. */
export async function openPostgresFiller(url: string, template: Template): Promise<Filler> {
  const client = new pg.Client(url)
  await client.connect()
  const computed = { term_keys: termKeys, sequence: `t.sequence + clone.number * ${span}` }
  const statements = template.tables.map((each) =>
    cloneStatement(each, { computed, marks: ['$1::bigint', '$2::bigint'] }),
  )
  let indexes: readonly string[] = []
  return {
    async begin(agents) {
      await client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '256MB'`)
      const sequences = sequencesOf(template)
      for (const each of template.tables) await writeTemplate(client, each, sequences)
      await client.query(
        'CREATE TEMP TABLE clones (number bigint PRIMARY KEY, digits text, scope text)',
      )
      const numbers = Array.from({ length: agents }, (_, index) => index + 1)
      const scopes = numbers.map((number) => cloneScope(template, number))
      await client.query(
        `INSERT INTO clones SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])`,
        [numbers, numbers.map(digitsOf), scopes],
      )
      await client.query('ANALYZE clones')
      const names = template.tables.map(({ table }) => table.name)
      const { rows } = await client.query<{ name: string; definition: string }>(
        `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
         FROM pg_index WHERE indrelid = ANY($1::regclass[]) AND NOT indisprimary`,
        [names],
      )
      indexes = rows.map(({ definition }) => definition)
      for (const { name } of rows) await client.query(`DROP INDEX ${name}`)
    },
    async clone(first, last) {
      await client.query('BEGIN')
      for (const statement of statements) await client.query(statement, [first, last])
      await client.query('COMMIT')
    },
    async finish({ agents, lastSequence }) {
      for (const definition of indexes) await client.query(definition)
      const { tenantId } = template.scope
      await client.query('INSERT INTO sequences VALUES ($1, $2)', [tenantId, lastSequence])
      await client.query('INSERT INTO memory_numbers VALUES ($1, $2)', [tenantId, lastSequence])
      await client.query('INSERT INTO agent_counts VALUES ($1, 0, $2)', [tenantId, agents])
      await client.query('VACUUM ANALYZE')
      await client.query('CHECKPOINT')
    },
    async close() {
      await client.end()
    },
  }
}

/** The numbers of the template's messages by their ids. */
function sequencesOf({ tables }: Template): ReadonlyMap<unknown, unknown> {
  const messages = tables.find(({ table }) => table.name === 'messages')
  const [id, sequence] = ['id', 'sequence'].map(
    (name) => messages?.table.columns.indexOf(name) ?? 0,
  )
  return new Map(messages?.rows.map((row) => [row[id ?? 0], row[sequence ?? 0]]))
}

async function writeTemplate(
  client: pg.Client,
  { table, rows }: TemplateTable,
  sequences: ReadonlyMap<unknown, unknown>,
): Promise<void> {
  const name = templateName(table)
  const isIndex = table.name === searchDocuments.name
  const list = table.columns.map((column) => `"${column}"`).join(', ')
  await client.query(`CREATE TEMP TABLE ${name} AS SELECT 0::bigint AS row_number, ${list}
    ${isIndex ? ', sequence, NULL::text[] AS terms' : ''} FROM ${table.name} LIMIT 0`)
  const objects = rows.map((row, index) => {
    const object: Record<string, unknown> = { row_number: index }
    table.columns.forEach((column, place) => (object[column] = row[place]))
    return isIndex
      ? { ...object, ...termsOf(object), sequence: sequences.get(object['item_id']) }
      : object
  })
  await client.query(
    `INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1::json)`,
    [JSON.stringify(objects)],
  )
  await client.query(`ANALYZE ${name}`)
}

function termsOf(row: Readonly<Record<string, unknown>>): { readonly terms: readonly string[] } {
  const tokens = ['tokens', 'speaker', 'dates'].flatMap((column) =>
    fromTokenText(String(row[column])),
  )
  return { terms: [...new Set(tokens)] }
}
