import { describe, expect, it } from 'vitest'
import { GrowingFold } from './growing-fold.ts'

interface Part {
  readonly text: string
}

/** Joins the texts of lists and tells which were looked at. */
function createJoiner(): {
  readonly join: (list: readonly Part[], key?: string, first?: number) => string
  readonly added: string[]
} {
  const fold = new GrowingFold<Part, string>()
  const added: string[] = []
  const join = (list: readonly Part[], key = '', first = list.length): string =>
    fold.fold(list, {
      key,
      first,
      start: '',
      add: (text, parts) => {
        const more = parts.map((part) => part.text).join('')
        added.push(more)
        return text + more
      },
    })
  return { join, added }
}

const [a, b, c, d] = [{ text: 'a' }, { text: 'b' }, { text: 'c' }, { text: 'd' }] as const

describe('GrowingFold', () => {
  it('looks only at what was added to a list it knows', () => {
    const { join, added } = createJoiner()
    expect([join([a, b]), join([a, b, c]), join([a, b, c])]).toEqual(['ab', 'abc', 'abc'])
    expect(added).toEqual(['ab', 'c'])
  })

  it('looks at the first items only when asked for those, of one list or another', () => {
    const { join, added } = createJoiner()
    const list = [a, b, c, d]
    const firsts = [0, 2, 2, 3, 1].map((first) => join(list, '', first))
    expect(firsts).toEqual(['', 'ab', 'ab', 'abc', 'a'])
    expect([join([a, b]), join([a, d, c], '', 1), join([a, d, c])]).toEqual(['ab', 'a', 'adc'])
    expect(added).toEqual(['ab', 'c', 'a', 'b', 'a', 'dc'])
  })

  it('begins anew with a list that has lost, changed or gained an item before its end', () => {
    const { join, added } = createJoiner()
    expect(join([a, b, c])).toBe('abc')
    expect([join([a, b]), join([a, { text: 'b' }, c]), join([a, d, c])]).toEqual([
      'ab',
      'abc',
      'adc',
    ])
    expect(added).toHaveLength(4)
  })

  it('begins anew under another key, and keeps lists apart by their first item', () => {
    const { join, added } = createJoiner()
    join([a, b], 'one')
    join([c, d], 'one')
    expect([join([a, b, d], 'two'), join([c, d, b], 'one')]).toEqual(['abd', 'cdb'])
    expect(added).toEqual(['ab', 'cd', 'abd', 'b'])
  })

  it('has the value of an empty list at hand', () => {
    expect(createJoiner().join([])).toBe('')
  })
})
