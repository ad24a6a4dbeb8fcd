import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'

const roles = ['user', 'assistant', 'tool'] as const

type Role = (typeof roles)[number]

/** `letta search`: find what was said or stored. */
export function createSearchCommand(context: CliContext): CommandUnknownOpts {
  return new Command('search')
    .description("Search an agent's conversations, archival memory and facts by words.")
    .argument('<query...>', 'the words')
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option(
      '--from <time>',
      'only what was said, is dated or began to be true then or later, such as 2026-03-01 or "last month"',
    )
    .option('--to <time>', 'only the same then or earlier; a day counts whole')
    .addOption(
      new Option('--role <role>', 'only messages of this role; may be given again')
        .choices(roles)
        .argParser(addRole),
    )
    .option('-t, --tag <tag>', 'only archival memory with this tag; may be given again', addTag)
    .option('--all-tags', 'only with every tag that is given')
    .option('--limit <number>', 'how many of each kind', wholeNumber(1, 100), 10)
    .option('--skip <number>', 'how many of each kind to pass over', wholeNumber(0, 99_999), 0)
    .option('--explain', 'say how each result was found')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta search alpine base image', 'best results first'],
        ['letta search --explain when did we move', 'with the parts of each score'],
        ['letta search --from 2026-03-01 --to 2026-03-31 boat', 'of March, its last day included'],
        ['letta search --role user --skip 10 boat', 'what you said, the second ten'],
      ]),
    )
    .action(async (query, options) => {
      const { runSearch } = await import('../actions/run-search.ts')
      const { from, to, role = [], tag = [], limit, skip } = options
      await runSearch(context, {
        query: query.join(' '),
        agent: options.agent,
        from,
        to,
        roles: role,
        tags: tag,
        tagMatch: options.allTags === true ? 'all' : 'any',
        limit,
        offset: skip,
        explain: options.explain === true,
        json: options.json === true,
      })
    })
}

function addRole(text: string, earlier: readonly Role[] | undefined): readonly Role[] {
  const role = roles.find((known) => known === text)
  if (role === undefined) throw new InvalidArgumentError(`It must be one of ${roles.join(', ')}.`)
  return [...(earlier ?? []), role]
}

function addTag(text: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), text]
}
