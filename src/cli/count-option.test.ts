import { expect, test } from 'vitest'
import { wholeNumber } from './count-option.ts'

test('wholeNumber() reads digits within a range and nothing else', () => {
  expect(['1', '500', '007'].map(wholeNumber(1, 500))).toEqual([1, 500, 7])
  expect(wholeNumber(0)('0')).toBe(0)
  for (const text of ['', '0', '501', '-1', '1e2', '1.5', ' 1', '0x1', 'many']) {
    expect(() => wholeNumber(1, 500)(text)).toThrow('It must be a whole number from 1 to 500.')
  }
  expect(() => wholeNumber(1)('0')).toThrow('It must be a whole number from 1.')
})
