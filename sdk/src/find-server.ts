import { LettaError } from './errors.ts'
import { readServerFile, type ServerFile } from './server-file.ts'

/**
 * How long a server has to say that it is there, in milliseconds, unless the caller says otherwise. A port where nobody
 * listens refuses at once, so only a server that hangs makes anybody wait; a busy one is not taken for absent.
 */
const answerDeadlineMs = 1000

/** What is needed to look for a server. */
export interface FindServerOptions {
  readonly dataFolder: string
  /** The version the caller speaks. */
  readonly version: string
  readonly fetch: typeof globalThis.fetch
  /** How long a server has to answer, in milliseconds. Default: 1000. */
  readonly deadlineMs?: number
}

/**
 * The server that runs on a data folder, or null. It counts only when it answers in time with the instance id of its
 * file; no port is ever tried.
 *
 * @throws LettaError `server_version_differs` when it runs another version.
 */
export async function findServer(options: FindServerOptions): Promise<ServerFile | null> {
  const file = await readServerFile(options.dataFolder)
  if (file === null || !(await answers(file, options))) return null
  if (file.version === options.version) return file
  throw new LettaError(
    'server_version_differs',
    `Cannot use the server at ${file.url}: it runs version ${file.version} and this is ${options.version}. ` +
      `Stop it (process ${file.pid}) and start it again, or set LETTA_BASE_URL to use it all the same.`,
  )
}

async function answers(file: ServerFile, options: FindServerOptions): Promise<boolean> {
  try {
    const response = await options.fetch(`${file.url}/v1/health`, {
      signal: AbortSignal.timeout(options.deadlineMs ?? answerDeadlineMs),
    })
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null && instanceOf(body) === file.instanceId
  } catch {
    // Nobody listens, or somebody else does: a left-over file of a server that was killed.
    return false
  }
}

function instanceOf(health: object): unknown {
  return 'instance_id' in health ? health.instance_id : undefined
}
