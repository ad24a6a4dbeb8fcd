import { expect, test } from 'vitest'
import { splitText } from './split-text.ts'

test('splitText() keeps a short text whole and cuts before headings, between paragraphs and sentences', () => {
  expect(splitText('One. Two.')).toEqual(['One. Two.'])
  expect(splitText('  \n ')).toEqual([])
  const text = '# A\nfirst paragraph\n\nsecond one. With two.\n# B\nlast'
  expect(splitText(text, 24)).toEqual([
    '# A\nfirst paragraph',
    'second one. With two.',
    '# B\nlast',
  ])
  expect(splitText('One sentence. Another one.', 15)).toEqual(['One sentence.', 'Another one.'])
})

test('splitText() cuts a megabyte of anything into short pieces that hold all of it', () => {
  for (const unit of [
    'word ',
    'Sentence of some words. ',
    'x',
    '日本語。',
    '👍🏽',
    'a line\n',
    '\n\n',
  ]) {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length))
    const pieces = splitText(text)
    expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(1500)
    expect(pieces.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
    for (const piece of pieces.slice(0, 9)) expect(piece.isWellFormed()).toBe(true)
  }
})
