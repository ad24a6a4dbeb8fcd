import type { App } from '../../app/app.ts'
import type { Consolidation } from '../../app/services/consolidation.ts'
import type { JsonObject } from '../../util/json.ts'
import {
  consolidateSchema,
  consolidationSchema,
  encodeChange,
  decodePolicy,
  encodePolicy,
  encodeProposal,
  encodeReport,
} from '../../wire/memory.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { pathId } from './path.ts'

const root = '/agents/:agent_id/memory'

/** Tidying an agent's memory. */
export function addConsolidationRoutes(api: Api, { services, settings }: App): void {
  const { consolidation } = services

  api.post(`${root}/consolidate`, async (context) => {
    const body = await readBody(context, consolidateSchema, settings.bodyLimitBytes)
    const [scope, agentId] = [context.get('scope'), pathId(context, 'agent')]
    const done = body.dry_run
      ? await consolidation.preview(scope, agentId)
      : await consolidation.run(scope, agentId, {
          withModel: body.with_model,
          signal: context.req.raw.signal,
        })
    return context.json({ dry_run: body.dry_run, ...encodeConsolidation(done) })
  })

  api.get(`${root}/consolidation`, async (context) => {
    const agentId = pathId(context, 'agent')
    return context.json(encodePolicy(await consolidation.policy(context.get('scope'), agentId)))
  })

  api.put(`${root}/consolidation`, async (context) => {
    const body = await readBody(context, consolidationSchema, settings.bodyLimitBytes)
    const agentId = pathId(context, 'agent')
    const set = await consolidation.setPolicy(context.get('scope'), agentId, decodePolicy(body))
    return context.json(encodePolicy(set))
  })
}

function encodeConsolidation(done: Consolidation): JsonObject {
  return {
    found: done.cleanups.map(({ reason, notes }) => ({ reason, notes: [...notes] })),
    changes: done.changes.map(({ change, note }) => encodeChange(change, note)),
    proposals: done.proposals.map(({ proposal, notes }) => encodeProposal(proposal, notes)),
    skipped: done.skipped,
    unread: done.unread,
    model: encodeReport(done.model),
  }
}
