import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta star`: answers that were good. */
export function createStarCommand(context: CliContext): CommandUnknownOpts {
  return new Command('star')
    .description(
      'Mark an answer as good; letta eval tests whether what it rests on is still found for its question.',
    )
    .argument('[answer]', 'the id of a run or message (default: the newest answer)')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--list', 'show the starred answers')
    .option('--remove', 'take the star away')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta star', 'mark the newest answer'],
        ['letta star --list', 'the starred answers with what they rest on'],
        ['letta eval', 'test all of them'],
      ]),
    )
    .action(async (answer, options) => {
      const { runStar } = await import('../actions/run-star.ts')
      await runStar(context, {
        answer,
        agent: options.agent,
        list: options.list === true,
        remove: options.remove === true,
        json: options.json === true,
      })
    })
}
