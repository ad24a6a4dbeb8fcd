import type { Pool } from 'pg'

/** The shortest and the longest time between two looks while something is written, in milliseconds. */
const lookEveryMs = { least: 1000, most: 60_000 }

/** Tables with fewer rows are cheap to search in any way. */
const fewRows = 50

/** Tables with twice as many rows as when the server last looked at what they hold. */
const grownTables = `SELECT quote_ident(c.relname) AS name
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
  WHERE s.schemaname = current_schema() AND s.n_live_tup >= 2 * greatest(c.reltuples, ${fewRows})
  ORDER BY 1`

/**
 * Has the server look again at what is in tables that grow. It chooses how to find a row by what it last knew of a table,
 * and keeps that choice for a prepared statement: of a new database it knows nothing, so each of a tenant's rows would be
 * read for one of them until its own daemon comes along, a minute later at best.
 */
export class GrownTables {
  readonly #pool: Pool
  readonly #now: () => number
  #nextLook: number
  #pause = lookEveryMs.least
  #before = ''
  #looking: Promise<void> | null = null

  constructor(options: {
    readonly pool: Pool
    /** A clock that does not jump, in milliseconds. */
    readonly now: () => number
  }) {
    this.#pool = options.pool
    this.#now = options.now
    this.#nextLook = this.#now() + lookEveryMs.least
  }

  /** Call it after each write; looks from time to time, and nobody waits for that. */
  noticeWrite(): void {
    if (this.#looking !== null || this.#now() < this.#nextLook) return
    this.#looking = this.#look().finally(() => {
      this.#looking = null
      this.#nextLook = this.#now() + this.#pause
    })
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    await this.#looking
  }

  async #look(): Promise<void> {
    try {
      const found = (await analyzeGrown(this.#pool)).join()
      // A user who does not own the tables may not have them looked at; then they are found again and again.
      const isNews = found !== '' && found !== this.#before
      this.#pause = isNews ? lookEveryMs.least : Math.min(this.#pause * 2, lookEveryMs.most)
      this.#before = found
    } catch {
      // It saves time and nothing depends on it: whatever is wrong with the server is told by the next operation.
      this.#pause = lookEveryMs.most
    }
  }
}

/** Has the server look at the tables that have grown; returns their names. */
export async function analyzeGrown(pool: Pick<Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(grownTables)
  const names = rows.map(({ name }) => name)
  if (names.length > 0) await pool.query(`ANALYZE (SKIP_LOCKED) ${names.join(', ')}`)
  return names
}
