import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimStart } from './claim-start.ts'

/** No process has this number. */
const dead = '2147483646'

function openFolder(): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'letta-claim-'))
  return { folder, path: join(folder, 'server.starting') }
}

test('claimStart() gives the start to the first alone', () => {
  const { path } = openFolder()
  expect(claimStart(path, process.pid)).toBe(true)
  expect(claimStart(path, process.ppid)).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe(String(process.pid))
})

test('claimStart() takes over from a process that died, once', () => {
  const { folder, path } = openFolder()
  writeFileSync(path, dead)
  expect(claimStart(path, process.pid)).toBe(true)
  expect(claimStart(path, process.ppid)).toBe(false)
  expect(readdirSync(folder)).toEqual(['server.starting'])
})
