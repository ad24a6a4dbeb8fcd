import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { cacheFolder, isInstalled } from '../../scripts/postgres/installation.ts'
import {
  createPlace,
  launchServer,
  mainVariable,
  startDeadlineMs,
  stopProcess,
} from './postgres-launch.ts'

/** The environment variable that hands the run's folder to the workers. */
const folderVariable = 'TEST_POSTGRES_FOLDER'

/** The environment variable that says `no` when the named server has no pgvector. */
const vectorsVariable = 'TEST_POSTGRES_VECTORS'

/** Whether tests can have a PostgreSQL server: one that was named, or the fetched one. */
export function hasPostgres(): boolean {
  return process.env['TEST_DATABASE_URL'] !== undefined || isInstalled(cacheFolder())
}

/** Whether a test can have a server of its own, to stop and start it. */
export function hasOwnServer(): boolean {
  return isInstalled(cacheFolder())
}

/** Whether that server can keep vectors: the fetched one has pgvector, a named one was asked before the tests began. */
export function hasVectors(): boolean {
  return process.env[vectorsVariable] !== 'no'
}

/** A new empty database on the run's server, which the first caller starts. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await serverUrl()
  const name = `${databasePrefix()}${randomUUID().replaceAll('-', '')}`
  await execute(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const remove = (): Promise<void> =>
    execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  return { url: url.href, adminUrl: url.href, remove, [Symbol.asyncDispose]: remove }
}

/** What the names of this run's databases begin with. */
function databasePrefix(): string {
  return `letta_test_${process.env[mainVariable] ?? ''}_`
}

/** A database of one suite. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  /** The same database as the user who may do everything. */
  readonly adminUrl: string
  remove(): Promise<void>
}

/** A new empty database, and a user of it who may create tables but no extension. */
export async function createPlainDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  const role = `letta_plain_${randomUUID().replaceAll('-', '')}`
  await execute(
    database.url,
    `CREATE ROLE ${role} LOGIN PASSWORD 'plain'; GRANT CREATE, USAGE ON SCHEMA public TO ${role}`,
  )
  const url = new URL(database.url)
  url.username = role
  url.password = 'plain'
  const remove = async (): Promise<void> => {
    await execute(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await database.remove()
  }
  return { url: url.href, adminUrl: database.url, remove, [Symbol.asyncDispose]: remove }
}

/** Runs statements on a database over a connection of their own. */
export async function execute(url: string, sql: string): Promise<void> {
  await queryRows(url, sql)
}

/** The rows of a query over a connection of its own. */
export async function queryRows(
  url: string,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const result = await client.query<Record<string, unknown>>(sql)
    return result.rows
  } finally {
    await client.end()
  }
}

/** Prepares a run; the server is started when a test asks for it. Returns what stops it, or leaves a named one clean. */
export async function preparePostgres(home: string): Promise<() => Promise<void>> {
  const folder = join(home, 'postgres')
  process.env[folderVariable] = folder
  process.env[mainVariable] = String(process.pid)
  const named = process.env['TEST_DATABASE_URL']
  if (named !== undefined) process.env[vectorsVariable] = await askForVectors(named)
  return async () => {
    if (named !== undefined) await dropDatabases(named)
    if (!existsSync(join(folder, 'pid'))) return
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'))
    await stopProcess(pid)
    const place = await readFile(join(folder, 'place'), 'utf8')
    await rm(place, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function askForVectors(server: string): Promise<'yes' | 'no'> {
  const rows = await queryRows(
    server,
    `SELECT name FROM pg_available_extensions WHERE name = 'vector'`,
  )
  return rows.length > 0 ? 'yes' : 'no'
}

async function dropDatabases(server: string): Promise<void> {
  const rows = await queryRows(
    server,
    `SELECT datname FROM pg_database WHERE starts_with(datname, '${databasePrefix()}')`,
  )
  for (const { datname } of rows) {
    await execute(server, `DROP DATABASE IF EXISTS ${String(datname)} WITH (FORCE)`)
  }
}

async function startServer(folder: string): Promise<string> {
  const server = await launchServer(await createPlace())
  await writeFile(join(folder, 'place'), server.place)
  await writeFile(join(folder, 'pid'), String(server.pid))
  await waitUntilReady(server.url)
  return server.url
}

/** A server that one test has to itself, to stop and start it. */
export interface OwnServer extends AsyncDisposable {
  /** The URL of its first database, which is empty. */
  readonly url: string
  /** Ends every connection as a restart by its administrator does, and is back when it resolves. */
  restart(): Promise<void>
  /** Ends it until the next restart. */
  stop(): Promise<void>
}

/** Starts an {@link OwnServer}; the fetched one has to be there. */
export async function startOwnServer(): Promise<OwnServer> {
  const place = await createPlace()
  let server = await launchServer(place)
  await waitUntilReady(server.url)
  return {
    url: server.url,
    async restart() {
      await stopProcess(server.pid)
      server = await launchServer(place)
      await waitUntilReady(server.url)
    },
    stop: () => stopProcess(server.pid),
    async [Symbol.asyncDispose]() {
      await stopProcess(server.pid)
      await rm(place.folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Waits until a server that was launched lets somebody in. */
async function waitUntilReady(url: string): Promise<void> {
  const start = performance.now()
  for (;;) {
    try {
      await execute(url, 'SELECT 1')
      return
    } catch (error) {
      if (performance.now() - start > startDeadlineMs) throw error
      await sleep(25)
    }
  }
}

/** The run's server, started by the first who asks. */
export async function serverUrl(): Promise<string> {
  const named = process.env['TEST_DATABASE_URL']
  if (named !== undefined) return named
  const folder = process.env[folderVariable]
  if (folder === undefined) throw new Error('The run was not prepared: see test/setup')
  const file = join(folder, 'url')
  if (await isFirst(folder)) {
    await writeFile(`${file}.new`, await startServer(folder))
    await rename(`${file}.new`, file)
  }
  const start = performance.now()
  while (!existsSync(file)) {
    if (performance.now() - start > startDeadlineMs) throw new Error('PostgreSQL did not start')
    await sleep(20)
  }
  return await readFile(file, 'utf8')
}

async function isFirst(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
