import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { usageError } from './cli-error.ts'

/**
 * Adds the command that runs when a group is called alone. Words behind the group are no words for it: they are the name
 * of a command that does not exist, and are refused instead of being looked for.
 */
export function addDefaultCommand(group: CommandUnknownOpts, command: CommandUnknownOpts): void {
  group.addCommand(command, { isDefault: true })
  group.hook('preSubcommand', (parent, child) => {
    const words = parent.args.filter((word) => !word.startsWith('-'))
    const [first] = parent.args
    if (child !== command || first === command.name()) return
    if (first !== undefined && words.includes(first)) throw unknownCommand(parent, command, words)
  })
  command.hook('preAction', ({ args: words }) => {
    const [first] = group.args
    if (first !== command.name() && words.length > 0) throw unknownCommand(group, command, words)
  })
}

function unknownCommand(
  group: CommandUnknownOpts,
  command: CommandUnknownOpts,
  words: readonly string[],
): Error {
  const path = `letta ${group.name()}`
  const takesWords = command.registeredArguments.length > 0
  const instead = takesWords
    ? `To look for words: ${path} ${command.name()} ${words.map(toShellWord).join(' ')}`
    : `${path} alone runs "${command.name()}"`
  return usageError(
    `Cannot run "${path} ${words[0] ?? ''}": there is no such command. ${instead}; ${path} --help lists the commands.`,
  )
}

function toShellWord(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : JSON.stringify(word)
}
