import { describe, expect, it } from 'vitest'
import { createMatcher } from './matcher.ts'

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

  it.each([
    ['with a soft hyphen', 'Zugheron', 'the Zug\u{AD}heron flew', 'the _ flew'],
    ['asked for with one', 'Zug\u{AD}heron', 'the zugheron flew', 'the _ flew'],
    [
      'with blanks without a width',
      'pin 4711',
      'a p\u{200B}in\u{2060} 47\u{FEFF}11\u{200D} b',
      'a _ b',
    ],
    ['with ß for SS', 'Straße', 'in der STRASSE 5, STRAẞE 5', 'in der _ 5, _ 5'],
    ['with SS for ß', 'STRASSE', 'in der Straße 5', 'in der _ 5'],
    ['with final sigmas', 'ΟΔΟΣ', 'η οδος μου', 'η _ μου'],
    ['with dotted and dotless i', 'istanbul', 'İSTANBUL, ISTANBUL, I\u{307}stanbul', '_, _, _'],
    ['in full width', 'pin 4711', 'my ｐｉｎ\u{3000}４７１１ is', 'my _ is'],
    ['with ligatures', 'office find', 'the oﬃce ﬁnd', 'the _'],
    ['in half width', 'パスワード', '私のﾊﾟｽﾜｰﾄﾞは', '私の_は'],
    [
      'with jamo of their own',
      '비밀번호',
      '내 비밀번호'.normalize('NFD'),
      `${'내'.normalize('NFD')} _`,
    ],
    ['with other dashes and blanks', 'XK-22 99', 'code XK‑22\u{A0}99 ok', 'code _ ok'],
    [
      'with codes of JSON',
      'Straße',
      String.raw`Result: {"a": "Stra\u00dfe"}`,
      'Result: {"a": "_"}',
    ],
    [
      'in a path',
      'tobias',
      String.raw`C:\Users\tobias\x and C:\\Users\\tobias`,
      String.raw`C:\Users\_\x and C:\\Users\\_`,
    ],
    ['after a line break of JSON', 'obias', String.raw`He said:\tobias`, String.raw`He said:\t_`],
  ])('finds words %s', (_how, piece, text, expected) => {
    const matcher = createMatcher([piece])
    expect(matcher.cut(text, '_')).toBe(expected)
    expect(matcher.matches(text)).toBe(true)
  })

  it.each([
    ['a lone emoji', '🦊', 'I am 🦊, not 🦊\u{FE0F}x', 'I am _, not _x'],
    ['one made of several', '👩\u{200D}💻', 'a 👩\u{200D}💻 b', 'a _ b'],
    ['not a part of one', '👩', 'a 👩\u{200D}💻 👩🏽 b', 'a 👩\u{200D}💻 👩🏽 b'],
    ['a flag', '🇩🇪', 'to 🇫🇷🇩🇪', 'to 🇫🇷_'],
    ['and not half of two flags', '🇷🇩', 'to 🇫🇷🇩🇪', 'to 🇫🇷🇩🇪'],
  ])('finds %s', (_what, piece, text, expected) => {
    expect(createMatcher([piece]).cut(text, '_')).toBe(expected)
  })

  it('keeps how it found what is written otherwise than the piece', () => {
    const matcher = createMatcher(['Straße'])
    expect(matcher.matches('STRASSE and straße, Stra\u{DF}e.')).toBe(true)
    expect([...matcher.spellings]).toEqual(['STRASSE'])
  })
})
