#!/usr/bin/env node
// What `npm start` and `npm test` call. Plain JavaScript for Node 20 and up, because it runs before
// anything is installed: it installs from the lockfile, then goes on under the project's own Node.
import { ensureInstalled } from './bootstrap/install.mjs'
import {
  endWithStarter,
  enterUserFolder,
  runHere,
  runUnderOwnRuntime,
  tellPathOnce,
} from './bootstrap/program.mjs'
import { runsUnderOwnRuntime } from './bootstrap/runtime.mjs'

// `start -- <arguments of letta>`, `test -- <arguments of vitest>`, `run <script> -- <its arguments>`,
// or `install`, which ends there.
const parameters = process.argv.slice(2)
const [task, script = ''] = parameters
const rest = parameters.includes('--') ? parameters.slice(parameters.indexOf('--') + 1) : []

if (await makeReady()) {
  if (task === 'test') await runHere('node_modules/vitest/vitest.mjs', ['run', ...rest])
  else if (task === 'run') await runHere(script, rest)
  else await runLetta()
}

async function runLetta() {
  endWithStarter()
  enterUserFolder()
  tellPathOnce()
  await runHere('src/main.ts', rest)
}

/** Installs what is missing, and tells whether this process itself is to go on. */
async function makeReady() {
  try {
    const installed = await ensureInstalled(task === 'start' ? 'production' : 'development')
    if (task === 'install') return false
    // After an install even our own binary may be another one.
    if (!installed && runsUnderOwnRuntime()) return true
    await runUnderOwnRuntime(parameters)
  } catch (error) {
    process.stderr.write(`letta-ts: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
  return false
}
