import { writePrefix } from '../engine/conversation-changes.ts'
import type { CompactionStore } from '../contract/compaction-store.ts'
import {
  insertEarlierSql,
  insertSourcesSql,
  listSourcesSql,
  moveViewSql,
  toSource,
  viewMoved,
} from '../engine/compaction-rows.ts'
import { notFound } from '../engine/not-found.ts'
import { asText } from '../engine/sql-value.ts'
import { readCommitted } from './commit-result.ts'
import { postEvents } from './events.ts'
import { holdLease, leaseLost, requireLease } from './leases.ts'
import { postPlacedMessage } from './message-rows.ts'
import type { Operations, Recovery } from './operation.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { reserveSequence } from './sequences.ts'
import { otherAgent } from './step-commit.ts'

/** Operations on summaries. */
export const compactionOperations: Operations<keyof CompactionStore> = {
  async commitCompaction(connection, scope, input) {
    const { tenantId } = scope
    const { lease, summary, earlierId, viewFrom, runId, at } = input
    const { conversationId } = lease
    const { id } = summary.message
    const held = holdLease(connection, tenantId, lease)
    connection.post(insertSourcesSql, id, tenantId, conversationId, viewFrom)
    if (earlierId !== null) {
      connection.post(insertEarlierSql, id, tenantId, conversationId, earlierId)
    }
    const moved = connection.require(moveViewSql, viewFrom, tenantId, conversationId, viewFrom)
    writePrefix(connection, tenantId, { conversationId, prefix: null })
    const sequence = reserveSequence(connection, tenantId, 1)
    const place = { tenantId, conversationId, atLeast: 0, sequence, index: 0 }
    const item = postPlacedMessage(connection, place, summary)
    const events =
      runId === null ? null : postEvents(connection, tenantId, { runId, events: input.events, at })
    if (!(await connection.commit())) {
      if ((await held) === undefined) throw leaseLost(lease)
      if ((await moved) === undefined) throw viewMoved(conversationId)
      throw otherAgent(conversationId)
    }
    return {
      item: await item(),
      request: null,
      events: runId === null || events === null ? [] : await events(runId),
      released: false,
    }
  },

  async listSummarySources(connection, scope, { summaryId, after, limit }) {
    const row = await connection.get(
      `SELECT agent_id FROM messages WHERE tenant_id = ? AND id = ? AND role = 'summary'`,
      scope.tenantId,
      summaryId,
    )
    if (row === undefined || !seesAgent(scope, asText(row[0]))) throw notFound('summary', summaryId)
    const rows = await connection.all(listSourcesSql, scope.tenantId, summaryId, after, limit)
    return rows.map((source) => toSource(source))
  },
}

/** What a compaction returned that is stored; null when it is not. */
export const findCompaction: Recovery<'commitCompaction'> = async (connection, scope, input) => {
  const { tenantId } = scope
  const { lease, summary, runId, events } = input
  await requireLease(connection, tenantId, lease)
  const row = await connection.get(
    `SELECT 1 FROM messages WHERE tenant_id = ? AND id = ?`,
    tenantId,
    summary.message.id,
  )
  if (row === undefined) return null
  return await readCommitted(connection, tenantId, {
    lease,
    message: summary,
    request: null,
    released: false,
    runId: runId ?? '',
    events: runId === null ? [] : events,
    end: null,
  })
}
