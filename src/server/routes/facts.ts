import type { App } from '../../app/app.ts'
import type { StatedResult } from '../../app/services/facts.ts'
import type { DescribedChange } from '../../app/services/memory-views.ts'
import type { Fact } from '../../domain/fact.ts'
import type { SearchHit } from '../../domain/search.ts'
import type { JsonObject } from '../../util/json.ts'
import {
  createFactSchema,
  createInstructionSchema,
  encodeFact,
  factHistoryQuery,
  factListQuery,
  instructionListQuery,
  timelineQuery,
} from '../../wire/fact.ts'
import { encodeChange } from '../../wire/memory.ts'
import { encodeExplanation, encodeRelevance } from '../../wire/search-explanation.ts'
import { decodeQuery } from '../../wire/query.ts'
import { encodeTime } from '../../wire/time.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathId, queryOf } from './path.ts'

const root = '/agents/:agent_id'

/** Facts, standing instructions and the timeline of an agent. */
export function addFactRoutes(api: Api, app: App): void {
  addStatementRoutes(api, app)
  addInstructionRoutes(api, app)
  addTimelineRoute(api, app)
}

function addStatementRoutes(api: Api, { services: { facts }, settings }: App): void {
  api.get(`${root}/facts`, async (context) => {
    const given = decodeQuery(factListQuery, queryOf(context))
    const { query: text, as_of: asOf, known_at: knownAt, explain, ...rest } = given
    const wanted = { kind: 'fact', text, asOf, knownAt, ...rest } as const
    const found = await facts.list(context.get('scope'), pathId(context, 'agent'), wanted)
    const { hits, hasMore, total, isCut, reason, explanation } = found
    const encode = (hit: SearchHit<Fact>): JsonObject => ({
      ...encodeFact(hit.item),
      ...(explain && { relevance: encodeRelevance(hit) }),
    })
    return context.json({
      facts: hits.map(encode),
      has_more: hasMore,
      total,
      cut: isCut,
      reason,
      ...(explain && { explanation: encodeExplanation(explanation) }),
    })
  })

  api.post(`${root}/facts`, async (context) => {
    const body = await readBody(context, createFactSchema, settings.bodyLimitBytes)
    const { additional: isAdded, correction: corrects, source_message_ids: ids, ...given } = body
    const fact = { ...given, isAdded, corrects, sourceMessageIds: ids }
    const stated = await facts.add(context.get('scope'), pathId(context, 'agent'), fact)
    return context.json(encodeStated(stated))
  })

  api.get(`${root}/facts/history`, async (context) => {
    const query = decodeQuery(factHistoryQuery, queryOf(context))
    const { fact_id: factId, subject, attribute = '' } = query
    const which = factId === undefined ? { subject, attribute } : { factId }
    const found = await facts.history(context.get('scope'), pathId(context, 'agent'), which)
    return context.json(found.map(encodeFact))
  })

  api.delete(`${root}/facts/:fact_id`, async (context) => {
    const which = { factId: pathId(context, 'fact'), kind: 'fact' } as const
    const changes = await facts.remove(context.get('scope'), pathId(context, 'agent'), which)
    return context.json(changes.map(encodeDescribed))
  })
}

function addInstructionRoutes(api: Api, { services: { facts }, settings }: App): void {
  api.get(`${root}/instructions`, async (context) => {
    const page = decodeQuery(instructionListQuery, queryOf(context))
    const wanted = { kind: 'instruction', text: '', history: false, ...page } as const
    const found = await facts.list(context.get('scope'), pathId(context, 'agent'), wanted)
    return context.json(found.hits.map(({ item }) => encodeFact(item)))
  })

  api.post(`${root}/instructions`, async (context) => {
    const body = await readBody(context, createInstructionSchema, settings.bodyLimitBytes)
    const { source_message_ids: sourceMessageIds, ...given } = body
    const agentId = pathId(context, 'agent')
    const wanted = { ...given, sourceMessageIds }
    return context.json(encodeStated(await facts.instruct(context.get('scope'), agentId, wanted)))
  })

  api.delete(`${root}/instructions/:fact_id`, async (context) => {
    const which = { factId: pathId(context, 'fact'), kind: 'instruction' } as const
    const changes = await facts.remove(context.get('scope'), pathId(context, 'agent'), which)
    return context.json(changes.map(encodeDescribed))
  })
}

function addTimelineRoute(api: Api, { services: { facts } }: App): void {
  api.get(`${root}/timeline`, async (context) => {
    const given = decodeQuery(timelineQuery, queryOf(context))
    const { query: text, newest_first: newestFirst, ...rest } = given
    const wanted = { ...rest, text, newestFirst }
    const found = await facts.timeline(context.get('scope'), pathId(context, 'agent'), wanted)
    return context.json({
      entries: found.entries.map(({ at, saidAt, ...entry }) => ({
        ...entry,
        date: encodeTime(at),
        said_at: encodeTime(saidAt),
      })),
      has_more: found.hasMore,
      cut: found.isCut,
      reason: found.reason,
    })
  })
}

function encodeStated({ changes, current }: StatedResult): JsonObject {
  return { changes: changes.map(encodeDescribed), current: current.map(encodeFact) }
}

function encodeDescribed({ change, note }: DescribedChange): JsonObject {
  return encodeChange(change, note)
}
