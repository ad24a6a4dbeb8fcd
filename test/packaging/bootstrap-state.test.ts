import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { npmArguments, npmCommand } from '../../scripts/bootstrap/install.mjs'
import { runtimeBinary, runtimePackage } from '../../scripts/bootstrap/runtime.mjs'
import { hashLockfile, planInstall, readStamp, writeStamp } from '../../scripts/bootstrap/state.mjs'

const stamp = { lockHash: 'abc', mode: 'production', hintDue: false } as const
const ready = {
  wanted: 'production',
  lockHash: 'abc',
  stamp,
  modulesExist: true,
  runtimeExists: true,
} as const

describe('planInstall()', () => {
  test('does nothing when the lockfile and the mode are those of the last install', () => {
    expect(planInstall(ready)).toBeUndefined()
  })

  test('calls npm ci only when there is no node_modules', () => {
    const fresh = { ...ready, stamp: undefined, modulesExist: false }
    expect(planInstall(fresh)).toEqual({ command: 'ci', mode: 'production' })
    expect(planInstall({ ...fresh, wanted: 'development' })).toEqual({
      command: 'ci',
      mode: 'development',
    })
  })

  test('adds development dependencies without deleting the folder', () => {
    const plan = planInstall({ ...ready, wanted: 'development' })
    expect(plan).toEqual({ command: 'install', mode: 'development' })
  })

  test('keeps development dependencies that are there', () => {
    const developing = { ...ready, stamp: { ...stamp, mode: 'development' } } as const
    expect(planInstall(developing)).toBeUndefined()
    const plan = planInstall({ ...developing, lockHash: 'def' })
    expect(plan).toEqual({ command: 'install', mode: 'development' })
  })

  test('installs again when the lockfile changed', () => {
    expect(planInstall({ ...ready, lockHash: 'def' })).toEqual({
      command: 'install',
      mode: 'production',
    })
  })

  test('installs again when the project lost its own Node', () => {
    const plan = planInstall({ ...ready, runtimeExists: false })
    expect(plan).toEqual({ command: 'install', mode: 'production' })
  })

  test('takes no dependency away from a folder it did not fill', () => {
    const plan = planInstall({ ...ready, stamp: undefined })
    expect(plan).toEqual({ command: 'install', mode: 'development' })
  })
})

describe('npmArguments()', () => {
  test('shows errors, keeps the optional packages, and never writes the lockfile', () => {
    const all = npmArguments({ command: 'install', mode: 'development' })
    expect(all).toEqual(
      expect.arrayContaining(['--no-save', '--include=dev', '--include=optional']),
    )
    expect(npmArguments({ command: 'ci', mode: 'production' }).slice(0, 2)).toEqual([
      'ci',
      '--omit=dev',
    ])
    expect(all).toContain('--loglevel=error')
  })
})

describe('npmCommand()', () => {
  test('takes the npm that called, under its own Node', () => {
    const environment = { npm_execpath: '/opt/npm/bin/npm-cli.js', npm_node_execpath: '/opt/node' }
    expect(npmCommand(environment)).toMatchObject({
      file: '/opt/node',
      first: ['/opt/npm/bin/npm-cli.js'],
    })
  })

  test('falls back to the npm on the PATH when another tool called', () => {
    expect(npmCommand({ npm_execpath: '/opt/pnpm.cjs' })).toMatchObject({ file: 'npm', first: [] })
    expect(npmCommand({})).toMatchObject({ file: 'npm', first: [] })
  })
})

describe('the stamp', () => {
  test('goes with the folder it describes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'letta-ts-stamp-'))
    await mkdir(join(folder, 'node_modules'))
    expect(readStamp(folder)).toBeUndefined()
    writeStamp(stamp, folder)
    expect(readStamp(folder)).toEqual(stamp)
    await writeFile(join(folder, 'node_modules', '.letta-ts-install.json'), '{"lock')
    expect(readStamp(folder)).toBeUndefined()
    await rm(folder, { recursive: true })
  })

  test('changes with the lockfile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'letta-ts-lockfile-'))
    await writeFile(join(folder, 'package-lock.json'), '{}')
    const before = hashLockfile(folder)
    await writeFile(join(folder, 'package-lock.json'), '{ }')
    expect(hashLockfile(folder)).not.toBe(before)
    await rm(folder, { recursive: true })
  })
})

describe('the runtime', () => {
  test('is this very Node', () => {
    expect(runtimeBinary()).toBe(process.execPath)
  })

  test('has a package for each platform that runtime/package.json pins', async () => {
    const { default: manifest } = await import('../../runtime/package.json', {
      with: { type: 'json' },
    })
    const platforms = [
      'linux-x64',
      'linux-arm64',
      'darwin-x64',
      'darwin-arm64',
      'win32-x64',
      'win32-arm64',
    ]
    const names = platforms.map((name) => runtimePackage(...(name.split('-') as [string, string])))
    expect(new Set(names)).toEqual(new Set(Object.keys(manifest.optionalDependencies)))
    expect(runtimePackage('freebsd', 'x64')).toBeUndefined()
  })
})
