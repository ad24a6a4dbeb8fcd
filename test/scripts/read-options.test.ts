import { expect, it } from 'vitest'
import { readOptions } from '../../scripts/read-options.ts'

const options = {
  quick: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  turns: { type: 'string' },
} as const

it('reads options, also negative ones', () => {
  expect(readOptions(options, ['--quick', '--no-build', '--turns', '9'])).toEqual({
    values: { quick: true, build: false, turns: '9' },
  })
})

it('lists the options on request', () => {
  expect(readOptions(options, ['--quick', '--help'])).toEqual({
    text: 'Options:\n  --quick\n  --build (default: true)\n  --turns <value>\n',
    exitCode: 0,
  })
})

it.each([['--turn'], ['--turns'], ['extra']])('names what it cannot read: %s', (argument) => {
  const read = readOptions(options, [argument])
  expect(read).toMatchObject({ exitCode: 2, text: expect.stringMatching(/^Cannot run: .*\n/) })
  expect(read).toMatchObject({ text: expect.stringContaining(argument) })
})
