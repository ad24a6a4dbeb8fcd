import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { decodeQuery, pageShape } from '../../wire/query.ts'
import { encodeTool } from '../../wire/tool.ts'
import type { Api } from '../api.ts'
import { toListPage } from '../list-page.ts'
import { answerWithAgent } from './agents.ts'
import { pathId, queryOf } from './path.ts'

const listQuery = z.object(pageShape({ limit: 10 }))

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
}
