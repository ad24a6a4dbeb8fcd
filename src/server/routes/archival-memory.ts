import type { App } from '../../app/app.ts'
import {
  archivalListQuery,
  archivalSearchQuery,
  createArchivalMemorySchema,
  encodeArchivalHit,
  encodePassage,
  toPassageDraft,
} from '../../wire/archive.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { formatInZone } from '../../memory/zoned-time.ts'
import { readBody } from '../request-body.ts'
import { tellWordsAlone } from '../words-alone.ts'
import { pathId, pathText, queryOf } from './path.ts'

/** Archival memory of an agent: list, insert, search, delete. */
export function addArchivalMemoryRoutes(api: Api, app: App): void {
  const { agents, archives, passageSearch } = app.services
  const root = '/agents/:agent_id/archival-memory'

  api.get(root, async (context) => {
    const query = decodeQuery(archivalListQuery, queryOf(context))
    const scope = context.get('scope')
    const { id: agentId } = await agents.get(scope, pathId(context, 'agent'))
    const found = await archives.listPassages(scope, {
      agentId,
      limit: query.limit,
      order: query.ascending ? 'asc' : 'desc',
      ...present({ textContains: query.search, after: query.after, before: query.before }),
    })
    return context.json(found.map(encodePassage))
  })

  api.post(root, async (context) => {
    const agentId = pathId(context, 'agent')
    const body = await readBody(context, createArchivalMemorySchema, app.settings.bodyLimitBytes)
    const passages = await archives.addPassages(context.get('scope'), { agentId }, [
      toPassageDraft(body),
    ])
    return context.json(passages.map(encodePassage))
  })

  api.get(`${root}/search`, async (context) => {
    const agentId = pathId(context, 'agent')
    const parameters = queryOf(context)
    // An empty text is a query without words, not a missing one.
    if (parameters.get('query') === '') parameters.set('query', ' ')
    const query = decodeQuery(archivalSearchQuery, parameters)
    const { hits, timezone, ...found } = await passageSearch.search(
      context.get('scope'),
      { agentId },
      {
        text: query.query,
        tags: query.tags ?? [],
        tagMatch: query.tag_match_mode,
        limit: query.top_k,
        offset: query.offset,
        dates: {
          start: query.start_datetime,
          end: query.end_datetime,
          names: ['start_datetime', 'end_datetime'],
        },
      },
    )
    tellWordsAlone(context, found)
    const results = hits.map((hit) =>
      encodeArchivalHit(hit, formatInZone(hit.item.createdAt, timezone)),
    )
    const { reason, hasMore, total, isCut } = found
    const page = { total, cut: isCut, reason, has_more: hasMore }
    return context.json({ results, count: hits.length, ...page })
  })

  api.delete(`${root}/:memory_id`, async (context) => {
    const id = pathText(context, 'memory_id')
    await archives.deletePassage(context.get('scope'), { agentId: pathId(context, 'agent') }, id)
    return context.json({ message: `Memory id=${id} successfully deleted` })
  })
}
