import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createPrivateFile,
  createPrivateFolder,
  exitCodeOfSignal,
  isProcessAlive,
  readFileIfPresent,
  writePrivateFile,
} from './platform.ts'

function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'letta-platform-'))
}

test('writePrivateFile() replaces a file whole and leaves nothing beside it', () => {
  const folder = createFolder()
  const path = join(folder, 'a.json')
  writePrivateFile(path, 'one')
  writePrivateFile(path, 'two')
  expect(readFileSync(path, 'utf8')).toBe('two')
  expect(readdirSync(folder)).toEqual(['a.json'])
  const mode = process.platform === 'win32' ? 0o600 : statSync(path).mode & 0o777
  expect(mode).toBe(0o600)
})

test('createPrivateFile() gives everyone what the first one wrote', () => {
  const folder = createFolder()
  const path = join(folder, 'key')
  expect(createPrivateFile(path, 'one')).toBe('one')
  expect(createPrivateFile(path, 'two')).toBe('one')
  expect(readdirSync(folder)).toEqual(['key'])
})

test('createPrivateFolder() makes parents, accepts what is there, and returns where none can be', () => {
  const folder = join(createFolder(), 'a', 'b')
  createPrivateFolder(folder)
  createPrivateFolder(folder)
  expect(statSync(folder).isDirectory()).toBe(true)
  writeFileSync(join(folder, 'file'), '')
  expect(() => createPrivateFolder(join(folder, 'file'))).toThrow('EEXIST')
  expect(() => createPrivateFolder(join(folder, 'file', 'c'))).toThrow('EEXIST')
})

test.runIf(process.platform === 'linux')('createPrivateFolder() does not hang in /proc', () => {
  expect(() => createPrivateFolder('/proc/letta-ts/x')).toThrow('ENOENT')
})

test('readFileIfPresent() tells absent from unreadable', () => {
  const folder = createFolder()
  expect(readFileIfPresent(join(folder, 'absent'))).toBeNull()
  expect(() => readFileIfPresent(folder)).toThrow('EISDIR')
})

test('isProcessAlive() knows this process, and that there is none of a huge id', () => {
  expect(isProcessAlive(process.pid)).toBe(true)
  expect(isProcessAlive(2 ** 30)).toBe(false)
})

test('exitCodeOfSignal() is what shells expect', () => {
  expect([exitCodeOfSignal('SIGINT'), exitCodeOfSignal('SIGTERM')]).toEqual([130, 143])
})
