import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** How often some words occur in the bytes of all files of a folder, capitals or not, but for its backups. */
export function countBytes(folder: string, words: readonly string[]): number {
  let count = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (!entry.isFile() || file.startsWith(join(folder, 'backups'))) continue
    const text = readFileSync(file, 'latin1').toLowerCase()
    for (const word of words) count += text.split(word).length - 1
  }
  return count
}

/**
 * What a plain delete leaves: a copy of a data folder, where every row that holds a word is deleted by SQL as any program would,
 * and the database is closed.
 */
export function deletePlainly(from: string, to: string, words: readonly string[]): void {
  cpSync(from, to, { recursive: true })
  const database = new DatabaseSync(join(to, 'letta.db'))
  database.exec('PRAGMA secure_delete = OFF')
  const tables = database
    .prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'`,
    )
    .all()
  for (const { name } of tables) {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(String(name))
    const conditions = columns.flatMap((column) =>
      words.map((word) => `CAST("${String(column['name'])}" AS TEXT) LIKE '%${word}%'`),
    )
    for (let start = 0; start < conditions.length; start += 100) {
      const part = conditions.slice(start, start + 100).join(' OR ')
      database.exec(`DELETE FROM "${String(name)}" WHERE ${part}`)
    }
  }
  database.close()
}
