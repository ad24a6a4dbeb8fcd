import { Connection } from '../../src/storage/embedded/connection.ts'
import { openDataFolder } from '../../src/storage/embedded/data-folder.ts'
import { asText } from '../../src/storage/engine/sql-value.ts'
import { cloneStatement, templateName, type Filler } from './filler.ts'
import { cloneScope, digitsOf, type Template } from './template.ts'

/** Fills the database in a data folder, whose writes need not reach the disk while it is filled. */
export function openSqliteFiller(location: string, template: Template): Filler {
  const connection = new Connection(openDataFolder(location).databaseFile)
  const { tenantId } = template.scope
  const statements = template.tables.map((each) =>
    cloneStatement(each, { computed: {}, marks: ['?', '?'] }),
  )
  let indexes: readonly string[] = []
  return {
    async begin(agents) {
      connection.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000')
      for (const { table, rows } of template.tables) {
        const columns = table.columns.map((column) => `"${column}"`).join(', ')
        connection.exec(
          `CREATE TEMP TABLE ${templateName(table)} (row_number INTEGER PRIMARY KEY, ${columns})`,
        )
        const marks = table.columns.map(() => '?').join(', ')
        const insert = `INSERT INTO ${templateName(table)} (${columns}) VALUES (${marks})`
        for (const row of rows) connection.run(insert, ...row)
      }
      connection.exec('CREATE TEMP TABLE clones (number INTEGER PRIMARY KEY, digits, scope); BEGIN')
      for (let number = 1; number <= agents; number += 1) {
        const values = [number, digitsOf(number), cloneScope(template, number)]
        connection.run('INSERT INTO clones VALUES (?, ?, ?)', ...values)
      }
      connection.exec('COMMIT')
      const names = template.tables.map(({ table }) => table.name)
      const rows = connection.all(
        `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
         AND tbl_name IN (SELECT value FROM json_each(?))`,
        JSON.stringify(names),
      )
      indexes = rows.map(([, sql]) => asText(sql))
      for (const [name] of rows) connection.exec(`DROP INDEX ${asText(name)}`)
    },
    async clone(first, last) {
      connection.exec('BEGIN')
      for (const statement of statements) connection.run(statement, first, last)
      connection.exec('COMMIT')
    },
    async finish({ agents, lastSequence }) {
      for (const sql of indexes) connection.exec(sql)
      connection.exec(`INSERT INTO search_index (search_index) VALUES ('rebuild')`)
      connection.run('INSERT INTO sequences VALUES (?, ?)', tenantId, lastSequence)
      connection.run('INSERT INTO memory_numbers VALUES (?, ?)', tenantId, lastSequence)
      connection.run('INSERT INTO agent_counts VALUES (?, 0, ?)', tenantId, agents)
      connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    async close() {
      connection.close()
    },
  }
}
