import { expect, test } from 'vitest'
import { PythonTuple, toPythonText } from './python-text.ts'

test.each([
  [null, 'None'],
  [undefined, 'None'],
  [true, 'True'],
  [1.5, '1.5'],
  ["it's", `"it's"`],
  [`"it's"`, String.raw`'"it\'s"'`],
  ['a\n\\b', String.raw`'a\n\\b'`],
  [[1, 'a'], "[1, 'a']"],
  [new PythonTuple(['body']), "('body',)"],
  [new PythonTuple(['body', 0]), "('body', 0)"],
  [{ type: 'missing', input: {} }, "{'type': 'missing', 'input': {}}"],
])('toPythonText() writes %o as %s', (value, text) => {
  expect(toPythonText(value)).toBe(text)
})

test('toPythonText() shortens long texts', () => {
  expect(toPythonText('x'.repeat(5000))).toHaveLength(203)
})
