import { Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta search`: find what was said or stored. */
export function createSearchCommand(context: CliContext): CommandUnknownOpts {
  return new Command('search')
    .description("Search an agent's conversations, archival memory and facts by words.")
    .argument('<query...>', 'the words')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--limit <number>', 'how many results', toLimit, 10)
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

function toLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit
  throw new InvalidArgumentError('A limit is a whole number from 1 to 100.')
}
