import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, cp, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  cacheFolder,
  installationFolder,
  programFolder,
  serverPackage,
} from '../../scripts/postgres/installation.ts'

const run = promisify(execFile)

/** The user that runs the server when the tests run as root, which PostgreSQL refuses to do. */
const nobody = 65_534

/** The environment variable that names the process whose end ends the server too. */
export const mainVariable = 'TEST_POSTGRES_MAIN'

/** How long a server may take to start or to stop, in milliseconds. */
export const startDeadlineMs = 50_000

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

/** Where a server keeps its data, and the port that was free when it was made. */
export interface ServerPlace {
  readonly folder: string
  readonly port: number
  readonly prepared: PreparedServer
}

/** A server that runs. */
export interface LaunchedServer {
  readonly url: string
  readonly place: string
  /** The number of the process that ends it when it is asked to, or when the tests are gone. */
  readonly pid: number
}

/** Copies an initialised data folder for a server. */
export async function createPlace(): Promise<ServerPlace> {
  const prepared = await prepareServer()
  const folder = join(tmpdir(), `letta-ts-postgres-run-${randomUUID()}`)
  await cp(prepared.template, folder, { recursive: true })
  await own(folder, prepared.user)
  return { folder, port: await freePort(), prepared }
}

/** Starts a server; it may not let anybody in yet when this resolves. */
export async function launchServer(place: ServerPlace): Promise<LaunchedServer> {
  const { folder, port, prepared } = place
  const log = await open(join(folder, 'server.log'), 'a')
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
      folder,
      join(prepared.programs, 'postgres'),
      '-D',
      folder,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    { ...prepared.user, detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/' },
  )
  child.unref()
  await log.close()
  if (child.pid === undefined) throw new Error('PostgreSQL could not be started')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  return { url, place: folder, pid: child.pid }
}

/** The programs of the server with the user that runs them. */
export interface PreparedServer {
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

/** Asks the server to stop at once without losing anything, and waits for it. */
export async function stopProcess(pid: number): Promise<void> {
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
