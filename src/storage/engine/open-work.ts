import type { TenantScope } from '../../domain/scope.ts'
import type { OpenWork } from '../contract/turn-store.ts'
import { asInteger, asJson, asText, type SqlExpression, type SqlRow } from './sql-value.ts'

/** The columns that are read of open work, in this order. */
const columns = `t.scope, t.conversation_id, t.id, t.run_id,
  head.lease_owner, head.lease_fence, head.lease_until, t.created_at, t.sequence`

/**
 * The conversations that have something to do, each with its oldest open turn; a paused one only when it is being run.
 *
 * Open turns are read in the order of their index, so that of many thousands no more are looked at than are asked for.
 */
export function selectOpenWork({
  at,
  limit,
}: {
  readonly at: number
  readonly limit: number
}): SqlExpression {
  const open = selectOldest(`t.state IN ('queued', 'executing')`)
  const due = selectOldest(`t.state = 'waiting' AND t.wake_at IS NOT NULL AND t.wake_at <= ?`)
  return {
    sql: `SELECT * FROM (SELECT * FROM (${open}) open_turns UNION ALL SELECT * FROM (${due}) due_turns) work
      ORDER BY created_at, sequence LIMIT ?`,
    values: [limit, at, limit, limit],
  }
}

function selectOldest(condition: string): string {
  return `SELECT ${columns} FROM turns t
    JOIN conversation_heads head
      ON head.tenant_id = t.tenant_id AND head.conversation_id = t.conversation_id
    JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
    WHERE ${condition} AND (t.state = 'executing' OR c.state = 'active')
      AND NOT EXISTS (SELECT 1 FROM turns older WHERE older.tenant_id = t.tenant_id
        AND older.conversation_id = t.conversation_id
        AND older.state IN ('queued', 'executing', 'waiting', 'paused')
        AND older.sequence < t.sequence)
    ORDER BY t.created_at, t.sequence LIMIT ?`
}

/** The work in a row of {@link selectOpenWork}; `toTime` makes the end of a lease a time of this process. */
export function toOpenWork(row: SqlRow, toTime: (stored: number) => number): OpenWork {
  const conversationId = asText(row[1])
  return {
    scope: asJson<TenantScope>(row[0]),
    conversationId,
    turnId: asText(row[2]),
    runId: asText(row[3]),
    lease:
      row[4] === null
        ? null
        : {
            conversationId,
            owner: asText(row[4]),
            fence: asInteger(row[5]),
            until: toTime(asInteger(row[6])),
          },
  }
}
