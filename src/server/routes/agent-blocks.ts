import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { encodeBlock, toBlockChanges, updateBlockSchema } from '../../wire/block.ts'
import { decodeQuery, pageShape } from '../../wire/query.ts'
import { toListPage } from '../list-page.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { answerWithAgent } from './agents.ts'
import { pathId, pathText, queryOf } from './path.ts'

const listQuery = z.lazy(() => z.object(pageShape({ limit: 100 })))

/** Core memory of an agent: its blocks by label. */
export function addAgentBlockRoutes(api: Api, app: App): void {
  const { agents, blocks } = app.services
  const root = '/agents/:agent_id/core-memory/blocks'

  api.get(root, async (context) => {
    const query = decodeQuery(listQuery, queryOf(context))
    const found = await blocks.listOfAgent(context.get('scope'), pathId(context, 'agent'))
    return context.json(toListPage(found, query).map(encodeBlock))
  })

  for (const action of ['attach', 'detach'] as const) {
    api.patch(`${root}/${action}/:block_id`, async (context) => {
      const [agentId, blockId] = [pathId(context, 'agent'), pathId(context, 'block')]
      const change = action === 'attach' ? agents.attachBlock : agents.detachBlock
      const agent = await change(context.get('scope'), agentId, blockId)
      return await answerWithAgent(app, context, agent)
    })
  }

  api.get(`${root}/:block_label{.+}`, async (context) => {
    const label = pathText(context, 'block_label')
    const agentId = pathId(context, 'agent')
    const block = await blocks.getOfAgent(context.get('scope'), agentId, label)
    return context.json(encodeBlock(block))
  })

  api.patch(`${root}/:block_label{.+}`, async (context) => {
    const scope = context.get('scope')
    const label = pathText(context, 'block_label')
    const agentId = pathId(context, 'agent')
    const body = await readBody(context, updateBlockSchema, app.settings.bodyLimitBytes)
    const { id } = await blocks.getOfAgent(scope, agentId, label)
    return context.json(encodeBlock(await blocks.update(scope, id, toBlockChanges(body))))
  })
}
