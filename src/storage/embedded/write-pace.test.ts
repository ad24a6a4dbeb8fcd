import { describe, expect, it } from 'vitest'
import { GatheringPace } from './write-pace.ts'

describe('GatheringPace', () => {
  it('does not let a conversation wait that is alone', () => {
    const pace = new GatheringPace()
    expect(pace.pause(0)).toBe(0)
    pace.note(1, { from: 0, until: 3 })
    expect(pace.pause(3)).toBe(0)
  })

  it('waits for others in proportion to what a commit takes, once calls came together', () => {
    const pace = new GatheringPace()
    pace.note(2, { from: 0, until: 1 })
    expect([pace.pause(1), pace.pause(2), pace.pause(3), pace.pause(10)]).toEqual([2, 1, 0, 0])
  })

  it('never waits longer than a few milliseconds, however slow the disk is', () => {
    const pace = new GatheringPace()
    pace.note(8, { from: 0, until: 400 })
    expect(pace.pause(400)).toBe(5)
  })

  it('waits less and then no more when nobody comes', () => {
    const pace = new GatheringPace()
    pace.note(2, { from: 0, until: 1 })
    const pauses = [10, 20, 30].map((from) => {
      pace.note(1, { from, until: from + 1 })
      return pace.pause(from + 1)
    })
    expect(pauses).toEqual([1, 0.5, 0])
  })
})
