import { describe } from 'vitest'
import { describePostgres } from '../setup/describe-postgres.ts'
import { borrowDatabase } from '../setup/postgres-store.ts'
import { createTemporaryHome } from './run-letta.ts'

/** A data folder of its own, and the environment that makes the program keep its data where the suite wants it. */
export interface EngineHome extends AsyncDisposable {
  readonly path: string
  readonly engine: 'sqlite' | 'postgres'
  /** Empty, or the URL of an empty database. */
  readonly environment: Readonly<Record<string, string>>
}

/** Makes an {@link EngineHome}; dispose of it with `await using`. */
export type CreateHome = () => Promise<EngineHome>

/** Runs a suite of the program twice: on the database in its data folder, and on a PostgreSQL server. */
export function describeEngines(name: string, suite: (createHome: CreateHome) => void): void {
  describe(`${name}, on SQLite`, () => {
    suite(createSqliteHome)
  })
  describePostgres(`${name}, on PostgreSQL`, () => {
    suite(createPostgresHome)
  })
}

async function createSqliteHome(): Promise<EngineHome> {
  const home = createTemporaryHome()
  return {
    path: home.path,
    engine: 'sqlite',
    environment: {},
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]()
    },
  }
}

async function createPostgresHome(): Promise<EngineHome> {
  const home = createTemporaryHome()
  const database = await borrowDatabase()
  return {
    path: home.path,
    engine: 'postgres',
    environment: { DATABASE_URL: database.url },
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
