import { expect, test } from 'vitest'
import { describeAge, renderWelcome } from './welcome-back.ts'

const now = new Date('2026-01-02T12:00:00Z')

test('renderWelcome() says where the conversation stands in one line', () => {
  const line = renderWelcome({
    agentName: 'Letta',
    model: 'letta/auto',
    lastSpokenAt: new Date('2026-01-02T09:00:00Z'),
    task: 'Finish\nthe parser',
    openRuns: 1,
    now,
  })
  expect(line).toBe(
    'Letta (letta/auto) · last spoken 3 hours ago · task: Finish the parser · one open run · /help lists commands',
  )
})

test('renderWelcome() is short in a new conversation', () => {
  const facts = { agentName: 'Letta', model: 'm', lastSpokenAt: null, task: '', openRuns: 0, now }
  expect(renderWelcome(facts)).toBe('Letta (m) · a new conversation · /help lists commands')
})

test.each([
  [59_000, 'just now'],
  [60_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, '1 day ago'],
])('describeAge(%i) is %s', (age, expected) => {
  expect(describeAge(age)).toBe(expected)
})
