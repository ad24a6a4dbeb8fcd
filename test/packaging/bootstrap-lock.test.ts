import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isStale, takeLock } from '../../scripts/bootstrap/lock.mjs'

const dead = () => false
const alive = () => true
const unexpectedWait = () => expect.unreachable('waited for a lock nobody holds')

describe('isStale()', () => {
  const owner = { host: hostname(), pids: [1, 2] }

  test('respects a living owner on this host', () => {
    expect(isStale({ owner, age: 0 }, alive)).toBe(false)
    expect(isStale({ owner, age: 0 }, (pid) => pid === 2)).toBe(false)
  })

  test('sees through a dead owner on this host', () => {
    expect(isStale({ owner, age: 0 }, dead)).toBe(true)
  })

  test('judges an owner on another host, or one it cannot read, by the time of its last sign alone', () => {
    const far = { host: 'elsewhere', pids: [1] }
    expect(isStale({ owner: far, age: 1_000 }, dead)).toBe(false)
    expect(isStale({ owner: undefined, age: 1_000 }, dead)).toBe(false)
    expect(isStale({ owner: far, age: 180_000 }, alive)).toBe(true)
  })
})

describe('takeLock()', () => {
  let folder: string
  let path: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letta-ts-lock-'))
    path = join(folder, 'lock')
  })

  afterEach(() => rm(folder, { recursive: true }))

  test('names its processes and leaves nothing behind', async () => {
    const lock = await takeLock({ path, onWait: unexpectedWait })
    lock.addProcess(4242)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      host: hostname(),
      pids: [process.pid, 4242],
    })
    lock.release()
    expect(existsSync(path)).toBe(false)
  })

  test('lets one in at a time, and tells the other once that it waits', async () => {
    const waits: unknown[] = []
    const first = await takeLock({ path, onWait: unexpectedWait })
    const second = takeLock({ path, onWait: (owner) => waits.push(owner?.pids) })
    const early = await Promise.race([
      second,
      new Promise((resolve) => setTimeout(resolve, 500, 'waiting')),
    ])
    expect(early).toBe('waiting')
    first.release()
    const lock = await second
    expect(waits).toEqual([[process.pid]])
    lock.release()
  })

  test('takes over from a dead owner', async () => {
    const noSuchProcess = 2 ** 22 + 1
    await writeFile(path, JSON.stringify({ host: hostname(), pids: [noSuchProcess] }))
    const lock = await takeLock({ path, onWait: unexpectedWait })
    expect(JSON.parse(await readFile(path, 'utf8')).pids).toEqual([process.pid])
    lock.release()
  })

  test('takes over a file that was cut off long ago', async () => {
    await writeFile(path, '{"ho')
    const longAgo = new Date(Date.now() - 600_000)
    await utimes(path, longAgo, longAgo)
    const lock = await takeLock({ path, onWait: unexpectedWait })
    expect(JSON.parse(await readFile(path, 'utf8')).pids).toEqual([process.pid])
    lock.release()
  })
})
