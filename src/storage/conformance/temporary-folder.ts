import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for one test. */
export interface TemporaryFolder {
  readonly path: string
  /** Removes it with all it holds. */
  remove(): Promise<void>
}

/** Makes a {@link TemporaryFolder}. */
export async function createTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'letta-ts-store-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
