import { expect, test } from 'vitest'
import { isHeadless, normalizeArguments } from './normalize-arguments.ts'

const commands = new Set(['model', 'agents', 'server'])

test.each([
  ['/model'],
  ['C:/Program Files/Git/model'],
  [String.raw`C:\msys64\model`],
  ['/usr/share/model'],
])('normalizeArguments() understands %s as the command', (first) => {
  expect(normalizeArguments([first, 'gpt-4o'])).toEqual(['model', 'gpt-4o'])
})

test.each([['/unknown'], ['model'], ['-p'], ['/model.txt'], ['C:/Program Files/Git']])(
  'normalizeArguments() leaves %s as it is',
  (first) => {
    expect(normalizeArguments([first, 'x'])).toEqual([first, 'x'])
  },
)

test('normalizeArguments() touches only the first argument', () => {
  expect(normalizeArguments(['-p', '/model'])).toEqual(['-p', '/model'])
})

test.each([
  [['-p', 'server'], true],
  [['--agent', 'Ada', '-p', 'model'], true],
  [['--prompt=server'], true],
  [['server', '-p'], false],
  [['server'], false],
  [['--', '-p'], false],
  [[], false],
])('isHeadless() of %j is %s', (parameters, expected) => {
  expect(isHeadless(parameters, commands)).toBe(expected)
})
