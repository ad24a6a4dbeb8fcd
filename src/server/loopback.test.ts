import { expect, test } from 'vitest'
import { isLoopback } from './loopback.ts'

test.each([
  'localhost',
  'LOCALHOST',
  'letta.localhost',
  '127.0.0.1',
  '127.8.9.1',
  '::1',
  '[::1]',
  '::ffff:127.0.0.1',
])('isLoopback() knows %s as this machine', (host) => expect(isLoopback(host)).toBe(true))

test.each([
  '0.0.0.0',
  '::',
  '128.0.0.1',
  '10.0.0.1',
  'localhost.example.com',
  '127.0.0.1.example.com',
  'mylocalhost',
  '',
])('isLoopback() does not take %o for this machine', (host) => expect(isLoopback(host)).toBe(false))
