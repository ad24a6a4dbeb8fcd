import { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { BlockFilter } from '../../storage/contract/block-store.ts'
import {
  blockListQuery,
  createBlockSchema,
  encodeBlock,
  toBlockChanges,
  toBlockDraft,
  updateBlockSchema,
} from '../../wire/block.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, pageShape, toPage } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { answerWithAgents } from './agents.ts'
import { pathId, queryOf } from './path.ts'

const agentsQuery = z.lazy(() => z.object(pageShape({ limit: 50 })))

/** Blocks: create, read, change, delete, and the agents that have one. */
export function addBlockRoutes(api: Api, app: App): void {
  const { agents, blocks } = app.services
  const { bodyLimitBytes } = app.settings

  api.get('/blocks', async (context) => {
    const query = decodeQuery(blockListQuery, queryOf(context))
    const filter = toFilter(query)
    if (filter === null) return context.json([])
    const found = await blocks.list(context.get('scope'), { filter, page: toPage(query) })
    return context.json(found.map(encodeBlock))
  })

  api.post('/blocks', async (context) => {
    const body = await readBody(context, createBlockSchema, bodyLimitBytes)
    return context.json(encodeBlock(await blocks.create(context.get('scope'), toBlockDraft(body))))
  })

  api.get('/blocks/:block_id', async (context) =>
    context.json(encodeBlock(await blocks.get(context.get('scope'), pathId(context, 'block')))),
  )

  api.patch('/blocks/:block_id', async (context) => {
    const id = pathId(context, 'block')
    const body = await readBody(context, updateBlockSchema, bodyLimitBytes)
    const block = await blocks.update(context.get('scope'), id, toBlockChanges(body))
    return context.json(encodeBlock(block))
  })

  api.delete('/blocks/:block_id', async (context) => {
    await blocks.delete(context.get('scope'), pathId(context, 'block'))
    return context.json(null)
  })

  api.get('/blocks/:block_id/agents', async (context) => {
    const scope = context.get('scope')
    const query = decodeQuery(agentsQuery, queryOf(context))
    const { id: blockId } = await blocks.get(scope, pathId(context, 'block'))
    const found = await agents.list(scope, {
      filter: { blockId, includeHidden: true },
      page: { ...toPage(query), orderBy: 'createdAt' },
    })
    return await answerWithAgents(app, context, found)
  })
}

/** The filter of a query; null when it asks for what no block has. */
function toFilter(query: z.infer<typeof blockListQuery>): BlockFilter | null {
  const unused = [query.name, query.identity_id, query.identifier_keys]
  if (unused.some((value) => value !== undefined)) return null
  const {
    connected_to_agents_count_gt: above,
    connected_to_agents_count_lt: below,
    connected_to_agents_count_eq: oneOf,
  } = query
  const agentCount = present({
    min: above === undefined ? undefined : above + 1,
    max: below === undefined ? undefined : below - 1,
    oneOf,
  })
  return {
    ...present({
      label: query.label,
      labelContains: query.label_search,
      descriptionContains: query.description_search,
      valueContains: query.value_search,
      tags: query.tags,
    }),
    matchAllTags: query.match_all_tags,
    includeHidden: query.show_hidden_blocks,
    ...(Object.keys(agentCount).length > 0 && { agentCount }),
    extra: {
      ...(query.templates_only && { is_template: true }),
      ...present({ project_id: query.project_id }),
    },
  }
}
