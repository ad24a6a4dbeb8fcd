import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { Schedule } from '../../domain/schedule.ts'
import { AppError } from '../../errors/app-error.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, pageShape, toPage } from '../../wire/query.ts'
import {
  createAgentScheduleSchema,
  createScheduleSchema,
  encodeAgentSchedule,
  encodeSchedule,
  scheduleListQuery,
  toAgentTiming,
  toScheduledInput,
  toTiming,
} from '../../wire/schedule.ts'
import type { Api, ApiContext } from '../api.ts'
import { conversationOf } from '../conversation-path.ts'
import { readBody } from '../request-body.ts'
import { pathId, pathText, queryOf } from './path.ts'

const placeQuery = z.lazy(() =>
  z.object({ ...pageShape({ limit: 100 }), agent_id: z.string().optional() }),
)
const agentPageQuery = z.lazy(() =>
  z.object({ limit: z.string().optional(), after: z.string().optional() }),
)

/** Schedules of conversations, and those of agents as the original's cloud has them. */
export function addScheduleRoutes(api: Api, app: App): void {
  addConversationSchedules(api, app)
  addAgentSchedules(api, app)
  const { schedules } = app.services

  api.get('/schedules', async (context) => {
    const query = decodeQuery(scheduleListQuery, queryOf(context))
    const found = await schedules.list(context.get('scope'), {
      ...present({ agentId: query.agent_id, conversationId: query.conversation_id }),
      page: toPage(query),
    })
    return context.json(found.map(encodeSchedule))
  })

  api.get('/schedules/:schedule_id', async (context) => {
    const schedule = await schedules.get(context.get('scope'), pathId(context, 'schedule'))
    return context.json(encodeSchedule(schedule))
  })

  api.delete('/schedules/:schedule_id', async (context) => {
    await schedules.delete(context.get('scope'), pathId(context, 'schedule'))
    return context.body(null, 204)
  })

  api.post('/schedules/:schedule_id/pause', async (context) => {
    const schedule = await schedules.pause(context.get('scope'), pathId(context, 'schedule'))
    return context.json(encodeSchedule(schedule))
  })

  api.post('/schedules/:schedule_id/resume', async (context) => {
    const schedule = await schedules.resume(context.get('scope'), pathId(context, 'schedule'))
    return context.json(encodeSchedule(schedule))
  })
}

function addConversationSchedules(api: Api, app: App): void {
  const { schedules, agents, conversations } = app.services
  const root = '/conversations/:conversation_id/schedules'

  api.post(root, async (context) => {
    const body = await readBody(context, createScheduleSchema, app.settings.bodyLimitBytes)
    const scope = context.get('scope')
    const id = conversationOf(pathText(context, 'conversation_id'), body.agent_id)
    const { agentId } = await conversations.get(scope, id)
    const { timezone } = await agents.get(scope, agentId)
    const schedule = await schedules.create(scope, {
      conversationId: id,
      input: toScheduledInput(body),
      ...toTiming(body, timezone),
    })
    return context.json(encodeSchedule(schedule), 201)
  })

  api.get(root, async (context) => {
    const query = decodeQuery(placeQuery, queryOf(context))
    const scope = context.get('scope')
    const given = conversationOf(pathText(context, 'conversation_id'), query.agent_id)
    const { id: conversationId } = await conversations.get(scope, given)
    const found = await schedules.list(scope, { conversationId, page: toPage(query) })
    return context.json(found.map(encodeSchedule))
  })
}

/** The routes that the official client calls; they are about the agent's default conversation. */
function addAgentSchedules(api: Api, app: App): void {
  const { schedules, agents } = app.services
  const root = '/agents/:agent_id/schedule'

  api.post(root, async (context) => {
    const body = await readBody(context, createAgentScheduleSchema, app.settings.bodyLimitBytes)
    const scope = context.get('scope')
    const agent = await agents.get(scope, pathId(context, 'agent'))
    const schedule = await schedules.create(scope, {
      conversationId: defaultConversationId(agent.id),
      input: toScheduledInput(body),
      timing: toAgentTiming(body, agent.timezone),
      missed: 'once',
    })
    const { id, next_scheduled_time: next } = encodeAgentSchedule(schedule)
    return context.json({ id, next_scheduled_at: next }, 201)
  })

  api.get(root, async (context) => {
    const query = decodeQuery(agentPageQuery, queryOf(context))
    const limit = toLimit(query.limit)
    const { id: agentId } = await agents.get(context.get('scope'), pathId(context, 'agent'))
    const found = await schedules.list(context.get('scope'), {
      agentId,
      states: ['active', 'paused'],
      page: { limit: limit + 1, order: 'asc', ...present({ after: query.after }) },
    })
    return context.json({
      scheduled_messages: found.slice(0, limit).map(encodeAgentSchedule),
      has_next_page: found.length > limit,
    })
  })

  api.get(`${root}/:schedule_id`, async (context) =>
    context.json(encodeAgentSchedule(await scheduleOfAgent(app, context))),
  )

  api.delete(`${root}/:schedule_id`, async (context) => {
    const { id } = await scheduleOfAgent(app, context)
    await schedules.delete(context.get('scope'), id)
    return context.json({ success: true })
  })
}

const mostListed = 100

function toLimit(given: string | undefined): number {
  const limit = Number(given ?? mostListed)
  return Number.isInteger(limit) && limit >= 1 ? Math.min(limit, mostListed) : mostListed
}

async function scheduleOfAgent(app: App, context: ApiContext): Promise<Schedule> {
  const agentId = pathId(context, 'agent')
  const id = pathId(context, 'schedule')
  const schedule = await app.services.schedules.get(context.get('scope'), id)
  if (schedule.agentId === agentId) return schedule
  throw new AppError(
    'not_found',
    `Cannot find the schedule ${id}: the agent has none with this id. Check the id.`,
  )
}
