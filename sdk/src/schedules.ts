import type { Letta } from '@letta-ai/letta-client'
import { LettaError, toLettaError } from './errors.ts'
import { textOf } from './messages.ts'

/** When a message is sent: exactly one of `cron`, `everySeconds` and `at`. */
export interface ScheduleOptions {
  readonly agentId: string
  /** What to say each time; not blank. */
  readonly message: string
  /** The conversation (`conv-…`). Default: the agent's own default one. */
  readonly conversationId?: string | undefined
  /** Five fields (minute hour day month weekday), or a word like `@daily`. */
  readonly cron?: string | undefined
  /** The IANA name of the zone that `cron` speaks of, such as `Europe/Berlin`. Default: the agent's. */
  readonly timezone?: string | undefined
  /** The interval; at least 10. */
  readonly everySeconds?: number | undefined
  /** The only time. */
  readonly at?: Date | undefined
  /** What becomes of times at which no server ran: no message, one for all, or one for each. Default: `once`. */
  readonly missed?: 'skip' | 'once' | 'all' | undefined
  /** Told the end of each run. Default: nobody. */
  readonly callbackUrl?: string | undefined
}

/** A message that is sent at a time, or again and again. */
export interface Schedule {
  /** `schedule-…`. */
  readonly id: string
  readonly agentId: string
  /** `default`, or `conv-…`. */
  readonly conversationId: string
  /** `finished` ones never fire again. */
  readonly state: 'active' | 'paused' | 'finished'
  readonly message: string
  readonly cron: string | null
  readonly timezone: string | null
  readonly everySeconds: number | null
  readonly at: Date | null
  readonly missed: 'skip' | 'once' | 'all'
  /** When it fires next; null while it is not active. */
  readonly nextAt: Date | null
  /** The run of its last message. */
  readonly lastRunId: string | null
  /** Why nothing was sent the last time. */
  readonly lastError: string | null
  /** How many messages it sent. */
  readonly firedCount: number
  /** How many times passed without a message. */
  readonly missedCount: number
}

/** Which schedules to list; absent fields do not filter. */
export interface ScheduleFilter {
  readonly agentId?: string | undefined
  readonly conversationId?: string | undefined
}

/** The wire's form of a {@link Schedule}. */
interface WireSchedule {
  readonly id: string
  readonly agent_id: string
  readonly conversation_id: string
  readonly state: Schedule['state']
  readonly messages: readonly { readonly content: unknown }[]
  readonly cron: string | null
  readonly timezone: string | null
  readonly every_seconds: number | null
  readonly at: string | null
  readonly missed: Schedule['missed']
  readonly next_at: string | null
  readonly last_run_id: string | null
  readonly last_error: string | null
  readonly fired_count: number
  readonly missed_count: number
}

/** Makes a schedule. Throws {@link LettaError}. */
export async function createSchedule(letta: Letta, options: ScheduleOptions): Promise<Schedule> {
  if (options.message.trim() === '') {
    throw new LettaError(
      'invalid_argument',
      'Cannot schedule the message: it is empty. Write something.',
    )
  }
  const place = options.conversationId ?? 'default'
  const body = {
    agent_id: options.conversationId === undefined ? options.agentId : undefined,
    messages: [{ role: 'user', content: options.message }],
    cron: options.cron,
    timezone: options.timezone,
    every_seconds: options.everySeconds,
    at: options.at?.toISOString(),
    missed: options.missed,
    callback_url: options.callbackUrl,
  }
  return toSchedule(await ask(letta.post(`/v1/conversations/${place}/schedules`, { body })))
}

/** Schedules by creation, newest first. Throws {@link LettaError}. */
export async function listSchedules(letta: Letta, filter: ScheduleFilter): Promise<Schedule[]> {
  const found: Schedule[] = []
  const query = { agent_id: filter.agentId, conversation_id: filter.conversationId, limit: 100 }
  while (true) {
    const after = found.at(-1)?.id
    const page = await ask<WireSchedule[]>(
      letta.get('/v1/schedules', { query: { ...query, ...(after !== undefined && { after }) } }),
    )
    found.push(...page.map(toSchedule))
    if (page.length < query.limit) return found
  }
}

/** A schedule. Throws {@link LettaError}. */
export async function readSchedule(letta: Letta, id: string): Promise<Schedule> {
  return toSchedule(await ask(letta.get(`/v1/schedules/${id}`)))
}

/** Lets a schedule rest or go on. Throws {@link LettaError}. */
export async function changeSchedule(
  letta: Letta,
  id: string,
  action: 'pause' | 'resume',
): Promise<Schedule> {
  return toSchedule(await ask(letta.post(`/v1/schedules/${id}/${action}`)))
}

/** Removes a schedule. Throws {@link LettaError}. */
export async function removeSchedule(letta: Letta, id: string): Promise<void> {
  await ask(letta.delete(`/v1/schedules/${id}`))
}

async function ask<Result = WireSchedule>(request: Promise<unknown>): Promise<Result> {
  try {
    return (await request) as Result
  } catch (error) {
    throw toLettaError(error)
  }
}

function toSchedule(wire: WireSchedule): Schedule {
  return {
    id: wire.id,
    agentId: wire.agent_id,
    conversationId: wire.conversation_id,
    state: wire.state,
    message: wire.messages.map(({ content }) => textOf(content)).join('\n'),
    cron: wire.cron,
    timezone: wire.timezone,
    everySeconds: wire.every_seconds,
    at: toDate(wire.at),
    missed: wire.missed,
    nextAt: toDate(wire.next_at),
    lastRunId: wire.last_run_id,
    lastError: wire.last_error,
    firedCount: wire.fired_count,
    missedCount: wire.missed_count,
  }
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}
