import { describe, expect, test } from 'vitest'
import { redactSecrets } from './redact-secrets.ts'

/** Put together here, so that no scanner takes this file for a leak. */
const letters = 'aB3'.repeat(14)

describe('redactSecrets()', () => {
  test.each([
    [`my key is sk-${letters}.`, 'my key is [redacted secret].'],
    [`sk-ant-${letters}`, '[redacted secret]'],
    [`use ghp_${letters} here`, 'use [redacted secret] here'],
    [`AKIA${'A1'.repeat(8)}`, '[redacted secret]'],
    [`AIza${letters.slice(0, 35)}`, '[redacted secret]'],
    [`xoxb-${'1'.repeat(12)}`, '[redacted secret]'],
    ['postgres://ada:hunter22@db/x', 'postgres://ada:[redacted secret]@db/x'],
    ['password = "hunter22!"', 'password = "[redacted secret]"'],
    ['DB_PASSWORD=hunter22!', 'DB_PASSWORD=[redacted secret]'],
    [
      `aws_secret_access_key = ${letters.slice(0, 20)}/${letters.slice(0, 19)}`,
      'aws_secret_access_key = [redacted secret]',
    ],
    ['my password is hunter22, ok?', 'my password is [redacted secret], ok?'],
    ['Authorization: Bearer abcdefgh.ijk', 'Authorization: Bearer [redacted secret]'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nend',
      '[redacted secret]\nend',
    ],
  ])('takes the secret out of %j', (text, expected) => {
    expect(redactSecrets(text)).toEqual({ text: expected, count: 1 })
  })

  test.each([
    'I ask for a risky sk-8 sketch.',
    'My password is a secret.',
    'The password is unforgettable.',
    'Your password is incorrect!',
    'The secret is patience! The other secret is https://example.org/7',
    'The secret: patience',
    'See https://example.org:8080/a@b and mail ada@example.org',
    'The key to the house lies under the mat.',
  ])('leaves %j alone', (text) => {
    expect(redactSecrets(text)).toEqual({ text, count: 0 })
  })
})
