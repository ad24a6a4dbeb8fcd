import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { decodeQuery, pageShape } from '../../wire/query.ts'
import {
  encodeTool,
  modifyApprovalQuery,
  modifyApprovalSchema,
  toApprovalFlag,
} from '../../wire/tool.ts'
import type { Api } from '../api.ts'
import { toListPage } from '../list-page.ts'
import { readOptionalBody } from '../request-body.ts'
import { answerWithAgent } from './agents.ts'
import { pathId, pathText, queryOf } from './path.ts'

const listQuery = z.lazy(() => z.object(pageShape({ limit: 10 })))

/** The tools an agent has. */
export function addAgentToolRoutes(api: Api, app: App): void {
  const { agents, tools } = app.services

  api.get('/agents/:agent_id/tools', async (context) => {
    const query = decodeQuery(listQuery, queryOf(context))
    const agent = await agents.get(context.get('scope'), pathId(context, 'agent'))
    return context.json(toListPage(tools.describe(agent.toolIds), query).map(encodeTool))
  })

  for (const action of ['attach', 'detach'] as const) {
    api.patch(`/agents/:agent_id/tools/${action}/:tool_id`, async (context) => {
      const [agentId, toolId] = [pathId(context, 'agent'), pathId(context, 'tool')]
      const change = action === 'attach' ? agents.attachTool : agents.detachTool
      const agent = await change(context.get('scope'), agentId, toolId)
      return await answerWithAgent(app, context, agent)
    })
  }

  api.patch('/agents/:agent_id/tools/approval/:tool_name', async (context) => {
    const agentId = pathId(context, 'agent')
    const body = await readOptionalBody(context, modifyApprovalSchema, app.settings.bodyLimitBytes)
    const query = decodeQuery(modifyApprovalQuery, queryOf(context))
    const agent = await agents.setApproval(context.get('scope'), agentId, {
      toolName: pathText(context, 'tool_name'),
      isRequired: toApprovalFlag(body, query),
    })
    return await answerWithAgent(app, context, agent)
  })
}
