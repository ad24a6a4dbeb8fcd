import { expect, test } from 'vitest'
import { ItemMemory } from './item-memory.ts'

/** Tells how often texts were counted. */
function createCounter(): { readonly count: (text: string) => number; readonly counted: string[] } {
  const counted: string[] = []
  const count = (text: string): number => {
    counted.push(text)
    return text.length
  }
  return { count, counted }
}

test('ItemMemory counts a text that requests begin with once, as long as all of them are not too long', () => {
  const memory = new ItemMemory()
  const { count, counted } = createCounter()
  const texts = Array.from({ length: 200 }, (_, index) => `${index} `.padEnd(5000, 'x'))
  for (const text of [...texts, ...texts]) expect(memory.textTokens(text, count)).toBe(5000)
  expect(counted).toHaveLength(200)
})

test('ItemMemory remembers two million characters of such texts, the newest ones, and none that is a quarter of that', () => {
  const memory = new ItemMemory()
  const { count, counted } = createCounter()
  const texts = Array.from({ length: 30 }, (_, index) => `${index} `.padEnd(100_000, 'x'))
  for (const text of texts) memory.textTokens(text, count)
  counted.length = 0
  for (const text of texts.slice(10)) memory.textTokens(text, count)
  expect(counted).toEqual([])
  for (const text of texts.slice(0, 10)) memory.textTokens(text, count)
  expect(counted).toHaveLength(10)
  const long = 'x'.repeat(500_001)
  counted.length = 0
  memory.textTokens(long, count)
  memory.textTokens(long, count)
  expect(counted).toHaveLength(2)
})
