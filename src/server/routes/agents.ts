import type { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { Agent } from '../../domain/agent.ts'
import { AppError } from '../../errors/app-error.ts'
import type { AgentFilter, AgentPage } from '../../storage/contract/agent-store.ts'
import { agentCountQuery, agentListQuery, encodeAgent } from '../../wire/agent.ts'
import {
  createAgentSchema,
  toAgentDraft,
  toAgentFields,
  unknownReferences,
  unsupportedFields,
  updateAgentSchema,
} from '../../wire/agent-request.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, toPage } from '../../wire/query.ts'
import type { Api, ApiContext } from '../api.ts'
import { readBody } from '../request-body.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { pathId, queryOf } from './path.ts'

/** Agents: create, read, change, delete, count. */
export function addAgentRoutes(api: Api, app: App): void {
  const { agents, conversations } = app.services
  const { bodyLimitBytes } = app.settings

  api.get('/agents', async (context) => {
    const query = decodeQuery(agentListQuery, queryOf(context))
    const filter = toFilter(query)
    if (filter === null) return context.json([])
    const found = await agents.list(context.get('scope'), { filter, page: toAgentPage(query) })
    return await answerWithAgents(app, context, found)
  })

  api.get('/agents/count', async (context) => {
    const filter = toFilter(decodeQuery(agentCountQuery, queryOf(context)))
    return context.json(filter === null ? 0 : await agents.count(context.get('scope'), filter))
  })

  api.post('/agents', async (context) => {
    const body = await readBody(context, createAgentSchema, bodyLimitBytes)
    refuse(body)
    const projectId = body.project_id ?? context.req.header('x-project-id')
    const draft = toAgentDraft({ ...body, project_id: projectId })
    const { agent, unknownTools } = await agents.create(context.get('scope'), draft)
    if (unknownTools.length > 0) {
      context.header('x-letta-ignored-tools', unknownTools.map(encodeURIComponent).join(','))
    }
    return await answerWithAgent(app, context, agent)
  })

  api.get('/agents/:agent_id', async (context) => {
    const agent = await agents.get(context.get('scope'), pathId(context, 'agent'))
    return await answerWithAgent(app, context, agent)
  })

  api.patch('/agents/:agent_id', async (context) => {
    const id = pathId(context, 'agent')
    const body = await readBody(context, updateAgentSchema, bodyLimitBytes)
    refuse(body)
    const scope = context.get('scope')
    const fields = toAgentFields(body, await agents.get(scope, id))
    const updated = await agents.update(scope, id, fields)
    const isEnabled = body.enable_sleeptime
    const agent =
      isEnabled === undefined ? updated : await agents.setSleeptime(scope, id, isEnabled)
    return await answerWithAgent(app, context, agent)
  })

  api.delete('/agents/:agent_id', async (context) => {
    const id = pathId(context, 'agent')
    await agents.delete(context.get('scope'), id)
    return context.json({ message: `Agent id=${id} successfully deleted` })
  })

  for (const path of ['recompile', 'system-prompt/recompile']) {
    api.post(`/agents/:agent_id/${path}`, async (context) => {
      const scope = context.get('scope')
      const { id } = await agents.get(scope, pathId(context, 'agent'))
      return context.json(await conversations.systemView(scope, defaultConversationId(id)))
    })
  }
}

/** Answers with an agent and everything that belongs to it. */
export async function answerWithAgent(
  app: App,
  context: ApiContext,
  agent: Agent,
): Promise<Response> {
  const [view] = await app.services.agents.views(context.get('scope'), [agent])
  return context.json(view === undefined ? null : encodeAgent(view))
}

/** Answers with agents and everything that belongs to them. */
export async function answerWithAgents(
  app: App,
  context: ApiContext,
  agents: readonly Agent[],
): Promise<Response> {
  const views = await app.services.agents.views(context.get('scope'), agents)
  return context.json(views.map(encodeAgent))
}

/** Refuses what this version cannot do and must not ignore. */
function refuse(body: Parameters<typeof unsupportedFields>[0]): void {
  const [unsupported] = unsupportedFields(body)
  if (unsupported !== undefined) {
    throw new AppError(
      'not_supported',
      `Cannot use ${unsupported.field}: ${unsupported.reason}. Leave it out.`,
    )
  }
  const [unknown] = unknownReferences(body)
  if (unknown !== undefined) throw new AppError('not_found', unknown)
}

/** The filter of a query; null when it asks for what no agent has. */
function toFilter(query: z.infer<typeof agentCountQuery>): AgentFilter | null {
  if (query.identity_id !== undefined || query.identifier_keys !== undefined) return null
  return {
    ...present({
      name: query.name,
      nameContains: query.query_text,
      tags: query.tags,
      lastStopReason: query.last_stop_reason,
      createdById: query.created_by_id,
    }),
    matchAllTags: query.match_all_tags,
    includeHidden: query.show_hidden_agents,
    extra: present({
      project_id: query.project_id,
      template_id: query.template_id,
      base_template_id: query.base_template_id,
    }),
  }
}

const orders = {
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  last_run_completion: 'lastRunCompletion',
} as const

function toAgentPage(query: z.infer<typeof agentListQuery>): AgentPage {
  const order = query.ascending === true ? 'asc' : query.order
  const sortBy = Object.entries(orders).find(([name]) => name === query.sort_by)?.[1]
  return {
    ...toPage({ ...query, order }),
    orderBy: query.order_by === undefined ? (sortBy ?? 'createdAt') : orders[query.order_by],
  }
}
