import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { StatementTexts } from '../../src/storage/postgres/statement-texts.ts'
import { findJson, readJson } from './json-columns.ts'
import type { Reading, RecordedStatement, Replay } from './replay.ts'

/** How long after an operation the server may still have something to do for it, in milliseconds. */
const settleMs = 3

/** After how many calls the copy is analysed again, as the store sees to it that its tables are. */
const callsBetweenAnalyses = 2000

/** Runs the store's own statements again on a copy of its database, with nothing but `pg`: all sent at once. */
export class PostgresReplay implements Replay {
  readonly #client: pg.Client
  readonly #texts = new StatementTexts()
  #calls = 0

  private constructor(client: pg.Client) {
    this.#client = client
  }

  /** Connects to a database with the same tables and none of the rows. */
  static async open(url: string): Promise<PostgresReplay> {
    const client = new pg.Client({ connectionString: url, pipeline: true })
    await client.connect()
    return new PostgresReplay(client)
  }

  /** The store tells other processes of a commit once it has answered; the driver alone shall not pay for that. */
  async settle(): Promise<void> {
    this.#calls += 1
    if (this.#calls % callsBetweenAnalyses === 0) await this.#client.query('ANALYZE')
    await sleep(settleMs)
  }

  /** Runs the statements; resolves with how long that took, in milliseconds. */
  async run(recorded: readonly RecordedStatement[], reading: Reading): Promise<number> {
    const prepared = recorded.map(({ sql, values }) => ({
      ...this.#texts.find(sql),
      values: [...values],
    }))
    const begun = performance.now()
    await Promise.all(
      prepared.map(async (statement) => {
        if (reading === 'rows') await this.#client.query({ ...statement, rowMode: 'array' })
        else {
          const { rows, fields } = await this.#client.query<Record<string, unknown>>(statement)
          readJson(rows, findJson(fields.map(({ name }) => name)))
        }
      }),
    )
    return performance.now() - begun
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.#client.end()
  }
}
