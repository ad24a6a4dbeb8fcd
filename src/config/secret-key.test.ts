import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSecretKey, secretKeyFile } from './secret-key.ts'

function createHome(): string {
  return join(mkdtempSync(join(tmpdir(), 'letta-key-')), 'home')
}

test('loadSecretKey() makes a private key file once and reads it afterwards', () => {
  const home = createHome()
  const key = loadSecretKey({ home, secretKey: null })
  expect(key).toHaveLength(32)
  expect(loadSecretKey({ home, secretKey: null })).toEqual(key)
  const path = join(home, secretKeyFile)
  expect(readFileSync(path, 'utf8').trim()).toBe(Buffer.from(key).toString('hex'))
  const modes = process.platform === 'win32' ? [] : [statSync(path).mode, statSync(home).mode]
  expect(modes.map((mode) => mode & 0o077)).toEqual(modes.map(() => 0))
})

test('loadSecretKey() takes the setting in place of the file', () => {
  const home = createHome()
  expect(Buffer.from(loadSecretKey({ home, secretKey: 'ab'.repeat(32) })).toString('hex')).toBe(
    'ab'.repeat(32),
  )
  expect(loadSecretKey({ home, secretKey: 'a passphrase of some length' })).toHaveLength(32)
  expect(() => loadSecretKey({ home, secretKey: 'short' })).toThrow('shorter than 16 characters')
})

test('loadSecretKey() does not replace a key file that was cut', () => {
  const home = mkdtempSync(join(tmpdir(), 'letta-key-'))
  writeFileSync(join(home, secretKeyFile), '')
  expect(() => loadSecretKey({ home, secretKey: null })).toThrow('it is empty or cut')
})
