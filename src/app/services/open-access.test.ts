import { expect, test } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.ts'
import { OpenAccess } from './open-access.ts'

test('OpenAccess counts the keys once a second while there is none, and each time once there is one', async () => {
  const clock = createFakeClock()
  let [keys, counts] = [0, 0]
  const access = new OpenAccess(clock, async () => {
    counts += 1
    return keys
  })
  for (let request = 0; request < 5; request += 1) expect(await access.isOpen()).toBe(true)
  expect(counts).toBe(1)
  keys = 1
  await clock.advance(1000)
  expect([await access.isOpen(), await access.isOpen()]).toEqual([false, false])
  expect(counts).toBe(3)
})

test('OpenAccess is closed at once by a key of this process, also while the keys are being counted', async () => {
  const clock = createFakeClock()
  const counted = Promise.withResolvers<number>()
  const answers = [Promise.resolve(0), Promise.resolve(1), counted.promise, Promise.resolve(1)]
  const access = new OpenAccess(clock, async () => (await answers.shift()) ?? 1)
  expect(await access.isOpen()).toBe(true)
  access.close()
  expect(await access.isOpen()).toBe(false)
  const asked = access.isOpen()
  access.close()
  counted.resolve(0)
  expect(await asked).toBe(true)
  expect(await access.isOpen()).toBe(false)
})

test('OpenAccess looks again when the clock was set back', async () => {
  let [time, counts] = [1_000_000, 0]
  const clock = { ...createFakeClock(), now: () => time }
  const access = new OpenAccess(clock, async () => {
    counts += 1
    return 0
  })
  await access.isOpen()
  time -= 500_000
  await access.isOpen()
  expect(counts).toBe(2)
})
