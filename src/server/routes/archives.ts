import { retentionOf } from '../../domain/retention.ts'
import type { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { Passage } from '../../domain/archive.ts'
import { AppError } from '../../errors/app-error.ts'
import {
  archiveListQuery,
  createArchiveSchema,
  createPassageSchema,
  createPassagesSchema,
  archiveRetentionSchema,
  encodeArchive,
  encodeRetention,
  encodePassage,
  encodePassageHit,
  passageSearchSchema,
  toPassageDraft,
  updateArchiveSchema,
} from '../../wire/archive.ts'
import { encodeAnswer } from '../../wire/search-explanation.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, toPage } from '../../wire/query.ts'
import type { SearchHit } from '../../domain/search.ts'
import type { PassageOwner } from '../../memory/search/newest.ts'
import type { JsonObject } from '../../util/json.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { tellWordsAlone } from '../words-alone.ts'
import { pathId, queryOf } from './path.ts'

/** Archives, their passages, and which agents have them. */
export function addArchiveRoutes(api: Api, app: App): void {
  const { archives } = app.services
  const { bodyLimitBytes } = app.settings

  api.get('/archives', async (context) => {
    const query = decodeQuery(archiveListQuery, queryOf(context))
    const found = await archives.list(context.get('scope'), {
      ...present({ name: query.name, agentId: query.agent_id }),
      page: toPage(query),
    })
    return context.json(found.map(encodeArchive))
  })

  api.post('/archives', async (context) => {
    const body = await readBody(context, createArchiveSchema, bodyLimitBytes)
    const archive = await archives.create(context.get('scope'), {
      name: body.name,
      description: body.description ?? null,
      embedding: body.embedding ?? null,
    })
    return context.json(encodeArchive(archive))
  })

  api.get('/archives/:archive_id', async (context) =>
    context.json(
      encodeArchive(await archives.get(context.get('scope'), pathId(context, 'archive'))),
    ),
  )

  api.patch('/archives/:archive_id', async (context) => {
    const id = pathId(context, 'archive')
    const body = await readBody(context, updateArchiveSchema, bodyLimitBytes)
    const { name, description, embedding } = body
    const changes = present({ name, description, embedding })
    return context.json(encodeArchive(await archives.update(context.get('scope'), id, changes)))
  })

  api.delete('/archives/:archive_id', async (context) => {
    await archives.delete(context.get('scope'), pathId(context, 'archive'))
    return context.body(null, 204)
  })

  api.get('/archives/:archive_id/retention', async (context) => {
    const archive = await archives.get(context.get('scope'), pathId(context, 'archive'))
    return context.json(encodeRetention(retentionOf(archive)))
  })

  api.put('/archives/:archive_id/retention', async (context) => {
    const id = pathId(context, 'archive')
    const body = await readBody(context, archiveRetentionSchema, app.settings.bodyLimitBytes)
    const retention = { days: body.days, tags: body.tags ?? {} }
    const archive = await archives.setRetention(context.get('scope'), id, retention)
    return context.json(encodeRetention(retentionOf(archive)))
  })

  for (const action of ['attach', 'detach'] as const) {
    api.patch(`/agents/:agent_id/archives/${action}/:archive_id`, async (context) => {
      const link = { agentId: pathId(context, 'agent'), archiveId: pathId(context, 'archive') }
      await archives[action](context.get('scope'), link)
      return context.json(null)
    })
  }

  addPassageRoutes(api, app)
}

function addPassageRoutes(api: Api, app: App): void {
  const { archives, passageSearch } = app.services
  const { bodyLimitBytes } = app.settings
  const root = '/archives/:archive_id/passages'

  api.post(root, async (context) => {
    const archiveId = pathId(context, 'archive')
    const body = await readBody(context, createPassageSchema, bodyLimitBytes)
    const [passage] = await archives.addPassages(context.get('scope'), { archiveId }, [
      toPassageDraft(body),
    ])
    return context.json(passage === undefined ? null : encodePassage(passage))
  })

  api.post(`${root}/batch`, async (context) => {
    const archiveId = pathId(context, 'archive')
    const body = await readBody(context, createPassagesSchema, bodyLimitBytes)
    const drafts = body.passages.map(toPassageDraft)
    const stored = await archives.addPassages(context.get('scope'), { archiveId }, drafts)
    return context.json(stored.map(encodePassage))
  })

  api.delete(`${root}/:passage_id`, async (context) => {
    const archiveId = pathId(context, 'archive')
    const id = pathId(context, 'passage')
    await archives.deletePassage(context.get('scope'), { archiveId }, id)
    return context.body(null, 204)
  })

  api.post('/passages/search', async (context) => {
    const body = await readBody(context, passageSearchSchema, bodyLimitBytes)
    const answer = await passageSearch.search(context.get('scope'), toOwner(body), {
      text: body.query ?? '',
      tags: body.tags ?? [],
      tagMatch: body.tag_match_mode ?? 'any',
      dates: { start: body.start_date, end: body.end_date, names: ['start_date', 'end_date'] },
      limit: body.limit ?? 50,
      offset: body.offset ?? 0,
      ...present({ completeUpTo: body.complete_up_to, vector: body.embedding }),
    })
    const encode = (hit: SearchHit<Passage>): JsonObject => encodePassageHit(hit)
    tellWordsAlone(context, answer)
    return context.json(encodeAnswer(answer, { encode, explain: body.explain === true }))
  })
}

function toOwner(body: z.infer<typeof passageSearchSchema>): PassageOwner {
  const { agent_id: agentId, archive_id: archiveId } = body
  if (agentId !== undefined) return { agentId }
  if (archiveId !== undefined) return { archiveId }
  throw new AppError(
    'not_supported',
    'Cannot search the passages of all archives at once: that is not part of this version. Name agent_id or archive_id.',
  )
}
