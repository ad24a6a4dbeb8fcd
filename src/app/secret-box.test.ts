import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSecretBox } from './secret-box.ts'

const key = randomBytes(32)

test('createSecretBox() gives back what it encrypted and never writes the same twice', () => {
  const box = createSecretBox(key)
  const sealed = box.encrypt('sk-çöмplex 🔑')
  expect(sealed).not.toContain('sk-')
  expect(box.encrypt('sk-çöмplex 🔑')).not.toBe(sealed)
  expect(box.decrypt(sealed)).toBe('sk-çöмplex 🔑')
  expect(box.decrypt(box.encrypt(''))).toBe('')
})

test.each([
  ['another key', (sealed: string) => createSecretBox(randomBytes(32)).decrypt(sealed)],
  ['a changed text', (sealed: string) => createSecretBox(key).decrypt(`${sealed.slice(0, -2)}AA`)],
  ['another format', () => createSecretBox(key).decrypt('plain')],
])('createSecretBox() refuses %s with configuration_invalid', (_name, decrypt) => {
  const sealed = createSecretBox(key).encrypt('value')
  expect(() => decrypt(sealed)).toThrowError(/Cannot decrypt a secret/)
})

test('createSecretBox() refuses a key of another length', () => {
  expect(() => createSecretBox(randomBytes(16))).toThrowError(/16 bytes instead of 32/)
})
