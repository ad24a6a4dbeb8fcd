import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { executableNames } from '../../config/platform.ts'
import type { Environment } from '../../config/environment.ts'

/** The program that a shell would start for `letta`, or null when there is none on the PATH. */
export function findOnPath(environment: Environment, command: string): string | null {
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter)
  for (const folder of folders.filter((part) => part !== '')) {
    for (const name of executableNames(command, environment['PATHEXT'])) {
      const path = join(folder, name)
      if (existsSync(path)) return path
    }
  }
  return null
}

/** Whether a file on the PATH belongs to this product: it lies in a folder of the package. */
export function isOwnProgram(path: string, packageFolders: readonly string[]): boolean {
  const real = realpathSync(path)
  return packageFolders.some((folder) => real.startsWith(folder)) || real.includes('letta-ts')
}
