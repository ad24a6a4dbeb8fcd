import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

/** Resolves after what was queued for the next pass of the event loop. */
async function nextPass(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('FairQueue does what follows from one thing before the next one', async () => {
  const queue = new FairQueue(() => 0)
  const done: string[] = []
  for (const name of ['a', 'b', 'c']) {
    queue.add(() => {
      done.push(name)
      void Promise.resolve().then(() => done.push(`after ${name}`))
    })
  }
  expect(done).toEqual([])
  await nextPass()
  expect(done).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c'])
})

test('FairQueue leaves what there is no time for to the next pass of the event loop', async () => {
  let now = 0
  const queue = new FairQueue(() => now)
  const done: string[] = []
  for (const [name, takes] of [
    ['a', 1.5],
    ['b', 1.5],
    ['c', 9],
    ['d', 0.5],
    ['e', 0.5],
  ] as const) {
    queue.add(() => {
      done.push(name)
      now += takes
    })
  }
  await nextPass()
  expect(done).toEqual(['a', 'b'])
  queue.add(() => done.push('f'))
  await nextPass()
  expect(done).toEqual(['a', 'b', 'c'])
  await nextPass()
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  queue.add(() => done.push('g'))
  await nextPass()
  expect(done.at(-1)).toBe('g')
})
