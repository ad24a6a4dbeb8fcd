import pg from 'pg'
import { StatementTexts } from '../../src/storage/postgres/statement-texts.ts'
import type { RecordedStatement } from './raw-replay.ts'

/** Runs the store's own statements again on a copy of its database, with nothing but `pg`: all sent at once. */
export class PostgresReplay {
  readonly #client: pg.Client
  readonly #texts = new StatementTexts()

  private constructor(client: pg.Client) {
    this.#client = client
  }

  /** Connects to a database with the same tables and none of the rows. */
  static async open(url: string): Promise<PostgresReplay> {
    const client = new pg.Client({ connectionString: url, pipeline: true })
    await client.connect()
    return new PostgresReplay(client)
  }

  /** Runs the statements; resolves with how long that took, in milliseconds. */
  async run(recorded: readonly RecordedStatement[]): Promise<number> {
    const prepared = recorded.map(({ sql, values }) => ({
      ...this.#texts.find(sql),
      values: [...values],
      rowMode: 'array' as const,
    }))
    const begun = performance.now()
    await Promise.all(prepared.map((statement) => this.#client.query(statement)))
    return performance.now() - begun
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.#client.end()
  }
}
