import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { AppError } from '../../errors/app-error.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import { Checkpoints, type CheckpointThread } from './checkpoints.ts'

/** A thread whose checkpoints end when a test says so. */
class FakeThread implements CheckpointThread {
  readonly begun: PromiseWithResolvers<void>[] = []

  async checkpoint(): Promise<void> {
    const one = Promise.withResolvers<void>()
    this.begun.push(one)
    await one.promise
  }
}

const startReader = vi.fn<() => void>()

function commit(checkpoints: Checkpoints, times: number): void {
  for (let time = 0; time < times; time += 1) checkpoints.noteCommit()
}

describe('Checkpoints', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    startReader.mockClear()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('makes one on the thread that reads after enough commits, and the next when that is done', async () => {
    const [writer, reader] = [new FakeThread(), new FakeThread()]
    const checkpoints = new Checkpoints({ writer, reader: () => reader, startReader })
    commit(checkpoints, 23)
    expect(reader.begun).toHaveLength(0)
    commit(checkpoints, 30)
    // What was committed meanwhile is moved as well, the last of it by the thread that commits.
    for (const [step, thread] of [reader, reader, writer].entries()) {
      expect([reader.begun.length, writer.begun.length]).toEqual(
        [
          [1, 0],
          [2, 0],
          [2, 1],
        ][step],
      )
      thread.begun.at(-1)?.resolve()
      await vi.advanceTimersByTimeAsync(0)
    }
    commit(checkpoints, 1)
    expect([reader.begun.length, writer.begun.length]).toEqual([3, 1])
  })

  it('asks the writer only once nothing was committed for a while', async () => {
    const writer = new FakeThread()
    const checkpoints = new Checkpoints({ writer, reader: () => null, startReader })
    commit(checkpoints, 24)
    for (let pause = 0; pause < 5; pause += 1) {
      await vi.advanceTimersByTimeAsync(90)
      commit(checkpoints, 1)
    }
    expect(writer.begun).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(100)
    expect(writer.begun).toHaveLength(1)
  })

  it('has the thread that reads started where commits come without a pause', () => {
    const writer = new FakeThread()
    const checkpoints = new Checkpoints({ writer, reader: () => null, startReader })
    commit(checkpoints, 29)
    expect(startReader).not.toHaveBeenCalled()
    commit(checkpoints, 1)
    expect([startReader.mock.calls.length, writer.begun.length]).toEqual([1, 0])
  })

  it('begins none after it was closed', async () => {
    const writer = new FakeThread()
    const checkpoints = new Checkpoints({ writer, reader: () => null, startReader })
    commit(checkpoints, 24)
    checkpoints.close()
    commit(checkpoints, 24)
    await vi.advanceTimersByTimeAsync(1000)
    expect(writer.begun).toHaveLength(0)
  })

  it('forbids further writes when the disk lost something, and tries again when it was only full', async () => {
    const reader = new FakeThread()
    const checkpoints = new Checkpoints({ writer: reader, reader: () => reader, startReader })
    commit(checkpoints, 24)
    reader.begun[0]?.reject(new AppError('storage_full', 'Cannot write: the disk is full.'))
    await vi.advanceTimersByTimeAsync(0)
    expect(checkpoints.failure).toBeNull()
    commit(checkpoints, 24)
    const lost = new AppError('storage_disk_failed', 'Cannot write: the disk failed.')
    reader.begun[1]?.reject(lost)
    await vi.advanceTimersByTimeAsync(0)
    expect(checkpoints.failure).toBe(lost)
  })
})

test('what was committed gets into the file while the store is open and nothing more is written', async () => {
  const folder = await createTemporaryFolder()
  const world = new World(await openStore({ location: folder.path, host: 'worker' }))
  const agents: Agent[] = []
  for (let count = 0; count < 24; count += 1) agents.push(await world.agent())
  const isInFile = (): boolean => {
    const bytes = readFileSync(join(folder.path, 'letta.db'))
    return agents.every(({ id }) => bytes.includes(id))
  }
  expect(isInFile()).toBe(false)
  await expect.poll(isInFile, { timeout: 10_000 }).toBe(true)
  await world.store.close()
  await folder.remove()
})
