import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { findOnPath, isProgramOf, packageFolderOf } from './path-check.ts'

/** A package with a program, and a folder for the PATH. */
function createFolders() {
  const root = mkdtempSync(join(tmpdir(), 'letta-path-'))
  const packageFolder = join(root, 'node_modules', 'letta-ts')
  const program = join(packageFolder, 'bin', 'letta.cjs')
  const bin = join(root, 'bin')
  mkdirSync(join(packageFolder, 'bin'), { recursive: true })
  mkdirSync(bin)
  writeFileSync(join(packageFolder, 'package.json'), '{}')
  writeFileSync(program, '')
  return { root, packageFolder, program, bin }
}

test('findOnPath() finds the first file of that name, and no folder', () => {
  const { root, bin } = createFolders()
  mkdirSync(join(root, 'letta'))
  writeFileSync(join(bin, 'letta'), '')
  const environment = { PATH: ['', root, bin].join(delimiter), PATHEXT: ';' }
  expect(findOnPath(environment, 'letta')).toBe(join(bin, 'letta'))
  expect(findOnPath({ PATH: root }, 'letta')).toBeNull()
  expect(findOnPath({}, 'letta')).toBeNull()
})

test('findOnPath() passes over what cannot be looked at, as a shell does', () => {
  const { root, bin } = createFolders()
  symlinkSync('letta', join(root, 'letta'))
  writeFileSync(join(bin, 'letta'), '')
  const environment = { PATH: [root, bin].join(delimiter), PATHEXT: ';' }
  expect(findOnPath(environment, 'letta')).toBe(join(bin, 'letta'))
})

test('isProgramOf() knows links into the package and the scripts npm writes, and nothing else', () => {
  const { bin, program, packageFolder } = createFolders()
  const link = join(bin, 'link')
  symlinkSync(program, link)
  expect(isProgramOf(link, packageFolder)).toBe(true)
  const script = join(bin, 'letta.cmd')
  writeFileSync(script, String.raw`@node "%~dp0\node_modules\letta-ts\bin\letta.cjs" %*`)
  expect(isProgramOf(script, packageFolder)).toBe(true)
  const other = join(bin, 'other')
  writeFileSync(other, '#!/bin/sh\nexec python -m letta "$@"\n')
  expect(isProgramOf(other, packageFolder)).toBe(false)
})

test('packageFolderOf() is the nearest folder with a package.json', () => {
  const { program, packageFolder } = createFolders()
  expect(packageFolderOf(program)).toBe(packageFolder)
})
