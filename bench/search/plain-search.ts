import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** How many texts a search gives. */
export const resultCount = 10

/** An engine's own full-text search over the same texts: one table, its index, nothing else. */
export interface PlainSearch {
  add(texts: readonly string[]): Promise<void>
  /** The numbers of the best texts that hold one of the words, from 1 in the order they were added. Default: {@link resultCount}. */
  find(words: readonly string[], limit?: number): Promise<readonly number[]>
  close(): Promise<void>
}

/** SQLite's FTS5 by its own ranking. */
export function openPlainSqlite(file: string): PlainSearch {
  const database = new DatabaseSync(file)
  database.exec('CREATE VIRTUAL TABLE texts USING fts5 (text)')
  const insert = database.prepare('INSERT INTO texts (text) VALUES (?)')
  const select = database.prepare(
    `SELECT rowid, text FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?`,
  )
  return {
    add(texts) {
      database.exec('BEGIN')
      for (const text of texts) insert.run(text)
      database.exec('COMMIT')
      return Promise.resolve()
    },
    find(words, limit = resultCount) {
      const found = select.all(words.map((word) => `"${word}"`).join(' OR '), limit)
      return Promise.resolve(found.map(({ rowid }) => Number(rowid)))
    },
    close() {
      database.close()
      return Promise.resolve()
    },
  }
}

/** PostgreSQL's text search by `ts_rank`. */
export async function openPlainPostgres(url: string): Promise<PlainSearch> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `CREATE TABLE texts (id bigserial PRIMARY KEY, text text NOT NULL,
       words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED);
     CREATE INDEX ON texts USING gin (words)`,
  )
  return {
    async add(texts) {
      await client.query('INSERT INTO texts (text) SELECT unnest($1::text[])', [texts])
    },
    async find(words, limit = resultCount) {
      const found = await client.query<{ id: string }>(
        `SELECT id, text FROM texts, to_tsquery('simple', $1) query WHERE words @@ query
         ORDER BY ts_rank(words, query) DESC LIMIT $2`,
        [words.join(' | '), limit],
      )
      return found.rows.map(({ id }) => Number(id))
    },
    close: () => client.end(),
  }
}
