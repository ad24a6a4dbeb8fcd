import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createTestContext } from '../testing/create-test-context.ts'
import { combinePrompt, readPrompt } from './read-prompt.ts'

test('combinePrompt() puts the words before the text they are about', () => {
  expect(combinePrompt(['Review', 'this'], 'diff --git\n')).toBe('Review this\n\ndiff --git')
  expect(combinePrompt(['hi'], '')).toBe('hi')
  expect(combinePrompt([], ' text ')).toBe('text')
})

test('readPrompt() reads standard input to its end', async () => {
  const stdin = new PassThrough()
  const { context } = createTestContext({ stdin })
  const prompt = readPrompt(context, ['Summarise'])
  stdin.write('one ')
  stdin.end('two')
  expect(await prompt).toBe('Summarise\n\none two')
})

test('readPrompt() does not read from a terminal', async () => {
  const { context } = createTestContext({ terminal: { stdin: true } })
  expect(await readPrompt(context, ['hello'])).toBe('hello')
})

test('readPrompt() refuses an empty prompt as wrong use', async () => {
  const stdin = new PassThrough()
  stdin.end('  \n')
  const { context } = createTestContext({ stdin })
  await expect(readPrompt(context, [''])).rejects.toMatchObject({ exitCode: 2 })
})

test('readPrompt() refuses bytes that are no text, and keeps letters that come in pieces', async () => {
  const stdin = new PassThrough()
  stdin.end(Buffer.from([0xff, 0xfe, 0x41]))
  const { context } = createTestContext({ stdin })
  await expect(readPrompt(context, ['Look'])).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('no text in UTF-8'),
  })
  const inPieces = new PassThrough()
  const { context: other } = createTestContext({ stdin: inPieces })
  const prompt = readPrompt(other, [])
  for (const byte of Buffer.from('Grüße 🦩')) inPieces.write(Buffer.from([byte]))
  inPieces.end()
  expect(await prompt).toBe('Grüße 🦩')
})
