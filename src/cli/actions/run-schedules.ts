import {
  type Client,
  type PlaceOptions,
  type Schedule,
  toLettaError,
} from '../../../sdk/src/index.ts'
import { usageError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { requireServer } from '../server/require-server.ts'
import { type OpenClient, withClient } from '../session/open-client.ts'
import { chooseAgent, openSession } from '../session/open-session.ts'
import { printJson, printLines, shortTime, toColumns } from './print.ts'
import { localTimezone } from '../session/local-timezone.ts'

/** What `letta schedule add` was asked. */
export interface AddScheduleOptions {
  readonly prompt: string
  readonly cron?: string | undefined
  /** In seconds. */
  readonly every?: number | undefined
  readonly at?: Date | undefined
  readonly timezone?: string | undefined
  readonly missed: 'skip' | 'once' | 'all'
  /** An id. Default: this folder's conversation. */
  readonly conversation?: string | undefined
  /** An id or a name. Default: the default agent. */
  readonly agent?: string | undefined
  readonly json: boolean
}

/** Makes a schedule of a conversation, then sees to it that a server runs that fires it. */
export async function addSchedule(context: CliContext, options: AddScheduleOptions): Promise<void> {
  requireOneTiming(options)
  const schedule = await withClient(context, (open) => makeSchedule(context, { open, options }))
  if (options.json) printJson(context, schedule)
  else printLines(context, [schedule.id])
  await requireServer(context)
  context.stderr.write(
    `It fires ${describeTiming(schedule)}, next at ${nextTime(schedule)}, while a server runs. ` +
      'This one stays until it is stopped or the machine is; `letta server start` starts it again.\n',
  )
}

async function makeSchedule(
  context: CliContext,
  { open, options }: { readonly open: OpenClient; readonly options: AddScheduleOptions },
): Promise<Schedule> {
  return await open.client.schedule({
    ...(await findPlace(context, { ...open, ...options })),
    message: options.prompt,
    cron: options.cron,
    timezone: options.cron === undefined ? undefined : (options.timezone ?? localTimezone()),
    everySeconds: options.every,
    at: options.at,
    missed: options.missed,
  })
}

/** The conversation that a schedule is for. */
async function findPlace(
  context: CliContext,
  options: OpenClient & Pick<AddScheduleOptions, 'agent' | 'conversation'>,
): Promise<PlaceOptions> {
  if (options.conversation === undefined) {
    const { agent, conversationId } = await openSession({ ...options, folder: context.folder })
    return { agentId: agent.id, conversationId }
  }
  const { id, agent_id: agentId } = await readConversation(options.client, options.conversation)
  if (options.agent !== undefined && (await chooseAgent(options)).id !== agentId) {
    throw usageError(
      `Cannot schedule for ${id}: it is a conversation of another agent, ${agentId}. Leave --agent out.`,
    )
  }
  return { agentId, conversationId: id }
}

async function readConversation(client: Client, id: string) {
  try {
    return await client.letta.conversations.retrieve(id)
  } catch (error) {
    throw toLettaError(error)
  }
}

function requireOneTiming({ cron, every, at, timezone }: AddScheduleOptions): void {
  const given = [cron, every, at].filter((value) => value !== undefined).length
  if (given !== 1) {
    throw usageError('Cannot add the schedule: give exactly one of --cron, --every and --at.')
  }
  if (timezone !== undefined && cron === undefined) {
    throw usageError('Cannot use --timezone: it belongs to --cron. Leave it out.')
  }
}

/** Lists schedules, newest first. */
export async function listSchedules(
  context: CliContext,
  options: { readonly agent: string | undefined; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const { agent } = options
    const owner = agent === undefined ? null : await chooseAgent({ client, agent })
    const schedules = await client.listSchedules(owner === null ? {} : { agentId: owner.id })
    if (options.json) {
      printJson(context, schedules)
      return
    }
    if (schedules.length === 0) {
      context.stderr.write(
        'There are no schedules. `letta schedule add --every 1h "…"` makes one.\n',
      )
    }
    const rows = schedules.map((schedule) => [
      schedule.id,
      schedule.state,
      describeTiming(schedule),
      nextTime(schedule),
      schedule.message.split('\n', 1)[0] ?? '',
    ])
    printLines(context, toColumns(rows))
    const { mode } = await client.connect()
    if (mode === 'embedded' && schedules.some(({ state }) => state === 'active')) {
      context.stderr.write('No server runs, so none of them fires. Start one: letta server start\n')
    }
  })
}

/** Shows one schedule. */
export async function showSchedule(
  context: CliContext,
  { scheduleId, json }: { readonly scheduleId: string; readonly json: boolean },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    const schedule = await client.getSchedule({ scheduleId })
    if (json) {
      printJson(context, schedule)
      return
    }
    const { agentId, conversationId, firedCount, missedCount, lastRunId, lastError } = schedule
    printLines(context, [
      `${schedule.id}  ${schedule.state}  ${describeTiming(schedule)}`,
      `agent ${agentId}, conversation ${conversationId}`,
      `next ${nextTime(schedule)}, missed times: ${schedule.missed}`,
      `sent ${firedCount}, missed ${missedCount}, last run ${lastRunId ?? '-'}`,
      ...(lastError === null ? [] : [`last time: ${lastError}`]),
      schedule.message,
    ])
  })
}

/** Lets a schedule rest. */
export async function pauseSchedule(
  context: CliContext,
  options: { readonly scheduleId: string },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    await client.pauseSchedule(options)
    context.stderr.write(`Paused ${options.scheduleId}.\n`)
  })
}

/** Lets a schedule fire again, then sees to it that a server runs. */
export async function resumeSchedule(
  context: CliContext,
  options: { readonly scheduleId: string },
): Promise<void> {
  const schedule = await withClient(context, ({ client }) => client.resumeSchedule(options))
  await requireServer(context)
  context.stderr.write(`Resumed ${schedule.id}; it fires next at ${nextTime(schedule)}.\n`)
}

/** Removes a schedule. */
export async function removeSchedule(
  context: CliContext,
  options: { readonly scheduleId: string },
): Promise<void> {
  await withClient(context, async ({ client }) => {
    await client.removeSchedule(options)
    context.stderr.write(`Removed ${options.scheduleId}.\n`)
  })
}

function describeTiming({ cron, timezone, everySeconds, at }: Schedule): string {
  if (cron !== null) return `${cron} (${timezone})`
  if (everySeconds !== null) return `every ${toInterval(everySeconds)}`
  return `once at ${shortTime(at?.toISOString())}`
}

function nextTime({ nextAt }: Schedule): string {
  return nextAt === null ? '-' : `${shortTime(nextAt.toISOString())} UTC`
}

/** An interval in its largest whole unit. */
function toInterval(seconds: number): string {
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const) {
    if (seconds % length === 0) return `${seconds / length} ${unit}`
  }
  return `${seconds} s`
}
