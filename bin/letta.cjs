#!/usr/bin/env node
// The `letta` command. Plain JavaScript that even an old Node can parse, so that it can say what is wrong; CommonJS, because Node's
// loader of ES modules alone takes a fifth as long as an empty program.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 24 || (major === 24 && minor >= 12)
const program = join(__dirname, '..', 'dist', 'main.cjs')
const bootstrap = join(__dirname, '..', 'scripts', 'bootstrap.mjs')
const parameters = process.argv.slice(2)

if (isNewEnough && existsSync(program)) {
  // As the program answers it, without loading it.
  if (parameters.length === 1 && /^(-V|--version)$/.test(parameters[0] ?? '')) {
    process.stdout.write(`${require('../package.json').version}\n`)
  } else {
    const { runCompiled } = require('./run-compiled.cjs')
    runCompiled(program, toProfile(parameters))
  }
} else if (existsSync(bootstrap)) {
  // A clone brings its own Node, and runs its source as `npm start` does.
  process.argv.splice(2, 0, 'start', '--')
  void import('../scripts/bootstrap.mjs')
} else {
  process.stderr.write(
    `letta: Cannot start under Node ${process.versions.node}: Node 24.12 or newer is needed. ` +
      'Install a current Node, or put it first on the PATH, and try again.\n',
  )
  process.exitCode = 1
}

/**
 * What kind of run this is: runs of one kind need the same functions.
 *
 * @param {readonly string[]} parameters
 */
function toProfile([first = 'chat']) {
  if (/^(-h|--help)$/.test(first)) return 'help'
  const name = first.replace(/^\//, '')
  const command = /^[a-z]{2,16}$/.test(name) ? name : 'prompt'
  // What speaks to a provider or server needs much that an offline run does not.
  const isOffline = !Object.keys(process.env).some((key) => /_(?:API_KEY|BASE_URL)$/.test(key))
  return isOffline ? command : `${command}-online`
}
