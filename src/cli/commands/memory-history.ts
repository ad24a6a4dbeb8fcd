import {
  Argument,
  Command,
  InvalidArgumentError,
  type CommandUnknownOpts,
} from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'

/** The commands below `letta memory` that show and take back changes. */
export function createMemoryHistoryCommands(context: CliContext): readonly CommandUnknownOpts[] {
  return [
    createShow(context),
    createLog(context),
    createDiff(context),
    createBlame(context),
    createUndo(context),
    createRestore(context),
    createReview(context),
    createLint(context),
    createConsolidate(context),
  ]
}

const agentFlag = '-a, --agent <id|name>'
const agentText = 'the agent (default: your own default agent)'

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description(
      'Show the blocks now, or blocks and facts as they were at a time; a passage as it was.',
    )
    .argument(
      '[item]',
      'only this block (by label); with --at also what facts are about, or a passage or fact (by id)',
    )
    .option('--at <time>', 'a date or time, such as 2026-11-22 or 2026-11-22T18:00')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta memory show human --at 2026-06-01', 'in June']]))
    .action(async (item, { at, agent, json = false }) => {
      if (at === undefined) {
        const { runMemory } = await import('../actions/run-memory.ts')
        await runMemory(context, { label: item, agent, json })
        return
      }
      const { showAt } = await import('../actions/run-memory-history.ts')
      await showAt(context, { item, at, agent, json })
    })
}

function createLog(context: CliContext): CommandUnknownOpts {
  return new Command('log')
    .description('List what was remembered, changed and forgotten, newest first.')
    .argument(
      '[item]',
      'only a block (by label or id), what a fact is about, or a passage or fact (by id)',
    )
    .option('--limit <number>', 'how many', wholeNumber(1, 999_999), 20)
    .option('--before <change>', 'only those before this one, such as m-12')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta memory log human', 'the changes of one block'],
        ['letta memory log "home town"', 'every value that was known of it'],
      ]),
    )
    .action(async (item, { limit, before, agent, json = false }) => {
      const { showLog } = await import('../actions/run-memory-history.ts')
      await showLog(context, { item, limit, before, agent, json })
    })
}

function createDiff(context: CliContext): CommandUnknownOpts {
  return new Command('diff')
    .description(
      'Show a change, or an edit that waits for a review, line by line, with who made it and why.',
    )
    .argument('<change>', 'its id, such as m-12')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([['letta memory diff m-12', 'what was changed, by whom and why']]),
    )
    .action(async (change, { agent, json = false }) => {
      const { showDiff } = await import('../actions/show-diff.ts')
      await showDiff(context, { change, agent, json })
    })
}

function createBlame(context: CliContext): CommandUnknownOpts {
  return new Command('blame')
    .description('Show which change and which words caused each line of a block, passage or fact.')
    .argument('<item>', 'a block (by label or id), or a passage or fact (by id)')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta memory blame human', 'where each line came from']]))
    .action(async (item, { agent, json = false }) => {
      const { showBlame } = await import('../actions/run-memory-history.ts')
      await showBlame(context, { item, agent, json })
    })
}

function createUndo(context: CliContext): CommandUnknownOpts {
  return new Command('undo')
    .description('Take a change back and keep later ones; an undo can be undone.')
    .argument('<change>', 'its id, such as m-12')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta memory undo m-12', 'take this change back']]))
    .action(async (change, { agent, json = false }) => {
      const { undoChange } = await import('../actions/run-memory-history.ts')
      await undoChange(context, { change, agent, json })
    })
}

function createRestore(context: CliContext): CommandUnknownOpts {
  return new Command('restore')
    .description('Make a block, passage or fact again what it was at a version or a time.')
    .argument('<item>', 'a block (by label or id), or a passage or fact (by id)')
    .option('--to-version <number>', 'the version', wholeNumber(1, 999_999))
    .option('--at <time>', 'a date or time')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([['letta memory restore human --at 2026-06-01', 'as it was in June']]),
    )
    .action(async (item, { toVersion, at, agent, json = false }) => {
      const { restoreItem } = await import('../actions/run-memory-history.ts')
      await restoreItem(context, { item, toVersion, at, agent, json })
    })
}

function createReview(context: CliContext): CommandUnknownOpts {
  return new Command('review')
    .description(
      'List what waits for you: edits, and texts and facts that came from a tool or the web. Apply or reject one, or turn reviewing on or off.',
    )
    .addArgument(
      new Argument('[action]', 'what to do')
        .choices(['list', 'apply', 'reject', 'on', 'off'] as const)
        .default('list' as const),
    )
    .argument('[item]', 'the id of the edit, such as m-12, or of the text or fact')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta memory review on', 'edits wait for you from now on'],
        ['letta memory diff m-12', 'all lines of an edit that waits'],
        ['letta memory review apply m-12', 'make one of them'],
        ['letta memory review reject passage-…', 'take a text of a web page out of memory'],
      ]),
    )
    .action(async (action, item, { agent, json = false }) => {
      const { review } = await import('../actions/run-memory-history.ts')
      await review(context, { action, item, agent, json })
    })
}

function createLint(context: CliContext): CommandUnknownOpts {
  return new Command('lint')
    .description(
      'Look for what makes memory worse: repetitions, junk, values replaced since, days nobody can tell, full blocks.',
    )
    .option('--fix', 'and tidy what can be tidied without loss, as consolidate does')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta memory lint', 'what was found, and why'],
        ['letta memory lint --fix', 'and tidy it'],
      ]),
    )
    .action(async ({ fix = false, agent, json = false }) => {
      const { lintMemory } = await import('../actions/run-memory-lint.ts')
      await lintMemory(context, { fix, agent, json })
    })
}

function createConsolidate(context: CliContext): CommandUnknownOpts {
  return new Command('consolidate')
    .description(
      'Tidy memory without losing anything: rules merge what is said twice and drop what a fact has replaced; a model suggests more, if you give it a budget.',
    )
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--every <turns>', 'have a server do it after so many turns', wholeNumber(1, 999_999))
    .option(
      '--idle <minutes>',
      'have a server do it after so long without a turn',
      wholeNumber(1, 999_999),
    )
    .option('--off', 'do it only when asked')
    .option('--budget <tokens>', 'what a model may take a day, from 5000; 0 = ask none', toBudget)
    .option('--model <handle>', "the model that is asked; default: the agent's own")
    .option('--without-model', 'tidy by rules alone this time')
    .option(agentFlag, agentText)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta memory consolidate --dry-run', 'what there is to tidy'],
        ['letta memory consolidate', 'tidy it; each change can be undone'],
        ['letta memory consolidate --every 20', 'and again after every 20 turns'],
        [
          'letta memory consolidate --budget 20000',
          'a model may suggest more, for 20,000 tokens a day',
        ],
      ]),
    )
    .action(async (options) => {
      const { consolidateMemory } = await import('../actions/run-consolidate.ts')
      const { dryRun = false, off = false, withoutModel = false, json = false } = options
      const { every, idle, budget, model, agent } = options
      const policy = { every, idle, off, budget, model }
      await consolidateMemory(context, { dryRun, withoutModel, policy, agent, json })
    })
}

function toBudget(text: string): number {
  const tokens = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (tokens === 0 || tokens >= 5000) return tokens
  throw new InvalidArgumentError('It must be 0, or a whole number from 5000.')
}
