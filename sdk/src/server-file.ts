import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a server says about itself in the data folder while it runs. */
export interface ServerFile {
  /** Where it listens, without trailing slash. */
  readonly url: string
  /** Its process. */
  readonly pid: number
  /** The random value that its `/v1/health` reports too. */
  readonly instanceId: string
  /** The version of the program. */
  readonly version: string
  /** A secret that lets programs of the same user in without a key; null = there is none. */
  readonly token: string | null
}

/** Where a server of a data folder leaves its {@link ServerFile}. */
export function serverFilePath(dataFolder: string): string {
  return join(dataFolder, 'server.json')
}

/** The text of a server file. */
export function renderServerFile(file: ServerFile): string {
  return `${JSON.stringify(file, null, 2)}\n`
}

/** The server file of a data folder, or null when there is none or it is not one. */
export async function readServerFile(dataFolder: string): Promise<ServerFile | null> {
  let text: string
  try {
    // A few lines on this machine; the promises of files would take longer to load.
    text = readFileSync(serverFilePath(dataFolder), 'utf8')
  } catch {
    // No file, or no right to read it: either way there is no server to use.
    return null
  }
  return parseServerFile(text)
}

/** Reads the text of a server file; null when it is not one. */
export function parseServerFile(text: string): ServerFile | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { url, pid, instanceId, version, token } = value as Partial<Record<string, unknown>>
  if (typeof url !== 'string' || !URL.canParse(url)) return null
  if (typeof pid !== 'number' || typeof instanceId !== 'string') return null
  if (typeof version !== 'string') return null
  return { url, pid, instanceId, version, token: typeof token === 'string' ? token : null }
}
