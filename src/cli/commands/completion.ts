import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

/** `letta completion`: let the shell complete commands and options. */
export function createCompletionCommand(context: CliContext): CommandUnknownOpts {
  return new Command('completion')
    .description('Print the completion script of a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      examples([
        ['source <(letta completion bash)', 'in ~/.bashrc'],
        ['letta completion fish | source', 'in config.fish'],
      ]),
    )
    .action(async (shell, _options, command) => {
      const { runCompletion } = await import('../completion/run-completion.ts')
      runCompletion(context, command.parent ?? command, shell)
    })
}
