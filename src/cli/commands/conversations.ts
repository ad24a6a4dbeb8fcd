import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta conversations`: see an agent's conversations. */
export function createConversationsCommand(context: CliContext): CommandUnknownOpts {
  const list = new Command('list')
    .description("List an agent's conversations, newest first.")
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([['letta conversations list', 'the one of this folder is marked']]),
    )
    .action(async (options) => {
      const { listConversations } = await import('../actions/run-conversations.ts')
      await listConversations(context, { agent: options.agent, json: options.json === true })
    })
  return new Command('conversations')
    .description("See an agent's conversations.")
    .addCommand(list)
    .addHelpText('after', examples([['letta conversations list', 'all of them']]))
}
