import { describe, expect, test } from 'vitest'
import { compileReader } from './row-reader.ts'

describe('a reader of rows', () => {
  const read = compileReader([
    ['id', 'text'],
    ['size', 'integer'],
    ['isOpen', 'boolean'],
    ['tags', 'json'],
    ['endedAt', 'moment'],
  ])

  test.each([
    [
      'what each kind of column holds',
      ['a', 3, 1, '["x",{"y":null}]', 5],
      { id: 'a', size: 3, isOpen: true, tags: ['x', { y: null }], endedAt: 5 },
    ],
    [
      'no moment from 0, and empty lists',
      ['', 0, 0, '[]', 0],
      { id: '', size: 0, isOpen: false, tags: [], endedAt: null },
    ],
    [
      'null from null, whatever the kind',
      [null, null, null, null, null],
      { id: null, size: null, isOpen: null, tags: null, endedAt: null },
    ],
    ['an empty object', ['b', 1, 1, '{}', 1], { id: 'b', tags: {} }],
  ])('makes %s', (_, row, item) => {
    expect(read(row, 0)).toMatchObject(item)
    expect(read(['before', 'before', ...row], 2)).toMatchObject(item)
  })

  test('gives each item lists of its own', () => {
    const [one, other] = [read(['', 0, 0, '[]', 0], 0), read(['', 0, 0, '[]', 0], 0)]
    expect(one).not.toBe(other)
    expect((one as { tags: unknown }).tags).not.toBe((other as { tags: unknown }).tags)
  })

  test.each(['a: 1, b', 'x)', '', '__proto__', 'with space', 'Upper'])(
    'refuses %j as the name of a field',
    (name) => {
      expect(() => compileReader([[name, 'text']])).toThrow(TypeError)
    },
  )
})
