import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'

const states = ['ready', 'running', 'done', 'dead'] as const
const kinds = ['schedule', 'callback', 'embed', 'retention'] as const

/** `letta jobs`: what servers do in the background, and what became of it. */
export function createJobsCommand(context: CliContext): CommandUnknownOpts {
  return new Command('jobs')
    .description(
      'See what servers do in the background (schedules, callbacks, embeddings, retention, memory), and deal with what they gave up.',
    )
    .addCommand(createList(context))
    .addCommand(createShow(context))
    .addCommand(createRetry(context))
    .addCommand(createRemove(context))
    .addHelpText(
      'after',
      examples([
        ['letta jobs list --state dead', 'what was given up, and why'],
        ['letta jobs retry --all-dead', 'when the cause is mended'],
      ]),
    )
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List background jobs, newest first: id, state, kind, time, attempts, last error.')
    .addOption(
      new Option('--state <state>', 'only of this state (default: all but done ones)').choices(
        states,
      ),
    )
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(kinds))
    .option('-n, --limit <count>', 'the most to show', wholeNumber(1, 999_999), 100)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta jobs list --kind callback', 'callbacks to come']]))
    .action(async (options) => {
      const { listJobs } = await import('../actions/run-jobs.ts')
      await listJobs(context, { ...options, json: options.json === true })
    })
}

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description('Show a background job with its last error.')
    .argument('<id>', 'the id that `letta jobs list` shows')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta jobs show job-…', 'and what it is about']]))
    .action(async (jobId, options) => {
      const { showJob } = await import('../actions/run-jobs.ts')
      await showJob(context, { jobId, json: options.json === true })
    })
}

function createRetry(context: CliContext): CommandUnknownOpts {
  return new Command('retry')
    .description('Have dead jobs tried again, with all their attempts.')
    .argument('[ids...]', 'ids that `letta jobs list --state dead` shows')
    .option('--all-dead', 'all dead ones')
    .addHelpText('after', examples([['letta jobs retry job-…', 'soon, by a server']]))
    .action(async (jobIds, options) => {
      const { retryJobs } = await import('../actions/run-jobs.ts')
      await retryJobs(context, { jobIds, all: options.allDead === true })
    })
}

function createRemove(context: CliContext): CommandUnknownOpts {
  return new Command('remove')
    .description('Remove dead jobs; they are never done.')
    .argument('[ids...]', 'ids that `letta jobs list --state dead` shows')
    .option('--all-dead', 'all dead ones')
    .addHelpText('after', examples([['letta jobs remove job-…', 'for good']]))
    .action(async (jobIds, options) => {
      const { removeJobs } = await import('../actions/run-jobs.ts')
      await removeJobs(context, { jobIds, all: options.allDead === true })
    })
}
