import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { describe, expect, it } from 'vitest'
import { createProgram } from './program.ts'
import { createTestContext } from './testing/create-test-context.ts'

/** An option that a command and one below it both have. */
interface SharedOption {
  readonly path: readonly string[]
  readonly flag: string
  readonly given: readonly string[]
}

function sharedOptions(command: CommandUnknownOpts, path: readonly string[]): SharedOption[] {
  return command.commands.flatMap((child) => {
    const childPath = [...path, child.name()]
    const own = child.options
      .filter(({ long }) => command.options.some((option) => option.long === long))
      .map(({ long, flags, required, argChoices }) => {
        const flag = long ?? flags
        const value = required ? [argChoices?.[0] ?? '1'] : []
        return { path: childPath, flag, given: [flag, ...value] }
      })
    return [...own, ...sharedOptions(child, childPath)]
  })
}

function find(command: CommandUnknownOpts, path: readonly string[]): CommandUnknownOpts {
  return path.reduce((parent, name) => {
    const child = parent.commands.find((each) => each.name() === name)
    if (child === undefined) throw new Error(`There is no command ${name}`)
    return child
  }, command)
}

const shared = sharedOptions(createProgram(createTestContext().context), [])

describe('an option that a command shares with one below it', () => {
  it.each(shared.map((option) => [`${option.path.join(' ')} ${option.flag}`, option] as const))(
    'belongs to the one it stands behind: %s',
    async (_name, { path, flag, given }) => {
      const program = createProgram(createTestContext().context)
      const command = find(program, path)
      const seen: unknown[] = []
      command.action(() => {
        const option = command.options.find(({ long }) => long === flag)
        seen.push(command.getOptionValueSource(option?.attributeName() ?? ''))
      })
      const words = command.registeredArguments.filter(({ required }) => required).map(() => 'x')
      await program.parseAsync([...path, ...words, ...given], { from: 'user' })
      expect(seen).toEqual(['cli'])
    },
  )

  it.each([
    [['--agent', 'Ada', 'memory'], 'before "memory": it belongs to the chat and to -p'],
    [['memory', '--agent', 'Ada', 'log'], 'before "log": it belongs to `letta memory` itself'],
    [['forget', '--json', 'list'], 'before "list": it belongs to `letta forget` itself'],
  ])('is refused where it would be lost: %j', async (words, reason) => {
    const program = createProgram(createTestContext().context)
    await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow(reason)
  })
})
