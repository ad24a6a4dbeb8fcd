import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.ts'
import { createSilenceLimit } from './silence-limit.ts'

const never = new Promise<never>(() => undefined)
const asker = new AbortController().signal

describe('createSilenceLimit()', () => {
  it('aborts when one wait lasts as long as the limit', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000, asker })
    void silence.during(never)
    await clock.advance(999)
    expect(silence.isExceeded).toBe(false)
    await clock.advance(1)
    expect(silence.isExceeded).toBe(true)
    expect(silence.signal.aborted).toBe(true)
  })

  it('counts every wait anew', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000, asker })
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
    const silence = createSilenceLimit({ clock, limitMs: 1_000, asker })
    await silence.during(Promise.resolve())
    await clock.advance(10_000)
    expect(silence.isExceeded).toBe(false)
  })

  it('aborts when whoever asked leaves, and holds nothing of them afterwards', () => {
    const clock = createFakeClock()
    const leaving = new AbortController()
    const limits = [0, 1].map(() =>
      createSilenceLimit({ clock, limitMs: 1_000, asker: leaving.signal }),
    )
    limits[1]?.end()
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(1)
    leaving.abort('gone')
    expect(limits.map(({ signal }) => signal.reason)).toEqual(['gone', 'the call has ended'])
    const late = createSilenceLimit({ clock, limitMs: 1_000, asker: leaving.signal })
    expect([late.signal.reason, late.isExceeded]).toEqual(['gone', false])
  })

  it('leaves nothing waiting when it ends', async () => {
    const clock = createFakeClock()
    const silence = createSilenceLimit({ clock, limitMs: 1_000, asker })
    void silence.during(never)
    silence.end()
    await clock.advance(0)
    expect([clock.sleeping, silence.isExceeded]).toEqual([0, false])
  })
})
