import { expect, it } from 'vitest'
import { describeOwnServer } from '../../../test/setup/describe-postgres.ts'
import { execute, queryRows } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { searchCandidates } from '../conformance/candidate-search.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'

/** By what an index finds single texts: a term, an item, a place in a conversation, or that they came lately. */
const lookups: Readonly<Record<string, RegExp>> = {
  search_documents_by_scope: /tenant_scope = .*sequence (= wanted|> )/,
  search_documents_by_term: /term_keys @>/,
  search_documents_pkey: /tenant_id = .*item_id = /,
  search_documents_by_place: /tenant_scope = .*thread = .*place >= .*place <= /,
}

/** So many texts in the scope that reading all of it is not as good as looking one up. */
const grow = `INSERT INTO search_documents
  SELECT (jsonb_populate_record(d, jsonb_build_object(
    'item_id', d.item_id || n, 'place', n, 'sequence', d.sequence + n, 'term_keys', jsonb_build_array(n)))).*
  FROM search_documents d, generate_series(1, 2000) n WHERE d.tenant_id NOT LIKE 'other %'`

/** Five texts each of so many other tenants that one of them seems to have next to nothing. */
const growOthers = `INSERT INTO search_documents
  SELECT (jsonb_populate_record(d, jsonb_build_object(
    'tenant_id', 'other ' || n % 400, 'tenant_scope', n % 400, 'item_id', d.item_id || n))).*
  FROM search_documents d, generate_series(1, 2000) n`

/** One text each of so many other tenants that any tenant seems to have just one. */
const growSingly = `INSERT INTO search_documents
  SELECT (jsonb_populate_record(d, jsonb_build_object(
    'tenant_id', 'other ' || n, 'tenant_scope', n, 'item_id', d.item_id || n))).*
  FROM search_documents d, generate_series(1, 10000) n
  WHERE d.item_id = (SELECT min(item_id) FROM search_documents)`

const analyse = 'ANALYZE search_documents'

/** What a server counts that last looked when the table had pages and no texts, as after a large removal. */
const countNone = `UPDATE pg_class SET reltuples = 0
  WHERE oid = 'search_documents'::regclass AND relpages > 0`

/** What the server knows of the table when it chooses by which index to look. */
const states: readonly (readonly [string, readonly string[]])[] = [
  ['the table was analysed', [grow, analyse]],
  ['the table was never analysed', [grow]],
  ['the tenant is taken for one of many small ones', [growOthers, analyse, grow]],
  ['the tenant is taken for one of many with one text', [growSingly, analyse, grow]],
  ['the table is taken for an empty one', [grow, analyse, countNone]],
]

describeOwnServer('a search that chooses candidates on PostgreSQL', () => {
  it.each(states)('looks each up in an index when %s', async (_, changes) => {
    await using database = await borrowDatabase()
    const statements = new Set<string>()
    const onStatement = (sql: string): void => void statements.add(sql)
    const hooks = { onStatement, leaseClockOffset: 0 }
    const store = await openStore({ location: database.url, hooks })
    await searchCandidates(store, () => statements.clear())
    await readTexts(store)
    await store.close()
    await execute(database.url, `${forget} ${changes.join(';')}`)
    const searches = [...statements].filter((sql) => sql.includes('search_documents d'))
    expect(searches.length).toBeGreaterThan(4)
    for (const sql of searches) {
      const reads = (await explain(database.url, sql)).filter(({ table }) => table === searched)
      expect(reads.length).toBeGreaterThan(0)
      for (const { index, condition } of reads) {
        expect([index, condition]).toEqual([index, expect.stringMatching(lookups[index] ?? never)])
      }
    }
  })
})

/** Reads the texts of an agent, as is done where there are few enough to be scored all. */
async function readTexts(store: Store): Promise<void> {
  const world = new World(store)
  const { id: agentId } = await world.agent()
  const owner = { kind: 'messages', agentId } as const
  const read = { owner, known: null, completeUpTo: 9, limit: 9, tags: [], tagMatch: 'any' } as const
  await store.readTexts(world.scope, read)
}

const searched = 'search_documents'

/** A borrowed database may have been analysed, and its rows counted, by whoever had it before. */
const forget = `DELETE FROM pg_statistic WHERE starelid = '${searched}'::regclass;
  UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE oid = '${searched}'::regclass;`

const never = /^(?!)/

/** One reading of a table in a plan; without an index the table is read from end to end. */
interface Reading {
  readonly table: string
  readonly index: string
  readonly condition: string
}

interface PlanNode {
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
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
  const scan = [node, ...parts].find((part) => part['Index Name'] !== undefined)
  const { 'Index Name': index = '', 'Index Cond': condition = '' } = scan ?? {}
  const own = table === undefined ? [] : [{ table, index, condition }]
  return [...own, ...parts.flatMap(readingsOf)]
}
