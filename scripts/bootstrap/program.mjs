import { writeSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runtimeBinary } from './runtime.mjs'
import { readStamp, root, writeStamp } from './state.mjs'

/**
 * Runs a program of the project in this process, as if it had been called with `parameters`.
 * @param {string} path relative to the repository
 * @param {readonly string[]} parameters
 */
export async function runHere(path, parameters) {
  const program = join(root, path)
  process.argv = [process.execPath, program, ...parameters]
  module.enableCompileCache?.()
  await import(pathToFileURL(program).href)
}

/**
 * Runs this bootstrap again under the project's own Node and ends as it ends.
 * @param {readonly string[]} parameters
 */
export async function runUnderOwnRuntime(parameters) {
  const { spawn } = await import('node:child_process')
  const bootstrap = join(root, 'scripts', 'bootstrap.mjs')
  // The channel closes with this process however it ends, which a program that was started tells by it.
  const stdio = parameters[0] === 'start' ? withChannel : 'inherit'
  const child = spawn(runtimeBinary(), [bootstrap, ...parameters], { stdio })
  const stopForwarding = forwardSignals((signal) => child.kill(signal))
  const outcome = await new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(cannotStart(cause)))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  stopForwarding()
  if (outcome.signal === null) process.exitCode = outcome.code
  else process.kill(process.pid, outcome.signal)
}

/** @type {import('node:child_process').StdioOptions} */
const withChannel = ['inherit', 'inherit', 'inherit', 'ipc']

/** Has this process end, as if it were asked to, when the one that started it was killed. */
export function endWithStarter() {
  if (process.channel === undefined || process.channel === null) return
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}

/** @param {Error} cause */
function cannotStart(cause) {
  const text = `Cannot start the project's own Node: ${cause.message}. Delete node_modules and try again.`
  return new Error(text, { cause })
}

/**
 * Hands on signals sent to this process alone; a terminal's Ctrl-C reaches the child by itself.
 * @param {(signal: NodeJS.Signals) => void} send
 */
function forwardSignals(send) {
  const handlers = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']).map((signal) => {
    const handler = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) send(signal)
    }
    process.on(signal, handler)
    return { signal, handler }
  })
  return () => handlers.forEach(({ signal, handler }) => process.off(signal, handler))
}

/** npm runs scripts in the repository; the user's folder is where npm itself was called. */
export function enterUserFolder() {
  const folder = process.env['INIT_CWD']
  const calledByNpm = process.env['npm_lifecycle_event'] === 'start'
  if (calledByNpm && folder !== undefined && process.cwd() === root) process.chdir(folder)
}

/** After the first successful run, tells once how to call `letta` from anywhere. */
export function tellPathOnce() {
  const stamp = readStamp()
  if (stamp?.hintDue !== true) return
  process.once('exit', (code) => {
    if (code !== 0) return
    writeSync(
      2,
      `To call it as \`letta\` from anywhere: npm install -g --loglevel=error "${root}"\n`,
    )
    try {
      writeStamp({ ...stamp, hintDue: false })
    } catch {
      // On a read-only file system the hint comes again; nothing else depends on it.
    }
  })
}
