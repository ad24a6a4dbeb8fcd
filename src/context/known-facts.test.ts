import { expect, test } from 'vitest'
import { renderFacts } from './known-facts.ts'

test.each([
  // Instructions are read first: with a fact among what was read, all of them were.
  [{ instruction: 3, fact: 2 }, '3 more stand', 'At least 2 more are stored'],
  [{ instruction: 3, fact: 0 }, 'At least 3 more stand', null],
])('renderFacts() says what it counted only in part, of %j', (hidden, instructions, facts) => {
  const lines = renderFacts({ lines: [], hidden, isPart: true }).split('\n')
  const shown = (text: string): boolean => lines.some((line) => line.startsWith(text))
  expect(shown(instructions)).toBe(true)
  expect(facts === null || shown(facts)).toBe(true)
  expect(renderFacts({ lines: [], hidden, isPart: false })).not.toContain('At least')
})
