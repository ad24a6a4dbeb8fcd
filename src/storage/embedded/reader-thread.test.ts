import { expect, test } from 'vitest'
import { AppError } from '../../errors/app-error.ts'
import { ReaderThread, type StorageThread } from './reader-thread.ts'

class FakeThread implements StorageThread {
  isBusy = false
  closed = 0
  readonly opening = Promise.withResolvers<Awaited<ReturnType<StorageThread['open']>>>()
  call = (): Promise<unknown> => Promise.resolve(undefined)
  open = (): ReturnType<StorageThread['open']> => this.opening.promise
  checkpoint = (): Promise<void> => Promise.resolve()
  close = async (): Promise<void> => void (this.closed += 1)
}

function createReader(): {
  readonly reader: ReaderThread
  readonly writer: FakeThread
  readonly started: FakeThread[]
} {
  const writer = new FakeThread()
  const started: FakeThread[] = []
  const reader = new ReaderThread(writer, () => {
    const thread = new FakeThread()
    started.push(thread)
    return thread
  })
  return { reader, writer, started }
}

/** Reads until a thread was started for them. */
function readMuch(reader: ReaderThread): void {
  for (let read = 0; read < 40; read += 1) reader.forRead()
}

test('ReaderThread leaves reading to a writer that has time', async () => {
  const { reader, writer, started } = createReader()
  for (let read = 0; read < 20; read += 1) expect(reader.forRead()).toBe(writer)
  await reader.close()
  expect(started).toEqual([])
})

test('ReaderThread starts one thread when reads often wait, and reads with it once it is open', async () => {
  const { reader, writer, started } = createReader()
  writer.isBusy = true
  expect(reader.forRead()).toBe(writer)
  expect(started).toEqual([])
  readMuch(reader)
  expect(started).toHaveLength(1)
  expect(reader.forRead()).toBe(writer)
  started[0]?.opening.resolve({ databaseId: 'database-1', schemaVersion: 1 } as never)
  await expect.poll(() => reader.forRead()).toBe(started[0])
  await reader.close()
  expect(started[0]?.closed).toBe(1)
})

test('ReaderThread refuses to read when its thread cannot open the database, and closes it', async () => {
  const { reader, writer, started } = createReader()
  writer.isBusy = true
  readMuch(reader)
  started[0]?.opening.reject(new AppError('storage_corrupt', 'Cannot read it.'))
  await expect(started[0]?.opening.promise).rejects.toThrow('Cannot read it.')
  expect(() => reader.forRead()).toThrow('Cannot read it.')
  await reader.close()
  expect(started[0]?.closed).toBe(1)
})
