import { describe, expect, it } from 'vitest'
import { isTelling, tellingPieces } from './needles.ts'

describe('the pieces that tell where a text comes from', () => {
  it.each([
    ['My bank code is XK-2299. Thank you!', ['My bank code is XK-2299', 'XK-2299']],
    ['ok', []],
    ['Thank you!', []],
    [
      'Call 0151 2345678 or write to ada@example.org',
      expect.arrayContaining(['ada@example.org', '2345678']),
    ],
    ['It was on 2026-11-22 at 10:30.', ['It was on 2026-11-22 at 10:30']],
    ['请记住我的密码。', ['请记住我的密码']],
    ['我的密码是银河系。我喜欢喝热茶。', ['我的密码是银河系', '我喜欢喝热茶']],
  ])('%s', (text, pieces) => {
    expect(tellingPieces(text)).toEqual(pieces)
  })

  it('cuts a sentence without an end at blanks', () => {
    const pieces = tellingPieces('a word '.repeat(500))
    expect(pieces.length).toBeGreaterThan(0)
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(300)
  })
})

it.each([
  ['zug\u{AD}her\u{200B}onzugs', true],
  ['ＸＫ２２９９', true],
  ['감사합니다', false],
])('isTelling(%s) judges a text as people see it', (text, telling) => {
  expect(isTelling(text)).toBe(telling)
})
