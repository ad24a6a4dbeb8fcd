import type { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { BlameEntry, DescribedChange } from '../../app/services/memory-views.ts'
import type { HeldBack } from '../../app/services/quarantine.ts'
import type { MemoryLint } from '../../memory/lint/lint-memory.ts'
import { type FoundSource, textOf } from '../../app/services/found-source.ts'
import type { WhichAnswer } from '../../app/services/memory-why.ts'
import type { StarredAnswer } from '../../app/services/stars.ts'
import { factText } from '../../domain/fact.ts'
import type { JsonObject } from '../../util/json.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery } from '../../wire/query.ts'
import {
  changeNameSchema,
  encodeChange,
  encodeDiff,
  encodeProposal,
  memoryAnswerSchema,
  memoryAtQuery,
  memoryBlameQuery,
  memoryDiffQuery,
  memoryHistoryQuery,
  memoryModeSchema,
  memoryProposalsQuery,
  memoryQuarantineQuery,
  memoryRestoreSchema,
  memoryUndoSchema,
} from '../../wire/memory.ts'
import { encodeTime } from '../../wire/time.ts'
import { decodeRequest } from '../../wire/validation.ts'
import type { Api, ApiContext } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathId, pathText, queryOf, runIdOf } from './path.ts'

const root = '/agents/:agent_id/memory'

/** The history of an agent's memory: what changed and why, and taking it back. */
export function addMemoryRoutes(api: Api, app: App): void {
  addHistoryRoutes(api, app)
  addChangeRoutes(api, app)
  addReviewRoutes(api, app)
  addQuarantineRoutes(api, app)
  addStarRoutes(api, app)
}

function addHistoryRoutes(api: Api, { services: { memory } }: App): void {
  api.get(`${root}/history`, async (context) => {
    const { run_id: runId, ...query } = decodeQuery(memoryHistoryQuery, queryOf(context))
    const wanted = { ...query, ...(runId !== undefined && { runId }) }
    const changes = await memory.history(context.get('scope'), pathId(context, 'agent'), wanted)
    return context.json(encodeAll(changes))
  })

  api.delete(`${root}/history/:item_id`, async (context) => {
    const itemId = pathText(context, 'item_id')
    await memory.forgetHistory(context.get('scope'), pathId(context, 'agent'), itemId)
    return context.json({ item_id: itemId, forgotten: true })
  })

  api.get(`${root}/diff`, async (context) => {
    const { change: number } = decodeQuery(memoryDiffQuery, queryOf(context))
    const found = await memory.diff(context.get('scope'), pathId(context, 'agent'), number)
    return context.json({ ...encodeChange(found.change, found.note), ...encodeDiff(found) })
  })

  api.get(`${root}/blame`, async (context) => {
    const { block = '', item = block } = decodeQuery(memoryBlameQuery, queryOf(context))
    const entries = await memory.blame(context.get('scope'), pathId(context, 'agent'), item)
    return context.json(entries.map(encodeBlame))
  })

  api.get(`${root}/lint`, async (context) => {
    const found = await memory.lint(context.get('scope'), pathId(context, 'agent'))
    return context.json(encodeLint(found))
  })

  api.get(`${root}/why`, async (context) => {
    const which = toAnswer(decodeQuery(memoryAnswerSchema, queryOf(context)))
    const reasons = await memory.why(context.get('scope'), pathId(context, 'agent'), which)
    return context.json({
      run_id: reasons.runId,
      answer: reasons.answer,
      found: reasons.found.map(encodeSource),
      in_view: reasons.inView.map(encodeSource),
      remembered: reasons.remembered.map((entry) => ({
        label: entry.label,
        ...encodeBlame(entry),
      })),
    })
  })

  api.get(`${root}/at`, async (context) => {
    const { time, item } = decodeQuery(memoryAtQuery, queryOf(context))
    const when = { time, ...present({ item }) }
    const items = await memory.at(context.get('scope'), pathId(context, 'agent'), when)
    return context.json(items.map((each) => ({ ...each })))
  })
}

function addChangeRoutes(api: Api, { services: { memory }, settings }: App): void {
  api.post(`${root}/undo`, async (context) => {
    const body = await readBody(context, memoryUndoSchema, settings.bodyLimitBytes)
    const agentId = pathId(context, 'agent')
    return context.json(encodeAll(await memory.undo(context.get('scope'), agentId, body.change)))
  })

  api.post(`${root}/restore`, async (context) => {
    const body = await readBody(context, memoryRestoreSchema, settings.bodyLimitBytes)
    const { item, version, at } = body
    const to = version === undefined ? { at: at ?? 0 } : { version }
    const agentId = pathId(context, 'agent')
    const changes = await memory.restore(context.get('scope'), agentId, { item, to })
    return context.json(encodeAll(changes))
  })
}

