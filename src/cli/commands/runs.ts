import {
  Command,
  InvalidArgumentError,
  Option,
  type CommandUnknownOpts,
} from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { wholeNumber } from '../count-option.ts'
import { examples } from '../examples.ts'

const formats = ['text', 'json', 'stream-json'] as const

/** `letta runs`: what agents do and did. */
export function createRunsCommand(context: CliContext): CommandUnknownOpts {
  return new Command('runs')
    .description(
      'List, show, watch, pause, resume, cancel, retry, approve and deny runs: what a message set off, until the agent rests.',
    )
    .addCommand(createList(context))
    .addCommand(createShow(context))
    .addCommand(createWatch(context))
    .addCommand(createPause(context))
    .addCommand(createResume(context))
    .addCommand(createSignal(context))
    .addCommand(createCancel(context))
    .addCommand(createRetry(context))
    .addCommand(createApprove(context))
    .addCommand(createDeny(context))
    .addHelpText('after', examples([['letta runs list --active', 'what has not ended yet']]))
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description(
      'List runs, newest first: id, status, conversation, age and why they ended. An `interrupted` one waits for a process that carries it on.',
    )
    .option('-a, --agent <id|name>', 'only of this agent')
    .option('--active', 'only those that have not ended')
    .option('--limit <number>', 'how many', wholeNumber(1, 1000), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta runs list --agent Ada', 'the newest of one agent']]))
    .action(async (options) => {
      const { listRuns } = await import('../actions/run-runs.ts')
      await listRuns(context, {
        agent: options.agent,
        active: options.active === true,
        limit: options.limit,
        json: options.json === true,
      })
    })
}

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description('Show a run with its steps, what it used and why it failed.')
    .argument('<id>', 'the id that `letta runs list` shows')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta runs show run-…', 'each model call on a line']]))
    .action(async (runId, options) => {
      const { showRun } = await import('../actions/run-runs.ts')
      await showRun(context, { runId, json: options.json === true })
    })
}

function createWatch(context: CliContext): CommandUnknownOpts {
  return new Command('watch')
    .description('Show what happened in a run, and what happens until it ends.')
    .argument('<id>', 'the id that `letta runs list` or --detach shows')
    .option('--from <number>', 'begin behind this event (`seq_id`)', wholeNumber(0), 0)
    .addOption(
      new Option('--output-format <format>', 'what is printed').choices(formats).default('text'),
    )
    .addHelpText(
      'after',
      examples([
        ['letta runs watch run-…', 'from the beginning'],
        ['letta runs watch run-… --from 120 --output-format stream-json', 'the rest, for programs'],
      ]),
    )
    .action(async (runId, options) => {
      const { watchRun } = await import('../actions/watch-run.ts')
      await watchRun(context, { runId, ...options })
    })
}

function createCancel(context: CliContext): CommandUnknownOpts {
  return new Command('cancel')
    .description('End a run now; what it has done so far is kept.')
    .argument('<id>', 'the id that `letta runs list` shows')
    .addHelpText('after', examples([['letta runs cancel run-…', 'also one that is queued']]))
    .action(async (runId) => {
      const { cancelRun } = await import('../actions/run-runs.ts')
      await cancelRun(context, { runId })
    })
}

function createPause(context: CliContext): CommandUnknownOpts {
  return new Command('pause')
    .description(
      'Let the conversation of a run rest at the end of the step, for as long as you like; what is sent meanwhile waits.',
    )
    .argument('<id>', 'the id that `letta runs list` shows')
    .option('--now', 'break off the model call; it is made again later')
    .addHelpText('after', examples([['letta runs pause run-… --now', 'without waiting for it']]))
    .action(async (runId, options) => {
      const { pauseRun } = await import('../actions/run-runs.ts')
      await pauseRun(context, { runId, now: options.now === true })
    })
}

function createResume(context: CliContext): CommandUnknownOpts {
  return new Command('resume')
    .description('Go on with a paused run where it stopped.')
    .argument('<id>', 'the id that `letta runs list` shows')
    .addHelpText('after', examples([['letta runs resume run-…', 'also days and restarts later']]))
    .action(async (runId) => {
      const { resumeRun } = await import('../actions/run-runs.ts')
      await resumeRun(context, { runId })
    })
}

function createSignal(context: CliContext): CommandUnknownOpts {
  return new Command('signal')
    .description(
      'Send a named signal to the conversation of a run; an agent that waits for it (tool `wait`) goes on.',
    )
    .argument('<id>', 'the id that `letta runs list` shows')
    .argument('<name>', 'the name that the agent waits for')
    .option('--payload <json>', 'what to tell it, as JSON', toPayload)
    .addHelpText(
      'after',
      examples([[`letta runs signal run-… paid --payload '{"amount": 3}'`, 'with data']]),
    )
    .action(async (runId, name, options) => {
      const { signalRun } = await import('../actions/run-runs.ts')
      await signalRun(context, { runId, name, payload: options.payload })
    })
}

function toPayload(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InvalidArgumentError('It is not JSON; a text needs double quotes.')
  }
}

function createRetry(context: CliContext): CommandUnknownOpts {
  return new Command('retry')
    .description(
      'Go on with a run that failed, from its last finished step; its message is not sent twice.',
    )
    .argument('<id>', 'the id that `letta runs list` shows')
    .addOption(
      new Option('--output-format <format>', 'what is printed').choices(formats).default('text'),
    )
    .addHelpText('after', examples([['letta runs retry run-…', 'shows the new run until it ends']]))
    .action(async (runId, options) => {
      const { retryRun } = await import('../actions/watch-run.ts')
      await retryRun(context, { runId, ...options })
    })
}

function createApprove(context: CliContext): CommandUnknownOpts {
  return new Command('approve')
    .description('Allow the tool calls that a run ended with, and show what the agent does then.')
    .argument('<id>', 'the run that asked, as `letta -p` and `letta runs list` show it')
    .addOption(
      new Option('--output-format <format>', 'what is printed').choices(formats).default('text'),
    )
    .addHelpText('after', examples([['letta runs approve run-…', 'the calls run once']]))
    .action(async (runId, options) => {
      const { answerRun } = await import('../actions/watch-run.ts')
      await answerRun(context, { runId, approve: true, ...options })
    })
}

function createDeny(context: CliContext): CommandUnknownOpts {
  return new Command('deny')
    .description('Refuse the tool calls that a run ended with, and show what the agent does then.')
    .argument('<id>', 'the run that asked, as `letta -p` and `letta runs list` show it')
    .option('--reason <text>', 'why; the model reads it')
    .addOption(
      new Option('--output-format <format>', 'what is printed').choices(formats).default('text'),
    )
    .addHelpText('after', examples([['letta runs deny run-… --reason "too late"', '']]))
    .action(async (runId, options) => {
      const { answerRun } = await import('../actions/watch-run.ts')
      await answerRun(context, { runId, approve: false, ...options })
    })
}
