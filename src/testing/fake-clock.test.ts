import { describe, expect, it } from 'vitest'
import { createFakeClock } from './fake-clock.ts'

describe('createFakeClock()', () => {
  it('stands still until it is moved', async () => {
    const clock = createFakeClock({ start: 1_000 })
    expect(clock.now()).toBe(1_000)
    await clock.advance(500)
    expect(clock.now()).toBe(1_500)
  })

  it('ends sleeps in order of their ends, and those that begin because another ended', async () => {
    const clock = createFakeClock({ start: 0 })
    const ends: [string, number][] = []
    const sleep = async (name: string, milliseconds: number): Promise<void> => {
      await clock.sleep(milliseconds)
      ends.push([name, clock.now()])
    }
    const all = Promise.all([
      sleep('late', 300),
      sleep('early', 100).then(() => sleep('after early', 100)),
    ])
    await clock.advance(250)
    expect(ends).toEqual([
      ['early', 100],
      ['after early', 200],
    ])
    expect(clock.sleeping).toBe(1)
    await clock.advance(50)
    await all
    expect(ends.at(-1)).toEqual(['late', 300])
    expect(clock.sleeps).toEqual([300, 100, 100])
  })

  it('rejects a sleep with the reason of its signal', async () => {
    const clock = createFakeClock()
    const abort = new AbortController()
    const sleep = clock.sleep(100, { signal: abort.signal })
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(sleep).rejects.toBe(reason)
    await expect(clock.sleep(100, { signal: abort.signal })).rejects.toBe(reason)
    expect(clock.sleeping).toBe(0)
  })

  it('moves by itself when it is automatic', async () => {
    const clock = createFakeClock({ start: 0, automatic: true })
    await clock.sleep(400)
    await clock.sleep(200)
    expect(clock.now()).toBe(600)
  })
})
