import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta context`: what the model is shown. */
export function createContextCommand(context: CliContext): CommandUnknownOpts {
  return new Command('context')
    .description("Show what fills the window of this folder's conversation, or what was sent last.")
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--sent', 'the last request, what it was made of and why')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta context', 'what takes how much of the window'],
        [
          'letta context --sent',
          'what was recalled, and what a provider could take from its cache',
        ],
        ['letta context --sent --json', 'the whole request'],
      ]),
    )
    .action(async (options) => {
      const { runContext } = await import('../actions/run-context.ts')
      const { agent, sent, json } = options
      await runContext(context, { agent, sent: sent === true, json: json === true })
    })
}
