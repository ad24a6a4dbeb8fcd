import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.ts'
import { createSilenceLimit } from './silence-limit.ts'

const never = new Promise<never>(() => undefined)

describe('createSilenceLimit()', () => {
  it('aborts when one wait lasts as long as the limit', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000 })
    void silence.during(never)
    await clock.advance(999)
    expect(silence.isExceeded).toBe(false)
    await clock.advance(1)
    expect(silence.isExceeded).toBe(true)
    expect(silence.signal.aborted).toBe(true)
  })

  it('counts every wait anew', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000 })
    for (let wait = 0; wait < 5; wait += 1) {
      const part = silence.during(clock.sleep(900))
      await clock.advance(900)
      await part
    }
    expect(silence.isExceeded).toBe(false)
    void silence.during(never)
    await clock.advance(1_000)
    expect(silence.isExceeded).toBe(true)
  })

  it('does not count the time between waits, when the reader is slow', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000 })
    await silence.during(Promise.resolve())
    await clock.advance(10_000)
    expect(silence.isExceeded).toBe(false)
  })

  it('leaves nothing waiting when it ends', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000 })
    void silence.during(never)
    silence.end()
    await clock.advance(0)
    expect([clock.sleeping, silence.isExceeded]).toEqual([0, false])
  })
})
