import { describe, expect, test } from 'vitest'
import { admitText, originOf } from './admit-text.ts'
import { junkReason } from './junk-reason.ts'

const nothing = { recalled: [], returned: [], said: '' }

describe('junkReason()', () => {
  test.each([
    ['  \n ', 'It is empty.'],
    ['--- !!! …', 'It has no words.'],
    ['<memory_blocks>\nhuman\n</memory_blocks>', 'It carries the wrapping of a prompt'],
    ['Error executing function archival_memory_insert: full', 'It is the message of a failure'],
    ["I'm sorry, but I can't assist with that request.", 'It is the message of a failure'],
    ['As an AI language model, I cannot remember people.', 'It is the message of a failure'],
    ['it is what it was', 'It has only words that every text has.'],
  ])('tells why %j is junk', (text, why) => {
    expect(junkReason(text)).toContain(why)
  })

  test.each([
    'Anna',
    '2026-11-22',
    '約束',
    'She said: I am sorry, but I cannot assist with that. Then she left the project.',
    'The build fails with: Error executing function deploy: timeout',
    'As an AI model, I cannot deploy; so Anna deploys on Mondays.',
  ])('lets %j pass', (text) => {
    expect(junkReason(text)).toBeNull()
  })
})

describe('admitText()', () => {
  const quotation = '- 2026-03-01, user [message-1]: My sailing boat is called Albatross.'

  test('refuses what memory has just quoted, whatever its capitals and points', () => {
    const sources = { ...nothing, recalled: [quotation] }
    expect(() => admitText('my sailing boat is called albatross', sources)).toThrow(
      'Cannot store the text in memory: it was quoted to you from memory',
    )
    expect(admitText('The sailing boat Albatross was sold.', sources)).toBe('agent')
    expect(admitText('called Albatross', sources)).toBe('agent')
    const said = 'Again: my sailing boat is called Albatross.'
    expect(admitText('My sailing boat is called Albatross.', { ...sources, said })).toBe('agent')
  })

  test.each([
    ['At night it is 5 degrees', 'At night it is -5 degrees.'],
    ['She writes all of it in C++', 'She writes all of it in C#.'],
    ['Does Anna like the green tea?', 'Does Anna like the green tea'],
    ['The mood today was really 🙂', 'The mood today was really 🙁'],
  ])('takes %j for no quotation of %j', (text, recalled) => {
    const sources = { ...nothing, recalled: [`- 2026-03-01, user [message-1]: ${recalled}`] }
    expect(admitText(text, sources)).toBe('agent')
  })

  test('finds a quotation in a list of several lines', () => {
    const sources = { ...nothing, recalled: ['Known:\n- the boat is\n- called Albatross now'] }
    expect(() => admitText('The boat is called Albatross now', sources)).toThrow('quoted to you')
  })

  test('refuses junk with its reason', () => {
    expect(() => admitText('…', nothing)).toThrow(
      'Cannot store the text in memory: it has no words.',
    )
  })
})

describe('originOf()', () => {
  const returned = ['The bridge over the Douro opens on Sundays at nine.']

  test('is the tool whose words a text repeats, unless the user said them, too', () => {
    expect(originOf('The Douro bridge opens on Sundays', { returned, said: 'Look it up.' })).toBe(
      'tool',
    )
    const said = 'Keep in mind that the Douro bridge opens on Sundays.'
    expect(originOf('The Douro bridge opens on Sundays', { returned, said })).toBe('agent')
    expect(originOf('Anna likes bridges', { returned, said: '' })).toBe('agent')
  })
})
