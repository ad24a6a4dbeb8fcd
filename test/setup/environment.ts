import { mkdtemp, rm, statfs } from 'node:fs/promises'
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
 * Gives the whole run a temporary `LETTA_HOME` and hides the machine's keys and endpoints.
 * Runs once, before the workers start, so they inherit the cleaned environment.
 */
export default async function setUpEnvironment(): Promise<() => Promise<void>> {
  for (const name of Object.keys(process.env)) {
    if (leakingSetting.test(name)) delete process.env[name]
  }
  // A temporary folder in memory spares thousands of waits for the disk; that commits reach it is shown by `test:crash`.
  if (process.env['TMPDIR'] === undefined && (await hasRoomInMemory())) {
    process.env['TMPDIR'] = memoryFolder
  }
  const home = await mkdtemp(join(tmpdir(), 'letta-ts-test-'))
  process.env['LETTA_HOME'] = home
  process.env['TZ'] = 'UTC'
  // What Node has compiled or stripped of types once serves the workers and programs of all runs.
  process.env['NODE_COMPILE_CACHE'] ??= join(cacheFolder(), 'compiled')
  const stopPostgres = await preparePostgres(home)
  return async () => {
    await stopPostgres()
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function hasRoomInMemory(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(memoryFolder)
    return bavail * bsize >= roomNeeded
  } catch {
    return false
  }
}
