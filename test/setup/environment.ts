import { chmod, mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder } from '../../scripts/postgres/installation.ts'
import { preparePostgres } from './postgres-server.ts'

/** Settings of the machine that would change what a test does: keys, endpoints, databases. */
const leakingSetting =
  /_(API_KEY|BASE_URL|API_BASE|AUTH_TOKEN)$|^LETTA_(?!TEST_)|^DATABASE_URL$|^PG[A-Z]+$/

/** Where Linux keeps files in memory. */
const memoryFolder = '/dev/shm'
/** How much room there has to be for a run to keep its files there, in bytes. */
const roomNeeded = 2 * 1024 ** 3

/**
 * Gives the whole run one temporary folder, with `LETTA_HOME` and everything that tests leave behind in it, and hides the
 * machine's keys and endpoints. Runs once, before the workers start, so they inherit the cleaned environment.
 */
export default async function setUpEnvironment(): Promise<() => Promise<void>> {
  for (const name of Object.keys(process.env)) {
    if (leakingSetting.test(name)) delete process.env[name]
  }
  const folder = await makeTemporaryFolder()
  process.env['TMPDIR'] = folder
  const home = join(folder, 'home')
  await mkdir(home)
  process.env['LETTA_HOME'] = home
  process.env['TZ'] = 'UTC'
  // What Node has compiled or stripped of types once serves the workers and programs of all runs.
  process.env['NODE_COMPILE_CACHE'] ??= join(cacheFolder(), 'compiled')
  // Programs and threads that tests start find sources as fast as the workers do.
  const preload = `--import=${new URL('./resolve-sources.mjs', import.meta.url).href}`
  process.env['NODE_OPTIONS'] = [process.env['NODE_OPTIONS'] ?? '', preload].join(' ').trim()
  const stopPostgres = await preparePostgres(home)
  return async () => {
    await stopPostgres()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The folder of the run: in memory where there is room, which spares thousands of waits for the disk; that commits reach it is shown by `test:crash`. */
async function makeTemporaryFolder(): Promise<string> {
  const isFree = process.env['TMPDIR'] === undefined && (await hasRoomInMemory())
  const folder = await mkdtemp(join(isFree ? memoryFolder : tmpdir(), 'letta-ts-test-'))
  // A database server that runs as another user has its folder inside.
  await chmod(folder, 0o711)
  return folder
}

async function hasRoomInMemory(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(memoryFolder)
    return bavail * bsize >= roomNeeded
  } catch {
    return false
  }
}
