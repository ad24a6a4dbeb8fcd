import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {'production' | 'development'} Mode Which dependencies are installed.
 * @typedef {{ lockHash: string, mode: Mode, hintDue: boolean }} Stamp What the last install left.
 * @typedef {{ command: 'ci' | 'install', mode: Mode }} Plan How npm is to be called.
 */

/** The folder of the repository, whatever the working directory is. */
export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)))

const stampName = '.letta-ts-install.json'

/** The hash of the lockfile: when it changes, what is installed is stale. */
export function hashLockfile(folder = root) {
  const lockfile = readFileSync(join(folder, 'package-lock.json'))
  return createHash('sha256').update(lockfile).digest('hex')
}

/**
 * What the last finished install recorded, or undefined when none finished.
 * @returns {Stamp | undefined}
 */
export function readStamp(folder = root) {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', stampName), 'utf8'))
  } catch {
    // Absent or cut off: either way no install is known to have finished.
    return undefined
  }
}

/**
 * Records a finished install inside `node_modules`, so that it goes when the folder goes.
 * @param {Stamp} stamp
 */
export function writeStamp(stamp, folder = root) {
  writeFileSync(join(folder, 'node_modules', stampName), `${JSON.stringify(stamp)}\n`)
}

/** Tells whether there is a `node_modules` folder at all. */
export function hasModules(folder = root) {
  return existsSync(join(folder, 'node_modules'))
}

/**
 * Decides what npm has to do, or returns undefined when everything wanted is there.
 * `npm ci` is only for an absent folder: it deletes `node_modules` under running processes.
 * Development dependencies, once there (or perhaps there: no stamp), are never taken away.
 * @param {{ wanted: Mode, lockHash: string, stamp: Stamp | undefined, modulesExist: boolean, runtimeExists: boolean }} state
 * @returns {Plan | undefined}
 */
export function planInstall({ wanted, lockHash, stamp, modulesExist, runtimeExists }) {
  if (!modulesExist) return { command: 'ci', mode: wanted }
  if (stamp === undefined) return { command: 'install', mode: 'development' }
  const enough = wanted === 'production' || stamp.mode === 'development'
  if (enough && runtimeExists && stamp.lockHash === lockHash) return undefined
  return { command: 'install', mode: enough ? stamp.mode : wanted }
}