function addReviewRoutes(api: Api, { services: { memory }, settings }: App): void {
  api.get(`${root}/proposals`, async (context) => {
    const { state, limit } = decodeQuery(memoryProposalsQuery, queryOf(context))
    const query = { limit, ...(state !== undefined && { state }) }
    const agentId = pathId(context, 'agent')
    const found = await memory.proposals(context.get('scope'), agentId, query)
    return context.json(found.map(({ proposal, notes }) => encodeProposal(proposal, notes)))
  })

  api.get(`${root}/proposals/:proposal`, async (context) => {
    const agentId = pathId(context, 'agent')
    const found = await memory.proposal(context.get('scope'), agentId, proposalOf(context))
    return context.json({
      ...encodeProposal(found.proposal, found.notes),
      obstacle: found.obstacle,
      changes: found.changes.map((change) => ({
        subject: change.subject,
        item_id: change.itemId,
        label: change.label,
        action: change.action,
        ...encodeDiff(change),
      })),
    })
  })

  api.post(`${root}/proposals/:proposal/apply`, async (context) => {
    const agentId = pathId(context, 'agent')
    const changes = await memory.apply(context.get('scope'), agentId, proposalOf(context))
    return context.json(encodeAll(changes))
  })

  api.post(`${root}/proposals/:proposal/reject`, async (context) => {
    const agentId = pathId(context, 'agent')
    const settled = await memory.reject(context.get('scope'), agentId, proposalOf(context))
    return context.json(encodeProposal(settled, []))
  })

  api.get(`${root}/mode`, async (context) => {
    const mode = await memory.mode(context.get('scope'), pathId(context, 'agent'))
    return context.json({ mode })
  })

  api.put(`${root}/mode`, async (context) => {
    const body = await readBody(context, memoryModeSchema, settings.bodyLimitBytes)
    const agentId = pathId(context, 'agent')
    return context.json({ mode: await memory.setMode(context.get('scope'), agentId, body.mode) })
  })
}

function addQuarantineRoutes(api: Api, { services: { memory } }: App): void {
  api.get(`${root}/quarantine`, async (context) => {
    const { limit } = decodeQuery(memoryQuarantineQuery, queryOf(context))
    const agentId = pathId(context, 'agent')
    const held = await memory.quarantine.list(context.get('scope'), agentId, limit)
    return context.json(held.map(encodeHeldBack))
  })

  for (const decision of ['approve', 'discard'] as const) {
    api.post(`${root}/quarantine/:item_id/${decision}`, async (context) => {
      const agentId = pathId(context, 'agent')
      const decide = memory.quarantine[decision]
      const changes = await decide(context.get('scope'), agentId, pathText(context, 'item_id'))
      return context.json(encodeAll(changes))
    })
  }
}

function addStarRoutes(api: Api, { services: { stars }, settings }: App): void {
  api.get(`${root}/stars`, async (context) => {
    const found = await stars.list(context.get('scope'), pathId(context, 'agent'))
    return context.json(found.map(encodeStar))
  })

  api.post(`${root}/stars`, async (context) => {
    const body = await readBody(context, memoryAnswerSchema, settings.bodyLimitBytes)
    const agentId = pathId(context, 'agent')
    return context.json(encodeStar(await stars.add(context.get('scope'), agentId, toAnswer(body))))
  })

  api.delete(`${root}/stars/:run_id`, async (context) => {
    const runId = runIdOf(context)
    await stars.remove(context.get('scope'), pathId(context, 'agent'), runId)
    return context.json({ run_id: runId, removed: true })
  })
}

function toAnswer(given: z.infer<typeof memoryAnswerSchema>): WhichAnswer {
  const { run_id: runId, message_id: messageId = '' } = given
  return runId === undefined ? { messageId } : { runId }
}

function encodeStar(star: StarredAnswer): JsonObject {
  return {
    run_id: star.runId,
    question: star.question,
    answer: star.answer,
    source_ids: [...star.sources],
    own_message_ids: [...star.ownMessageIds],
    starred_at: encodeTime(star.starredAt),
  }
}

function encodeHeldBack(held: HeldBack): JsonObject {
  const { id, origin, sourceMessageIds } = held.subject === 'fact' ? held.fact : held.passage
  const isFact = held.subject === 'fact'
  return {
    id,
    subject: held.subject,
    text: isFact ? factText(held.fact) : held.passage.text,
    origin,
    source_message_ids: [...sourceMessageIds],
    created_at: encodeTime(isFact ? held.fact.recordedAt : held.passage.createdAt),
  }
}

function encodeSource(source: FoundSource): JsonObject {
  switch (source.kind) {
    case 'message': {
      const { id, role, createdAt } = source.message
      return { id, role, text: textOf(source.message), date: encodeTime(createdAt) }
    }
    case 'passage': {
      const { id, text, createdAt } = source.passage
      return { id, role: 'archive', text, date: encodeTime(createdAt) }
    }
    case 'fact': {
      const { id, validFrom } = source.fact
      return { id, role: 'fact', text: factText(source.fact), date: encodeTime(validFrom) }
    }
  }
}

function encodeBlame({ line, change, quotes }: BlameEntry): JsonObject {
  return {
    line,
    change: change === null ? null : encodeChange(change, { kind: 'changed', text: line }),
    quotes: quotes.map(({ messageId, text, at }) => ({
      message_id: messageId,
      text,
      date: encodeTime(at),
    })),
  }
}

function proposalOf(context: ApiContext): number {
  return decodeRequest(changeNameSchema, pathText(context, 'proposal'), 'path')
}

function encodeAll(changes: readonly DescribedChange[]): readonly JsonObject[] {
  return changes.map(({ change, note }) => encodeChange(change, note))
}

/** What was found in an agent's memory. */
function encodeLint({ texts, unread, counts, findings }: MemoryLint): JsonObject {
  return {
    texts,
    unread,
    counts,
    findings: findings.map(({ flaw, subject, itemId, label, text, otherId, why }) => ({
      flaw,
      subject,
      item_id: itemId,
      label,
      text,
      other_id: otherId,
      why,
    })),
  }
}
