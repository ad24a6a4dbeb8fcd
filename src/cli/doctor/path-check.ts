import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, join, sep } from 'node:path'
import type { Environment } from '../../config/environment.ts'
import { executableNames } from '../../config/platform.ts'

/** The longest start script that is looked into, in bytes. */
const longestScript = 8192

/** The program that a shell would start for a command, or null when there is none on the PATH. */
export function findOnPath(environment: Environment, command: string): string | null {
  const folders = (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter)
  for (const folder of folders.filter((part) => part !== '')) {
    for (const name of executableNames(command, environment['PATHEXT'])) {
      const path = join(folder, name)
      if (existsSync(path) && statSync(path).isFile()) return path
    }
  }
  return null
}

/**
 * Whether a program belongs to a package: it is a link to a file in the package's folder, or a short script that starts
 * one, as npm writes them where it does not link.
 */
export function isProgramOf(path: string, packageFolder: string): boolean {
  const real = realpathSync(path)
  if (real.startsWith(realpathSync(packageFolder) + sep)) return true
  if (statSync(real).size > longestScript) return false
  return /[\\/]letta-ts[\\/]bin[\\/]/.test(readFileSync(real, 'utf8'))
}

/** The folder of the package that a file belongs to: the nearest above it with a package.json. */
export function packageFolderOf(path: string): string {
  const folder = dirname(path)
  if (folder === path || existsSync(join(folder, 'package.json'))) return folder
  return packageFolderOf(folder)
}
