import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'

/** `letta search`: find what was said or stored. */
export function createSearchCommand(context: CliContext): CommandUnknownOpts {
  return new Command('search')
    .description("Search an agent's conversations, archival memory and facts by words.")
    .argument('<query...>', 'the words')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--limit <number>', 'how many results', wholeNumber(1, 100), 10)
    .option('--explain', 'say how each result was found')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta search alpine base image', 'best results first'],
        ['letta search --explain when did we move', 'with the parts of each score'],
      ]),
    )
    .action(async (query, options) => {
      const { runSearch } = await import('../actions/run-search.ts')
      await runSearch(context, {
        query: query.join(' '),
        agent: options.agent,
        limit: options.limit,
        explain: options.explain === true,
        json: options.json === true,
      })
    })
}
