import { beforeAll, describe, expect, it } from 'vitest'
import { holdTalk, type HeldTalk } from './hold-talk.ts'
import { createLongTalk } from './long-talk.ts'

describe('a talk of 150 turns in a window of 6,000 tokens', () => {
  let held: HeldTalk
  beforeAll(async () => {
    held = await holdTalk(createLongTalk(1, 150), { window: 6000 })
  }, 60_000)

  it('never outgrows its window, and no run fails', () => {
    expect(held.failures).toEqual([])
    expect(held.compactions).toBeGreaterThan(3)
    expect(Math.max(...held.tokens)).toBeLessThanOrEqual(held.limit)
  })

  it('finds every fact that was told', () => {
    expect(held.lost).toEqual([])
    expect(held.found + held.sent).toBeGreaterThanOrEqual(15)
  })

  it('shows the model most facts it is asked about without a call of a tool', () => {
    expect(held.sent).toBe(15)
  })

  it('sends the same bytes again between compactions', () => {
    expect(held.commonShares.length).toBeGreaterThan(100)
    expect(Math.min(...held.commonShares)).toBe(1)
  })

  it('costs no more in the end than in the middle', () => {
    const mean = (from: number, to: number): number =>
      held.tokens.slice(from, to).reduce((sum, tokens) => sum + tokens, 0) / (to - from)
    expect(mean(110, 150) / mean(50, 90)).toBeLessThan(1.1)
  })
})

it('goes on in a window that fills with what is recalled sooner than with what is said', async () => {
  const before = createLongTalk(2, 500)
  const held = await holdTalk(createLongTalk(1, 40), { window: 8192, before })
  expect(held.failures).toEqual([])
  expect(held.compactions).toBeGreaterThan(2)
  expect(Math.max(...held.tokens)).toBeLessThanOrEqual(held.limit)
}, 60_000)
