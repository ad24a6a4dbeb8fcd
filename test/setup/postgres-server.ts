import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import {
  cacheFolder,
  installationFolder,
  isInstalled,
  programFolder,
  serverPackage,
} from '../../scripts/postgres/installation.ts'

const run = promisify(execFile)

/** The user that runs the server when the tests run as root, which PostgreSQL refuses to do. */
const nobody = 65_534

/** The environment variable that hands the run's folder to the workers. */
const folderVariable = 'TEST_POSTGRES_FOLDER'
const startDeadlineMs = 15_000

/** The environment variable that names the process whose end ends the server too. */
const mainVariable = 'TEST_POSTGRES_MAIN'

/** The environment variable that says `no` when the named server has no pgvector. */
const vectorsVariable = 'TEST_POSTGRES_VECTORS'

/**
 * Runs the server until it is asked to stop or the tests' main process is gone, however that ended. Where there is no
 * /proc it runs until it is asked.
 */
const supervisor = `
  main=$1 place=$2
  shift 2
  "$@" &
  server=$!
  trap 'kill -INT $server; wait $server; exit 0' INT TERM
  while [ ! -d /proc/1 ] || [ -d "/proc/$main" ]; do
    sleep 1 &
    wait $!
  done
  kill -INT $server
  wait $server
  rm -rf "$place"
`

/** Whether tests can have a PostgreSQL server: one that was named, or the fetched one. */
export function hasPostgres(): boolean {
  return process.env['TEST_DATABASE_URL'] !== undefined || isInstalled(cacheFolder())
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

async function serverUrl(): Promise<string> {
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

async function startServer(folder: string): Promise<string> {
  const { programs, template, user } = await prepareServer()
  const place = join(tmpdir(), `letta-ts-postgres-run-${randomUUID()}`)
  await cp(template, place, { recursive: true })
  await own(place, user)
  await writeFile(join(folder, 'place'), place)
  const port = await freePort()
  const log = await open(join(folder, 'log'), 'w')
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    // The databases end with the run: no test cuts the power.
    fsync: 'off',
    full_page_writes: 'off',
    log_min_messages: 'fatal',
  }
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      supervisor,
      'sh',
      process.env[mainVariable] ?? '',
      place,
      join(programs, 'postgres'),
      '-D',
      place,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    { ...user, detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/' },
  )
  child.unref()
  await log.close()
  await writeFile(join(folder, 'pid'), String(child.pid))
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await waitUntilReady(url)
  return url
}

interface PreparedServer {
  readonly programs: string
  /** An initialised data folder that no server runs on. */
  readonly template: string
  readonly user: { readonly uid?: number; readonly gid?: number }
}

/** The programs and an initialised data folder, made once per machine where the server's user can read them. */
async function prepareServer(): Promise<PreparedServer> {
  const cached = installationFolder(cacheFolder())
  const isRoot = process.getuid?.() === 0
  const base = isRoot ? join(tmpdir(), `letta-ts-postgres-${serverPackage.version}`) : cached
  const user = isRoot ? { uid: nobody, gid: nobody } : {}
  const template = join(base, 'template')
  const programs = programFolder(base)
  if (!existsSync(template)) {
    if (isRoot && !existsSync(programs)) await copyWhole(cached, base)
    await requireOwn(base)
    await initialise({ programs, template, user })
  }
  await requireOwn(base)
  return { programs, template, user }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}-${randomUUID()}`
  await cp(from, part, { recursive: true, verbatimSymlinks: true })
  await chmod(part, 0o755)
  await renameUnlessPresent(part, to)
}

async function initialise({ programs, template, user }: PreparedServer): Promise<void> {
  const part = join(tmpdir(), `letta-ts-postgres-init-${randomUUID()}`)
  await mkdir(part, { mode: 0o700 })
  await own(part, user)
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C']
  await run(join(programs, 'initdb'), ['-D', part, ...options, '--no-sync'], { ...user, cwd: '/' })
  const near = `${template}-${randomUUID()}`
  await cp(part, near, { recursive: true })
  await rm(part, { recursive: true, force: true })
  await renameUnlessPresent(near, template)
}

/** Another run may have been faster. */
async function renameUnlessPresent(part: string, target: string): Promise<void> {
  try {
    await rename(part, target)
  } catch (error) {
    if (!existsSync(target)) throw error
    await rm(part, { recursive: true, force: true })
  }
}

/** The temporary folder is everybody's: nothing in it is run that somebody else put there. */
async function requireOwn(folder: string): Promise<void> {
  const { uid } = await lstat(folder)
  if (uid !== process.getuid?.()) throw new Error(`${folder} belongs to somebody else`)
}

async function own(folder: string, user: PreparedServer['user']): Promise<void> {
  if (user.uid === undefined || user.gid === undefined) return
  await run('chown', ['-R', `${user.uid}:${user.gid}`, folder])
  await chown(folder, user.uid, user.gid)
  await chmod(folder, 0o700)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port is free')
  return address.port
}

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

/** Asks the server to stop at once without losing anything, and waits for it. */
async function stopProcess(pid: number): Promise<void> {
  const start = performance.now()
  try {
    process.kill(pid, 'SIGTERM')
    while (performance.now() - start < startDeadlineMs) {
      process.kill(pid, 0)
      await sleep(20)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return
    throw error
  }
}
