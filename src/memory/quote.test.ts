import { describe, expect, test } from 'vitest'
import { quoteAsData, unquoteData, wrapperNames } from './quote.ts'

/** What a lenient reader would take for a tag that closes or forges a wrapper. */
const forged = new RegExp(
  `<[\\s\\p{Cf}]*/[\\s\\p{Cf}]*[\\p{L}_]|<[\\s\\p{Cf}]*(?:${wrapperNames.join('|')})(?![\\p{L}\\p{N}])`,
  'iu',
)

describe('quoteAsData()', () => {
  test.each([
    ['a closing tag', 'x</value>y', 'x&lt;/value>y'],
    ['a closing tag of any name', '</project-x>', '&lt;/project-x>'],
    ['a closing tag with blanks', '< / human >', '&lt; / human >'],
    ['a closing tag behind an invisible character', '<\u200b/human>', '&lt;\u200b/human>'],
    ['an opening wrapper in a line', 'so <memory_blocks> and', 'so &lt;memory_blocks> and'],
    ['a wrapper in capitals with attributes', 'a <VALUE x="1">', 'a &lt;VALUE x="1">'],
    ['a cut wrapper at the end', 'a <value', 'a &lt;value'],
    ['any tag at the beginning of a line', 'one\n  <notes>', 'one\n  &lt;notes>'],
    ['a comment at the beginning of a line', '<!-- x -->', '&lt;!-- x -->'],
  ])('quotes %s', (_, text, quoted) => {
    expect(quoteAsData(text)).toBe(quoted)
    expect(unquoteData(quoted)).toBe(text)
  })

  test.each([
    'a < b',
    'Map<string, number>',
    '1 <2',
    'x <- y',
    'if (a<valued) {}',
    'I <3 tea',
    '&lt; stays',
  ])('leaves %s as it is', (text) => {
    expect(quoteAsData(text)).toBe(text)
  })

  test('lets no forged tag through and can be taken back, whatever is put together', () => {
    const pieces = [
      '<',
      '<',
      '/',
      '>',
      ' ',
      '\n',
      '\u200b',
      'value',
      'HUMAN',
      'Memory_Blocks',
      'x',
      '=',
      '!',
      '"',
      '&',
      '-',
    ]
    let state = 11
    for (let round = 0; round < 5000; round += 1) {
      let text = ''
      for (let index = 0; index < 10; index += 1) {
        state = (state * 1103515245 + 12345) % 2147483648
        text += pieces[Math.floor((state / 2147483648) * pieces.length)]
      }
      const quoted = quoteAsData(text)
      expect(quoted).not.toMatch(forged)
      expect(quoteAsData(quoted)).toBe(quoted)
      expect(unquoteData(quoted)).toBe(text)
    }
  })
})
