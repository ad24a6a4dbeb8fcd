import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'
import { placeOptions } from '../option-place.ts'

/** `letta forget`: remove something for good, and show the proofs. */
export function createForgetCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command('forget')
    .description(
      'Remove something for good: what was said, what memory made of it, and every quotation of it, from tables, ' +
        'indexes, history, free pages and logs. Shows first what would go, and asks. Exit codes: 0 forgotten, 1 not ' +
        'forgotten, 2 called wrongly.',
    )
    .argument(
      '[ids...]',
      'messages, passages, facts, blocks (block-…@3: one version), runs, turns, conversations, imports, agents, changes (m-12)',
    )
    .option(
      '-q, --query <words>',
      'everything of the agent that holds these words, one after another',
    )
    .option('--cut', 'with --query: only the words go, the rest of the texts stays')
    .option('--shared', 'also in the agents that share its blocks and archives')
    .option('-a, --agent <id|name>', 'whose memory (default: your own default agent)')
    .option('--preview', 'only show what would go')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta forget --query "Elm Street 5"', 'everything that holds these words'],
        ['letta forget message-... --preview', 'what would go with a message'],
        ['letta forget list', 'the receipts'],
      ]),
    )
    .action(async (ids, options) => {
      const { runForget } = await import('../actions/run-forget.ts')
      await runForget(context, {
        ids,
        query: options.query,
        cutOnly: options.cut === true,
        includeShared: options.shared === true,
        agent: options.agent,
        isPreview: options.preview === true,
        isConfirmed: options.yes === true,
        json: options.json === true,
      })
    })
    .addCommand(createList(context))
    .addCommand(createShow(context))
  return placeOptions(command)
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List the receipts, newest first.')
    .option('--limit <number>', 'how many', wholeNumber(1, 1000), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta forget list --limit 5', 'the last five']]))
    .action(async ({ limit, json = false }) => {
      const { listForgets } = await import('../actions/run-forget.ts')
      await listForgets(context, { limit, json })
    })
}

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description(
      'Show a receipt: what was removed, when, what was searched, and what is out of reach.',
    )
    .argument('<id>', 'the receipt, such as forget-…')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta forget show forget-...', 'one receipt']]))
    .action(async (id, { json = false }) => {
      const { showForget } = await import('../actions/run-forget.ts')
      await showForget(context, { id, json })
    })
}
