import type { TenantScope } from '../../domain/scope.ts'
import type { LeaseState, TurnStore } from '../contract/turn-store.ts'
import type { Operation } from './operation.ts'
import { asInteger, asJson, asText, type SqlRow } from '../engine/sql-value.ts'

/** The conversations that have something to do, each with its oldest open turn; a paused one only when it is being run. */
export const listOpenWork: Operation<keyof Pick<TurnStore, 'listOpenWork'>> = (
  connection,
  _scope,
  { at, limit },
) =>
  connection
    .all(
      `SELECT t.scope, t.conversation_id, t.id, t.run_id,
         head.lease_owner, head.lease_fence, head.lease_until
       FROM (SELECT * FROM turns WHERE state IN ('queued', 'executing')
         UNION ALL SELECT * FROM turns
         WHERE wake_at IS NOT NULL AND wake_at <= ? AND state = 'waiting') t
       JOIN conversation_heads head
         ON head.tenant_id = t.tenant_id AND head.conversation_id = t.conversation_id
       JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
       WHERE (t.state = 'executing' OR c.state = 'active')
         AND NOT EXISTS (SELECT 1 FROM turns older WHERE older.tenant_id = t.tenant_id
           AND older.conversation_id = t.conversation_id
           AND older.state IN ('queued', 'executing', 'waiting', 'paused')
           AND older.sequence < t.sequence)
       ORDER BY t.created_at, t.sequence LIMIT ?`,
      at,
      limit,
    )
    .map((row) => ({
      scope: asJson<TenantScope>(row[0]),
      conversationId: asText(row[1]),
      turnId: asText(row[2]),
      runId: asText(row[3]),
      lease: toLease(row),
    }))

function toLease(row: SqlRow): LeaseState | null {
  if (row[4] === null) return null
  return {
    conversationId: asText(row[1]),
    owner: asText(row[4]),
    fence: asInteger(row[5]),
    until: asInteger(row[6]),
  }
}
