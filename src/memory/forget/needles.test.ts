import { describe, expect, it } from 'vitest'
import { createMatcher, tellingPieces } from './needles.ts'

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

describe('a matcher', () => {
  const matcher = createMatcher(['I live at "Elm Street 5" <now>', 'elm'])

  it.each([
    ['plainly, in other capitals', 'He said: i LIVE at "elm street 5" <now>.', 'He said: _>.'],
    ['over a line break', 'I live\n  at "Elm Street 5" <now>', '_>'],
    ['in JSON', JSON.stringify('x I live at "Elm Street 5" <now>'), '"x _>"'],
    [
      'in JSON within JSON',
      JSON.stringify(JSON.stringify('I live\nat "Elm Street 5" <now>')),
      String.raw`"\"_>\""`,
    ],
    ['quoted as data', 'I live at "Elm Street 5" &lt;now>', '_>'],
    ['not within another word', 'realms helm elms', 'realms helm elms'],
    ['a short one by itself', 'the elm, the ELM!', 'the _, the _'],
  ])('finds a piece %s', (_how, text, expected) => {
    const cut = matcher.cut(text, '_')
    expect(cut).toBe(expected)
    expect(matcher.matches(text)).toBe(cut !== text)
  })

  it.each([
    ['with another apostrophe', "Anna's pin is four", 'So Anna’s pin is four.', 'So _'],
    ['with curled quotation marks', 'at "Elm" and "Oak" road', 'at “Elm” and “Oak” road', '_'],
    ['with accents as signs of their own', 'Café Zoé', 'In Cafe\u0301 Zoe\u0301 then', 'In _ then'],
    ['with accents joined', 'Cafe\u0301 Zoe\u0301', 'In Café Zoé then', 'In _ then'],
  ])('finds what looks the same %s', (_how, piece, text, expected) => {
    expect(createMatcher([piece]).cut(text, '_')).toBe(expected)
  })

  it('finds a piece of a script without blanks wherever it begins', () => {
    const chinese = createMatcher(['我的密码是一二三'])
    expect(chinese.cut('请记住我的密码是一二三谢谢', '_')).toBe('请记住_谢谢')
    expect(chinese.matches('我的密码')).toBe(false)
  })

  it.each([
    ['hunter2025', '我的密码是hunter2025', '我的密码是_'],
    ['hunter2025', 'パスワードはhunter2025です', 'パスワードは_です'],
    ['hunter', 'パスワードはhunter2025です', 'パスワードはhunter2025です'],
    ['秘密', '𠮷野家の秘密', '𠮷野家の_'],
    ['サーバー', 'サーバーの名前', '_の名前'],
  ])('finds %s where %s has no blanks around it', (piece, text, expected) => {
    expect(createMatcher([piece]).cut(text, '_')).toBe(expected)
  })

  it('is not slower with many pieces than with one', () => {
    const many = createMatcher(
      Array.from({ length: 20_000 }, (_, index) => `piece number ${index} of many`),
    )
    const text = `${'some other words that are long '.repeat(20_000)} piece number 777 of many`
    expect(many.cut(text, '_').endsWith(' _')).toBe(true)
  })

  it('takes patterns for what they are', () => {
    expect(createMatcher(['costs 5 (.*) [x] $1']).cut('It costs 5 (.*) [x] $1 now', '_')).toBe(
      'It _ now',
    )
    expect(createMatcher(['...', '']).pieces).toEqual([])
  })
})
