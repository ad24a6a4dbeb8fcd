import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { usageError } from './cli-error.ts'

/**
 * Gives each option of a command with commands below it to the one it stands behind: `letta memory log --json` is about
 * the log. One that stands before a command below would be lost, and is refused.
 */
export function placeOptions(command: CommandUnknownOpts): CommandUnknownOpts {
  return command
    .enablePositionalOptions()
    .hook('preSubcommand', (parent, child) => refuseMisplacedOptions(parent, child))
}

function refuseMisplacedOptions(parent: CommandUnknownOpts, child: CommandUnknownOpts): void {
  const path = pathOf(child)
  for (const option of parent.options) {
    if (parent.getOptionValueSource(option.attributeName()) !== 'cli') continue
    const flag = option.long ?? option.flags
    const owner = parent.parent === null ? 'the chat and to -p' : `\`${pathOf(parent)}\` itself`
    throw usageError(
      `Cannot use ${flag} before "${child.name()}": it belongs to ${owner}. ` +
        `Write it after the command if the command has it, see \`${path} --help\`.`,
    )
  }
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
