import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta why`: what an answer rests on. */
export function createWhyCommand(context: CliContext): CommandUnknownOpts {
  return new Command('why')
    .description('Show what an answer rests on: what was found for it, and what memory says of it.')
    .argument('[answer]', 'the id of a run or message (default: the newest answer)')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta why', 'where the newest answer comes from']]))
    .action(async (answer, options) => {
      const { runWhy } = await import('../actions/run-why.ts')
      await runWhy(context, { answer, agent: options.agent, json: options.json === true })
    })
}
