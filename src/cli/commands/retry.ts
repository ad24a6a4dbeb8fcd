import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

const formats = ['text', 'json', 'stream-json'] as const

/** `letta retry`: answer the last message once more. */
export function createRetryCommand(context: CliContext): CommandUnknownOpts {
  return new Command('retry')
    .description(
      "Go on with this folder's last message when it got no answer; it is not sent twice.",
    )
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--require-model', 'fail when no model is connected')
    .addOption(
      new Option('--output-format <format>', 'what is printed').choices(formats).default('text'),
    )
    .addHelpText('after', examples([['letta retry', 'after setting the key that was missing']]))
    .action(async (options) => {
      const { runRetry } = await import('../actions/run-retry.ts')
      await runRetry(context, {
        agent: options.agent,
        outputFormat: options.outputFormat,
        requireModel: options.requireModel === true,
      })
    })
}
