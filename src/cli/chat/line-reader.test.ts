import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { createLineReader } from './line-reader.ts'

/** A reader on a terminal that a test types on. */
function openTerminal() {
  const input = new PassThrough()
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const onInterrupt = vi.fn<() => void>()
  const reader = createLineReader({ input, output, prompt: '> ', onInterrupt })
  return { input, output, reader, onInterrupt }
}

const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`

test('a text pasted over several lines is one message, sent by the next Enter', async () => {
  const { input, reader } = openTerminal()
  const message = reader.next()
  input.write(`${pasted('why does\nthis\r\n\r\nfail')} here?\r`)
  expect(await message).toBe('why does\nthis\n\nfail here?')
  const next = reader.next()
  input.write('and then\r')
  expect(await next).toBe('and then')
  reader.close()
})

test('lines typed while nobody waits are kept one by one', async () => {
  const { input, reader } = openTerminal()
  input.write('first\rsecond\r')
  expect([await reader.next(), await reader.next()]).toEqual(['first', 'second'])
  reader.close()
})

test('Ctrl-C drops what was typed or pasted and not sent', async () => {
  const { input, reader, onInterrupt } = openTerminal()
  const message = reader.next()
  input.write(`${pasted('one\ntwo')} three\u0003`)
  input.write('four\r')
  expect(await message).toBe('four')
  expect(onInterrupt).toHaveBeenCalledOnce()
  reader.close()
})

test.each(['', 'and'])(
  'Ctrl-C clears no line with a piece of an answer, nor with %j behind it',
  async (typed) => {
    const { input, output, reader } = openTerminal()
    output.write('one two')
    input.write(`${typed}\u0003`)
    reader.close()
    output.end()
    const shown = await text(output)
    expect(shown).toContain(`one two${typed}`)
    expect(shown).not.toContain(`one two${typed}\u001b[1G`)
  },
)

test('pastes are marked only while the reader is open', async () => {
  const { output, reader } = openTerminal()
  reader.close()
  output.end()
  const shown = await text(output)
  expect(shown.indexOf('\u001b[?2004h')).toBeGreaterThanOrEqual(0)
  expect(shown.indexOf('\u001b[?2004l')).toBeGreaterThan(shown.indexOf('\u001b[?2004h'))
})
