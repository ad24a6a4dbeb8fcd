import { expect, test } from 'vitest'
import { toOneLine, toTerminalText } from './terminal-text.ts'

test('toTerminalText() removes what moves the cursor or sets the title', () => {
  expect(toTerminalText('a\u001b[2Jb\u001b]0;x\u0007\rc\td\n')).toBe('a[2Jb]0;xc\td\n')
})

test('toOneLine() joins lines and shortens', () => {
  expect(toOneLine('one\n two', 20)).toBe('one two')
  expect(toOneLine('abcdef', 4)).toBe('abc…')
  expect(toOneLine('ab🦩cdef', 4)).toBe('ab…')
})
