import { z } from 'zod'
import type { ContentPart } from '../domain/message.ts'
import type {
  MissedPolicy,
  Schedule,
  ScheduledInput,
  ScheduledMessage,
  ScheduleTiming,
} from '../domain/schedule.ts'
import type { JsonObject } from '../util/json.ts'
import { contentSchema, encodeContent, toContent } from './content.ts'
import { messageTypes } from './message.ts'
import { optional } from './optional.ts'
import { pageShape } from './query.ts'
import { encodeConversationId } from './run.ts'
import { encodeTime, timeSchema } from './time.ts'

const messageSchema = z.lazy(() =>
  z.object({
    role: z.enum(['user', 'system', 'assistant']),
    content: contentSchema.refine((content) => toContent(content).some(isSaid), {
      error: 'Message content must not be empty',
    }),
    name: optional(z.string()),
    otid: optional(z.string()),
    sender_id: optional(z.string()),
    type: optional(z.literal('message')),
  }),
)

function isSaid(part: ContentPart): boolean {
  return part.type !== 'text' || part.text.trim() !== ''
}

const inputFields = () => ({
  messages: z.array(messageSchema).min(1),
  max_steps: optional(z.int().min(1)),
  callback_url: optional(z.url()),
  include_return_message_types: optional(z.array(z.enum(messageTypes))),
})

/** The body of `agents.schedule.create`, as the official client sends it. */
export const createAgentScheduleSchema = z.lazy(() =>
  z.object({
    ...inputFields(),
    schedule: z.discriminatedUnion('type', [
      z.object({ type: z.literal('one-time'), scheduled_at: z.number() }),
      z.object({ type: z.literal('recurring'), cron_expression: z.string() }),
    ]),
  }),
)

/** The body that makes a schedule of a conversation: exactly one of `cron`, `every_seconds` and `at`. */
export const createScheduleSchema = z.lazy(() =>
  z
    .strictObject({
      ...inputFields(),
      agent_id: optional(z.string()),
      cron: optional(z.string()),
      timezone: optional(z.string()),
      every_seconds: optional(z.number().positive().max(3_153_600_000)),
      at: optional(timeSchema),
      missed: optional(z.enum(['skip', 'once', 'all'])),
    })
    .refine(
      ({ cron, every_seconds: every, at }) =>
        [cron, every, at].filter((given) => given !== undefined).length === 1,
      { error: "Exactly one of 'cron', 'every_seconds' and 'at' must be given" },
    )
    .refine(({ cron, timezone }) => timezone === undefined || cron !== undefined, {
      error: "'timezone' belongs to 'cron'; a time is given with its offset",
    }),
)

/** The query of the list of all schedules. */
export const scheduleListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 100 }),
    agent_id: z.string().optional(),
    conversation_id: z.string().optional(),
  }),
)

/** What a body says to send. */
export function toScheduledInput(
  body: Pick<
    z.infer<typeof createAgentScheduleSchema>,
    'messages' | 'max_steps' | 'callback_url' | 'include_return_message_types'
  >,
): ScheduledInput {
  return {
    messages: body.messages.map((message) => ({
      role: message.role,
      content: toContent(message.content),
      name: message.name ?? null,
      senderId: message.sender_id ?? null,
    })),
    maxSteps: body.max_steps ?? null,
    callbackUrl: body.callback_url ?? null,
    returnMessageTypes: body.include_return_message_types ?? null,
  }
}

/** When a body of the official client says to send; its cron expressions speak of the agent's zone. */
export function toAgentTiming(
  { schedule }: z.infer<typeof createAgentScheduleSchema>,
  timezone: string,
): ScheduleTiming {
  return schedule.type === 'one-time'
    ? { type: 'once', at: Math.round(schedule.scheduled_at) }
    : { type: 'cron', expression: schedule.cron_expression, timezone }
}

/** When a body says to send, and what becomes of missed times. */
export function toTiming(
  body: z.infer<typeof createScheduleSchema>,
  timezone: string,
): { readonly timing: ScheduleTiming; readonly missed: MissedPolicy } {
  const missed = body.missed ?? 'once'
  if (body.cron !== undefined) {
    const zone = body.timezone ?? timezone
    return { missed, timing: { type: 'cron', expression: body.cron, timezone: zone } }
  }
  if (body.at !== undefined) return { missed, timing: { type: 'once', at: body.at } }
  const milliseconds = Math.round((body.every_seconds ?? 0) * 1000)
  return { missed, timing: { type: 'every', milliseconds } }
}

/** A schedule with everything about it. */
export function encodeSchedule(schedule: Schedule): JsonObject {
  const { timing, input } = schedule
  return {
    id: schedule.id,
    agent_id: schedule.agentId,
    conversation_id: encodeConversationId(schedule) ?? 'default',
    state: schedule.state,
    cron: timing.type === 'cron' ? timing.expression : null,
    timezone: timing.type === 'cron' ? timing.timezone : null,
    every_seconds: timing.type === 'every' ? timing.milliseconds / 1000 : null,
    at: timing.type === 'once' ? encodeTime(timing.at) : null,
    missed: schedule.missed,
    ...encodeInput(input),
    next_at: encodeTime(schedule.nextAt),
    last_due_at: encodeTime(schedule.lastDueAt),
    last_run_id: schedule.lastRunId,
    last_error: schedule.lastError,
    fired_count: schedule.firedCount,
    missed_count: schedule.missedCount,
    created_at: encodeTime(schedule.createdAt),
    updated_at: encodeTime(schedule.updatedAt),
  }
}

/** A schedule as the official client reads it; an interval, which it does not know, is told as seconds. */
export function encodeAgentSchedule(schedule: Schedule): JsonObject {
  return {
    id: schedule.id,
    agent_id: schedule.agentId,
    message: encodeInput(schedule.input),
    schedule: encodeAgentTiming(schedule.timing),
    next_scheduled_time: encodeTime(schedule.nextAt),
  }
}

function encodeAgentTiming(timing: ScheduleTiming): JsonObject {
  switch (timing.type) {
    case 'cron':
      return { type: 'recurring', cron_expression: timing.expression }
    case 'every':
      return { type: 'recurring', cron_expression: `every ${timing.milliseconds / 1000} seconds` }
    case 'once':
      return { type: 'one-time', scheduled_at: timing.at }
  }
}

function encodeInput(input: ScheduledInput): JsonObject {
  return {
    messages: input.messages.map(encodeMessage),
    max_steps: input.maxSteps,
    callback_url: input.callbackUrl,
    include_return_message_types: input.returnMessageTypes,
  }
}

function encodeMessage({ role, content, name, senderId }: ScheduledMessage): JsonObject {
  return { role, content: encodeContent(content), name, sender_id: senderId }
}
