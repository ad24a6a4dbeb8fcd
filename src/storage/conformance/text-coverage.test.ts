import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { queryRows } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { openStore } from '../open-store.ts'
import { textTable, textTableNames, wordlessTables } from '../stored-texts.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** A column that could hold words. */
interface Column {
  readonly table: string
  readonly name: string
}

/** What nobody has said anything about: tables in neither list, and columns of tables with words. */
function unknownColumns(columns: readonly Column[]): readonly string[] {
  const tables = new Map<string, ReadonlySet<string>>(
    textTableNames.map((name) => {
      const { key, texts, sources, reads = [], names = [], wholeTexts = [] } = textTable(name)
      const { hashes = [] } = textTable(name)
      const known = [...key, ...Object.keys(texts), ...reads, ...names, ...wholeTexts, ...hashes]
      return [name, new Set(['tenant_id', ...known, ...(sources === undefined ? [] : [sources])])]
    }),
  )
  return columns
    .filter(({ table, name }) => {
      const known = tables.get(table)
      return known === undefined ? !(table in wordlessTables) : !known.has(name)
    })
    .map(({ table, name }) => `${table}.${name}`)
}

/** Tables and columns that are in the lists and in no database. */
function staleNames(columns: readonly Column[]): readonly string[] {
  const tables = new Set(columns.map(({ table }) => table))
  const names = new Set(columns.map(({ table, name }) => `${table}.${name}`))
  const listed = textTableNames.flatMap((table) => {
    const { texts, hashes = [], names: others = [] } = textTable(table)
    return [...Object.keys(texts), ...hashes, ...others].map((name) => `${table}.${name}`)
  })
  return [
    ...[...textTableNames, ...Object.keys(wordlessTables)].filter((name) => !tables.has(name)),
    ...listed.filter((name) => !names.has(name)),
  ]
}

describe('every column that can hold words, of the embedded engine', () => {
  it('is reached by forgetting, or is listed as holding none', async () => {
    const folder = await createTemporaryFolder()
    await (await openStore({ location: folder.path })).close()
    using database = new DatabaseSync(join(folder.path, 'letta.db'))
    // The tables behind the full-text index belong to it.
    const columns = database
      .prepare(
        `SELECT list.name AS "table", info.name FROM pragma_table_list list
         JOIN pragma_table_info(list.name) info
         WHERE list.schema = 'main' AND list.type IN ('table', 'virtual')
           AND list.name <> 'sqlite_schema' AND info.type <> 'INTEGER'`,
      )
      .all() as unknown as Column[]
    const numbers = [{ table: 'memory_numbers', name: 'value' }]
    const known = [...columns, ...numbers]
    expect(unknownColumns(known)).toEqual([])
    expect(staleNames(known)).toEqual([])
    expect(unknownColumns([...known, { table: 'diaries', name: 'page' }])).toEqual(['diaries.page'])
    expect(unknownColumns([{ table: 'messages', name: 'aside' }])).toEqual(['messages.aside'])
    await folder.remove()
  })
})

describePostgres('every column that can hold words, of the engine on a server', () => {
  it('is reached by forgetting, or is listed as holding none', async () => {
    await using database = await borrowDatabase()
    await (await openStore({ location: database.url })).close()
    const rows = await queryRows(
      database.url,
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_schema = current_schema()
         AND data_type NOT IN ('bigint', 'smallint', 'integer', 'boolean')`,
    )
    const columns = rows.map(({ table_name: table, column_name: name }) => ({
      table: String(table),
      name: String(name),
    }))
    expect(columns.length).toBeGreaterThan(100)
    expect(unknownColumns(columns)).toEqual([])
  })
})
