import { expect, test } from 'vitest'
import { FairQueue } from './fair-queue.ts'

/** Resolves after what was queued for this pass of the event loop. */
async function nextPass(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('FairQueue does one thing at once and each other one in a later pass of the event loop', async () => {
  const queue = new FairQueue()
  const done: string[] = []
  for (const name of ['a', 'b', 'c']) queue.add(() => done.push(name))
  expect(done).toEqual(['a'])
  await nextPass()
  expect(done).toEqual(['a', 'b'])
  queue.add(() => done.push('d'))
  await nextPass()
  expect(done).toEqual(['a', 'b', 'c'])
  await nextPass()
  expect(done).toEqual(['a', 'b', 'c', 'd'])
  await nextPass()
  queue.add(() => done.push('e'))
  expect(done.at(-1)).toBe('e')
})
