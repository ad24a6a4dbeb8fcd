import { expect, test } from 'vitest'
import { renderTurnTail } from './tail-text.ts'

test('renderTurnTail() writes times of UTC as it writes those of a zone of the same clock', () => {
  for (let month = 0; month < 12; month += 1) {
    const now = Date.UTC(2026, month, month * 2 + 1, month * 2, 5)
    const sources = {
      blocks: [],
      shown: {},
      facts: [],
      shownFacts: {},
      input: '',
      droppedMessages: 0,
      lastSignAt: null,
      lastActivityAt: now - 7e6,
      now,
    }
    const [utc, zone] = ['UTC', 'Etc/UTC'].map((timezone) =>
      renderTurnTail({ ...sources, timezone }),
    )
    expect(utc).toBe(zone)
  }
})
