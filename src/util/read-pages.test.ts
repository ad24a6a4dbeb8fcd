import { expect, test } from 'vitest'
import { readAll, readPages } from './read-pages.ts'

/** A list of so many numbers from 1, and what was asked of it. */
function createList(length: number) {
  const asked: (number | undefined)[] = []
  const read = async (last: number | undefined): Promise<readonly number[]> => {
    asked.push(last)
    const from = last ?? 0
    return Array.from({ length: Math.min(2, length - from) }, (_, index) => from + index + 1)
  }
  return { asked, reader: { limit: 2, read } }
}

test.each([
  [0, [undefined]],
  [1, [undefined]],
  [2, [undefined, 2]],
  [5, [undefined, 2, 4]],
])('readAll() reads a list of %i to its end and no further', async (length, places) => {
  const { asked, reader } = createList(length)
  expect(await readAll(reader)).toEqual(Array.from({ length }, (_, index) => index + 1))
  expect(asked).toEqual(places)
})

test('readPages() reads no page that nobody takes', async () => {
  const { asked, reader } = createList(9)
  for await (const page of readPages(reader)) if (page.includes(3)) break
  expect(asked).toEqual([undefined, 2])
})
