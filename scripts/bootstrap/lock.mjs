import { readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {{ host: string, pids: number[] }} Owner Who holds the lock: the installer, then also its npm.
 * @typedef {{ addProcess: (pid: number) => void, release: () => void }} Lock
 */

const pollInterval = 200
const heartbeatInterval = 5_000
/** A lock not touched for so long has no living owner, even if its process ids are in use again. */
const heartbeatTimeout = 120_000
/** How long a lock taken from a dead owner must stay ours before it counts. */
const settleTime = 250

/**
 * Takes the lock file `path`, waiting while a living process holds it.
 * @param {{ path: string, onWait: (owner: Owner | undefined) => void }} options `onWait` is called once.
 * @returns {Promise<Lock>}
 */
export async function takeLock({ path, onWait }) {
  /** @type {Owner} */
  const self = { host: hostname(), pids: [process.pid] }
  for (let waited = false; ;) {
    if (create(path, self)) return hold(path, self)
    const found = inspect(path)
    if (found !== undefined && isStale(found)) {
      remove(path)
      if (create(path, self) && (await stillOurs(path, self))) return hold(path, self)
      continue
    }
    if (!waited) onWait(found?.owner)
    waited = true
    await sleep(pollInterval)
  }
}

/**
 * Tells whether a lock is left over: its processes are dead, or it was not touched for two minutes.
 * @param {{ owner: Owner | undefined, age: number }} lock `owner` is undefined while it is being written.
 * @param {(pid: number) => boolean} [alive]
 */
export function isStale({ owner, age }, alive = isAlive) {
  if (age > heartbeatTimeout) return true
  if (owner === undefined || owner.host !== hostname()) return false
  return !owner.pids.some((pid) => alive(pid))
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return codeOf(error) === 'EPERM'
  }
}

/**
 * @param {string} path
 * @param {Owner} owner
 */
function create(path, owner) {
  try {
    writeFileSync(path, JSON.stringify(owner), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** @param {string} path */
function inspect(path) {
  try {
    const age = Date.now() - statSync(path).mtimeMs
    return { age, owner: parseOwner(readFileSync(path, 'utf8')) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * @param {string} text
 * @returns {Owner | undefined}
 */
function parseOwner(text) {
  try {
    return JSON.parse(text)
  } catch {
    // Its owner is writing it, or died doing so: then its age decides.
    return undefined
  }
}

/**
 * Two waiters may find the same dead owner; the one whose file outlives the other's wins.
 * @param {string} path
 * @param {Owner} self
 */
async function stillOurs(path, self) {
  await sleep(settleTime)
  return inspect(path)?.owner?.pids[0] === self.pids[0]
}

/**
 * @param {string} path
 * @param {Owner} self
 * @returns {Lock}
 */
function hold(path, self) {
  const beat = setInterval(() => utimesSync(path, new Date(), new Date()), heartbeatInterval)
  beat.unref()
  return {
    addProcess(pid) {
      writeFileSync(path, JSON.stringify({ ...self, pids: [...self.pids, pid] }))
    },
    release() {
      clearInterval(beat)
      remove(path)
    },
  }
}

/** @param {string} path */
function remove(path) {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
