import { describe, expect, test } from 'vitest'
import { applyHunks, diffTokens, toLines, toWords } from './diff-text.ts'
import { rebaseText } from './rebase-text.ts'

/** A repeatable sequence of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Random = () => number

function pick(random: Random, count: number): number {
  return Math.floor(random() * count)
}

const words = ['tea', 'mate', 'Porto', '🦊', '中文', 'likes', '', 'a b', '</value>', '\t']

function randomText(random: Random, lines = pick(random, 9)): string {
  return Array.from({ length: lines }, () => words[pick(random, words.length)]).join('\n')
}

function randomEdit(random: Random, text: string): string {
  const lines = text.split('\n')
  const at = pick(random, lines.length + 1)
  const insert = random() < 0.7 ? [randomText(random, 1)] : []
  lines.splice(at, random() < 0.5 ? 1 : 0, ...insert)
  return lines.join('\n')
}

const seeds = Array.from({ length: 400 }, (_, index) => index + 1)

describe('diffTokens()', () => {
  test.each([
    ['', 'a'],
    ['a', ''],
    ['a\nb\nc', 'a\nc'],
    ['a\nb\nc', 'x\nb\ny\nc'],
    ['same', 'same'],
  ])('turns %j into %j', (base, changed) => {
    const tokens = toLines(base)
    expect(applyHunks(tokens, diffTokens(tokens, toLines(changed))).join('')).toBe(changed)
  })

  test('finds the smallest change', () => {
    const hunks = diffTokens(Array.from('abcabba'), Array.from('cbabac'))
    const changes = hunks.map(({ from, to, tokens }) => to - from + tokens.length)
    expect(changes.reduce((sum, count) => sum + count, 0)).toBe(5)
  })

  test('gives the changed text for any two texts, by lines and by words', () => {
    for (const seed of seeds) {
      const random = randomNumbers(seed)
      const [base, changed] = [randomText(random), randomText(random)]
      for (const tokenize of [toLines, toWords]) {
        expect(tokenize(base).join('')).toBe(base)
        const tokens = tokenize(base)
        const hunks = diffTokens(tokens, tokenize(changed))
        expect(applyHunks(tokens, hunks).join('')).toBe(changed)
        for (const [index, hunk] of hunks.entries()) {
          expect(hunk.from).toBeGreaterThan(hunks[index - 1]?.to ?? -1)
        }
      }
    }
  })

  test('takes two long texts without a common line as one change, in bounded time', () => {
    const long = (word: string): readonly string[] =>
      Array.from({ length: 5000 }, (_, index) => `${word} ${index}`)
    expect(diffTokens(long('a'), long('b'))).toHaveLength(1)
  })
})

describe('rebaseText()', () => {
  const base = 'likes tea\nlives in Porto\nhas a dog'

  test.each([
    [
      'different lines',
      'likes mate\nlives in Porto\nhas a dog',
      `${base}\nworks at night`,
      'likes mate\nlives in Porto\nhas a dog\nworks at night',
    ],
    [
      'different words of a line',
      base.replace('lives', 'works'),
      base.replace('Porto', 'Lisbon'),
      'likes tea\nworks in Lisbon\nhas a dog',
    ],
    [
      'a deleted last line and a new one after it',
      'likes tea\nlives in Porto',
      `${base}\nlater`,
      'likes tea\nlives in Porto\nlater',
    ],
    [
      'the same change',
      base.replace('tea', 'mate'),
      base.replace('tea', 'mate'),
      base.replace('tea', 'mate'),
    ],
    ['only one of them', base, 'new', 'new'],
  ])('keeps both edits of %s', (_, mine, theirs, text) => {
    expect(rebaseText({ base, mine, theirs })).toEqual({ ok: true, text })
    expect(rebaseText({ base, mine: theirs, theirs: mine })).toEqual({ ok: true, text })
  })

  test.each([
    [
      'one word replaced twice',
      base.replace('tea', 'mate'),
      base.replace('tea', 'rum'),
      'likes rum',
    ],
    [
      'a text rewritten and a word of it changed',
      'all new',
      base.replace('Porto', 'Lisbon'),
      'lives in Lisbon',
    ],
    ['two texts added at one place', `${base}\none`, `${base}\ntwo`, '\ntwo'],
  ])('refuses %s and quotes the other', (_, mine, theirs, other) => {
    expect(rebaseText({ base, mine, theirs })).toEqual({ ok: false, theirs: other })
  })

  test('edits that do not overlap commute, and each survives', () => {
    let merged = 0
    for (const seed of seeds) {
      const random = randomNumbers(seed)
      const text = randomText(random)
      const [one, two] = [randomEdit(random, text), randomEdit(random, text)]
      const first = rebaseText({ base: text, mine: one, theirs: two })
      const second = rebaseText({ base: text, mine: two, theirs: one })
      expect(first.ok).toBe(second.ok)
      if (!first.ok || !second.ok) continue
      expect(first.text).toBe(second.text)
      merged += 1
    }
    expect(merged).toBeGreaterThan(seeds.length / 3)
  })

  test('taking an edit back gives the text before it', () => {
    for (const seed of seeds) {
      const random = randomNumbers(seed)
      const before = randomText(random)
      const after = randomEdit(random, before)
      expect(rebaseText({ base: after, mine: before, theirs: after })).toEqual({
        ok: true,
        text: before,
      })
    }
  })
})
