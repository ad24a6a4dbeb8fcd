import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { requirements } from './requirements.ts'

test('every promise of the wire is held by a test, and every test names promises that exist', async () => {
  const folder = new URL('.', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.test.ts'))
  const texts = await Promise.all(
    names.map(async (name) => await readFile(new URL(name, folder), 'utf8')),
  )
  const titles = texts.flatMap((text) => [...text.matchAll(/ \[([a-z.-]+(?:, [a-z.-]+)*)\]['"]/g)])
  const cited = new Set(titles.flatMap(([, ids]) => (ids ?? '').split(', ')))
  expect([...cited].toSorted()).toEqual(Object.keys(requirements).toSorted())
})
