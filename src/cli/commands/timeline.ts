import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'

/** `letta timeline`: what happened, in its order. */
export function createTimelineCommand(context: CliContext): CommandUnknownOpts {
  return new Command('timeline')
    .description('Show what was said, stored and stated about something in the order it happened.')
    .argument('[query...]', 'what it is about (default: everything)')
    .option('--from <time>', 'only what happened from then on, such as 2026-03-01 or "last month"')
    .option('--to <time>', 'only what happened until then, inclusive')
    .option('--newest', 'the newest first')
    .option('--limit <number>', 'how many', wholeNumber(1, 500), 50)
    .option('--skip <number>', 'how many to pass over', wholeNumber(0, 99_999), 0)
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta timeline kitchen', 'what happened with the kitchen, first things first'],
        ['letta timeline --from "last month" --newest', 'the newest of the last weeks'],
      ]),
    )
    .action(async (query, { from, to, newest = false, limit, skip, agent, json = false }) => {
      const { runTimeline } = await import('../actions/run-timeline.ts')
      const page = { limit, offset: skip, newestFirst: newest }
      await runTimeline(context, { query: query.join(' '), from, to, ...page, agent, json })
    })
}
