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
import { insertEvents } from './events.ts'
import { requireLease } from './leases.ts'
import type { Operations } from './operation.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { takeSequence } from './sequences.ts'
import { placeMessage } from './step-commit.ts'

/** Operations on summaries. */
export const compactionOperations: Operations<keyof CompactionStore> = {
  commitCompaction(connection, scope, input) {
    const { tenantId } = scope
    const { lease, summary, earlierId, viewFrom, runId, at } = input
    const { conversationId } = lease
    const head = requireLease(connection, tenantId, lease)
    const { id } = summary.message
    connection.run(insertSourcesSql, id, tenantId, conversationId, viewFrom)
    if (earlierId !== null) {
      connection.run(insertEarlierSql, id, tenantId, conversationId, earlierId)
    }
    const moved = connection.get(moveViewSql, viewFrom, tenantId, conversationId, viewFrom)
    if (moved === undefined) throw viewMoved(conversationId)
    writePrefix(connection, tenantId, { conversationId, prefix: null })
    const item = placeMessage(connection, tenantId, {
      conversationId,
      agentId: head.agentId,
      position: head.nextPosition,
      sequence: takeSequence(connection, tenantId, 1),
      message: summary,
    })
    const events =
      runId === null ? [] : insertEvents(connection, tenantId, { runId, events: input.events, at })
    return { item, request: null, events, released: false }
  },

  listSummarySources(connection, scope, { summaryId, after, limit }) {
    const row = connection.get(
      `SELECT agent_id FROM messages WHERE tenant_id = ? AND id = ? AND role = 'summary'`,
      scope.tenantId,
      summaryId,
    )
    if (row === undefined || !seesAgent(scope, asText(row[0]))) throw notFound('summary', summaryId)
    return connection
      .all(listSourcesSql, scope.tenantId, summaryId, after, limit)
      .map((source) => toSource(source))
  },
}
