#!/usr/bin/env node
// The `letta` command. Plain JavaScript that even an old Node can parse, so that it can say what is wrong.
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 24 || (major === 24 && minor >= 12)
const built = new URL('../dist/main.js', import.meta.url)
const isClone = existsSync(new URL('../scripts/bootstrap.mjs', import.meta.url))

if (isNewEnough && existsSync(built)) {
  module.enableCompileCache?.()
  await import(built.href)
} else if (isClone) {
  // A clone brings its own Node, and runs its source as `npm start` does.
  process.argv.splice(2, 0, 'start', '--')
  await import('../scripts/bootstrap.mjs')
} else {
  process.stderr.write(
    `letta: Cannot start under Node ${process.versions.node}: Node 24.12 or newer is needed. ` +
      'Install a current Node, or put it first on the PATH, and try again.\n',
  )
  process.exitCode = 1
}
