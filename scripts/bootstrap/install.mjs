import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { takeLock } from './lock.mjs'
import { checkRuntime, runtimeBinary } from './runtime.mjs'
import { hashLockfile, hasModules, planInstall, readStamp, root, writeStamp } from './state.mjs'

/** @typedef {import('./state.mjs').Mode} Mode @typedef {import('./state.mjs').Plan} Plan */

/**
 * Installs what is missing or stale, and tells whether it had to.
 * @param {Mode} wanted
 */
export async function ensureInstalled(wanted) {
  if (currentPlan(wanted) === undefined) return false
  const path = join(root, '.npm-install.lock')
  const lock = await takeLock({
    path,
    onWait: (owner) =>
      say(
        `waiting for another install (process ${owner?.pids.join(', ') ?? 'unknown'}); ` +
          `if there is none, delete ${path}`,
      ),
  })
  try {
    // Whoever held the lock before may have done the work.
    const plan = currentPlan(wanted)
    if (plan === undefined) return false
    await install(plan, lock.addProcess)
    return true
  } finally {
    lock.release()
  }
}

/** @param {Mode} wanted */
function currentPlan(wanted) {
  return planInstall({
    wanted,
    lockHash: hashLockfile(),
    stamp: readStamp(),
    modulesExist: hasModules(),
    runtimeExists: existsSync(runtimeBinary()),
  })
}

/**
 * @param {Plan} plan
 * @param {(pid: number) => void} onProcess
 */
async function install(plan, onProcess) {
  const lockHash = hashLockfile()
  const firstTime = plan.command === 'ci'
  say(`installing ${plan.mode} dependencies from package-lock.json (about ten seconds) …`)
  await runNpm(npmArguments(plan), onProcess)
  await checkRuntime()
  writeStamp({ lockHash, mode: plan.mode, hintDue: firstTime || readStamp()?.hintDue === true })
}

/**
 * What npm is called with; `--no-save` keeps the lockfile as it is.
 * @param {Plan} plan
 */
export function npmArguments({ command, mode }) {
  const dependencies = mode === 'production' ? '--omit=dev' : '--include=dev'
  const save = command === 'install' ? ['--no-save'] : []
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund']
  return [command, ...save, dependencies, '--include=optional', ...quiet]
}

/**
 * Runs npm with everything it says on stderr; throws when it fails.
 * @param {string[]} parameters
 * @param {(pid: number) => void} onProcess
 */
async function runNpm(parameters, onProcess) {
  const { spawn } = await import('node:child_process')
  const { file, first, shell } = npmCommand(process.env)
  const child = spawn(file, [...first, ...parameters], {
    cwd: root,
    shell,
    stdio: ['ignore', 2, 2],
  })
  if (child.pid !== undefined) onProcess(child.pid)
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  if (outcome === 0) return
  throw new Error(
    `Cannot install the dependencies: npm ${parameters[0]} ended with ${outcome}. ` +
      'Its own words are above; most often the network or the disk stood in the way. Then try again.',
  )
}

/**
 * How to call npm: the one that called us, under its own Node, else the one on the PATH.
 * @param {Readonly<Record<string, string | undefined>>} environment
 */
export function npmCommand(environment) {
  const caller = environment['npm_execpath']
  const node = environment['npm_node_execpath'] ?? process.execPath
  if (caller?.endsWith('npm-cli.js') === true) return { file: node, first: [caller], shell: false }
  // Windows finds npm.cmd only through its shell; the arguments are all our own words.
  return { file: 'npm', first: [], shell: process.platform === 'win32' }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`letta-ts: ${text}\n`)
}
