import { expect, it } from 'vitest'
import { describeOwnServer } from '../../../test/setup/describe-postgres.ts'
import { execute, queryRows } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { searchCandidates } from '../conformance/candidate-search.ts'
import { openStore } from '../open-store.ts'

/** The indexes by which one text is found: by a term, by its item, and by its place in a conversation. */
const lookups = new Set([
  'search_documents_by_term',
  'search_documents_pkey',
  'search_documents_by_place',
])

/** So many texts in the scope that reading all of it is not as good as looking one up. */
const grow = `INSERT INTO search_documents
  SELECT (jsonb_populate_record(d, jsonb_build_object(
    'item_id', d.item_id || n, 'place', n, 'sequence', d.sequence + n, 'term_keys', jsonb_build_array(n)))).*
  FROM search_documents d, generate_series(1, 10000) n`

describeOwnServer('a search that chooses candidates on PostgreSQL', () => {
  it('looks each up in an index instead of reading the table or the whole scope', async () => {
    await using database = await borrowDatabase()
    const statements = new Set<string>()
    const onStatement = (sql: string): void => void statements.add(sql)
    const hooks = { onStatement, leaseClockOffset: 0 }
    const store = await openStore({ location: database.url, hooks })
    await searchCandidates(store, () => statements.clear())
    await store.close()
    await execute(database.url, grow)
    await execute(database.url, 'ANALYZE search_documents')
    const searches = [...statements].filter((sql) => sql.includes('search_documents d'))
    expect(searches.length).toBeGreaterThan(2)
    for (const sql of searches) {
      const reads = (await explain(database.url, sql)).filter(({ table }) => table === searched)
      expect(reads.length).toBeGreaterThan(0)
      for (const { index } of reads) expect(lookups).toContain(index)
    }
  })
})

const searched = 'search_documents'

/** One reading of a table in a plan; without an index the table is read from end to end. */
interface Reading {
  readonly table: string
  readonly index: string | null
}

interface PlanNode {
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PlanNode[]
}

/** What a statement reads, whatever values it is given, where reading whole tables is the last resort. */
async function explain(url: string, sql: string): Promise<readonly Reading[]> {
  let number = 0
  const numbered = sql.replaceAll('?', () => `$${(number += 1)}`)
  const place = new URL(url)
  place.searchParams.set('options', '-c enable_seqscan=off')
  const rows = await queryRows(place.href, `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${numbered}`)
  const plans = rows.flatMap((row) => row['QUERY PLAN'] as readonly { readonly Plan: PlanNode }[])
  return plans.flatMap(({ Plan: root }) => readingsOf(root))
}

/** A scan by a bitmap names its index one level below. */
function readingsOf(node: PlanNode): readonly Reading[] {
  const { Plans: parts = [] } = node
  const table = node['Relation Name']
  const index = node['Index Name'] ?? parts.find((part) => part['Index Name'])?.['Index Name']
  const own = table === undefined ? [] : [{ table, index: index ?? null }]
  return [...own, ...parts.flatMap(readingsOf)]
}
