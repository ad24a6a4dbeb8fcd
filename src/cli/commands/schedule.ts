import {
  Command,
  InvalidArgumentError,
  Option,
  type CommandUnknownOpts,
} from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

const policies = ['skip', 'once', 'all'] as const

/** `letta schedule`: messages that are sent at a time, or again and again. */
export function createScheduleCommand(context: CliContext): CommandUnknownOpts {
  return new Command('schedule')
    .description('Send messages at a time, or again and again. They are sent while a server runs.')
    .addCommand(createAdd(context))
    .addCommand(createList(context))
    .addCommand(createShow(context))
    .addCommand(createPause(context))
    .addCommand(createResume(context))
    .addCommand(createRemove(context))
    .addHelpText(
      'after',
      examples([
        ['letta schedule add --cron "0 9 * * 1-5" "What is due today?"', 'every working day'],
        ['letta schedule list', 'with the next time of each'],
      ]),
    )
}

function createAdd(context: CliContext): CommandUnknownOpts {
  return new Command('add')
    .description(
      "Send a prompt to a conversation, this folder's if none is named, by a cron expression, at an interval, or once. Prints the schedule's id.",
    )
    .argument('<prompt>', 'what to say each time')
    .option(
      '--cron <expression>',
      'five fields: minute hour day month weekday; or @daily and the like',
    )
    .option('--every <interval>', 'such as 30s, 10min, 1h or 2d', toSeconds)
    .option('--at <time>', 'once, at a time to come, such as "2026-12-24 18:00"', toTime)
    .option('--timezone <name>', 'the zone that --cron speaks of (default: that of this machine)')
    .addOption(
      new Option(
        '--missed <policy>',
        'what becomes of times at which no server ran, or the agent waited for an answer',
      )
        .choices(policies)
        .default('once'),
    )
    .option('-a, --agent <id|name>', 'the agent (default: your own default agent)')
    .option('--conversation <id>', "the conversation (default: this folder's)")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples([
        ['letta schedule add --every 1h "Look at the inbox."', 'the first time in an hour'],
        ['letta schedule add --at "2026-12-24 18:00" "Wish me well."', 'once'],
      ]),
    )
    .action(async (prompt, options) => {
      const { addSchedule } = await import('../actions/run-schedules.ts')
      await addSchedule(context, { ...options, prompt, json: options.json === true })
    })
}

function createList(context: CliContext): CommandUnknownOpts {
  return new Command('list')
    .description('List schedules, newest first: id, state, when, the next time, what is said.')
    .option('-a, --agent <id|name>', 'only of this agent')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta schedule list --agent Ada', 'of one agent']]))
    .action(async (options) => {
      const { listSchedules } = await import('../actions/run-schedules.ts')
      await listSchedules(context, { agent: options.agent, json: options.json === true })
    })
}

function createShow(context: CliContext): CommandUnknownOpts {
  return new Command('show')
    .description('Show a schedule with what it has sent and why it did not.')
    .argument('<id>', 'the id that `letta schedule list` shows')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta schedule show schedule-…', 'with its last run']]))
    .action(async (scheduleId, options) => {
      const { showSchedule } = await import('../actions/run-schedules.ts')
      await showSchedule(context, { scheduleId, json: options.json === true })
    })
}

function createPause(context: CliContext): CommandUnknownOpts {
  return new Command('pause')
    .description('Let a schedule rest; the times that pass meanwhile are not made up for.')
    .argument('<id>', 'the id that `letta schedule list` shows')
    .addHelpText('after', examples([['letta schedule pause schedule-…', 'until it is resumed']]))
    .action(async (scheduleId) => {
      const { pauseSchedule } = await import('../actions/run-schedules.ts')
      await pauseSchedule(context, { scheduleId })
    })
}

function createResume(context: CliContext): CommandUnknownOpts {
  return new Command('resume')
    .description('Let a schedule fire again, from now on.')
    .argument('<id>', 'the id that `letta schedule list` shows')
    .addHelpText('after', examples([['letta schedule resume schedule-…', 'prints the next time']]))
    .action(async (scheduleId) => {
      const { resumeSchedule } = await import('../actions/run-schedules.ts')
      await resumeSchedule(context, { scheduleId })
    })
}

function createRemove(context: CliContext): CommandUnknownOpts {
  return new Command('remove')
    .description('Remove a schedule; what it has sent stays.')
    .argument('<id>', 'the id that `letta schedule list` shows')
    .addHelpText('after', examples([['letta schedule remove schedule-…', 'for good']]))
    .action(async (scheduleId) => {
      const { removeSchedule } = await import('../actions/run-schedules.ts')
      await removeSchedule(context, { scheduleId })
    })
}

const unitSeconds: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400,
}

function toSeconds(text: string): number {
  const [, count, unit] = /^(\d{1,9})\s*(s|m|min|h|d)$/.exec(text.trim()) ?? []
  const seconds = unitSeconds[unit ?? '']
  if (count !== undefined && seconds !== undefined) return Number(count) * seconds
  throw new InvalidArgumentError('It is a number with a unit: 30s, 10min, 1h or 2d.')
}

/** A time without a zone is one of this machine's clock. */
function toTime(text: string): Date {
  const time = new Date(/^\d{4}-\d\d-\d\d$/.test(text.trim()) ? `${text.trim()}T00:00` : text)
  if (!Number.isNaN(time.getTime()) && /^\d{4}-/.test(text.trim())) return time
  throw new InvalidArgumentError('It is a date and time such as 2026-12-24 18:00.')
}
