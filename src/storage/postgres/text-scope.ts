import type { TenantScope } from '../../domain/scope.ts'
import type { TextOwner } from '../contract/search-store.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { toExpression, type SqlExpression } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { readArchive } from './archive-rows.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Where the texts of an agent or archive stand, for statements that are sent before anything was answered. */
export interface TextScope {
  /** The token of the scope; NULL for an agent without an archive. */
  readonly token: SqlExpression
  /** The archive; NULL for an agent without one, and for what is not in an archive. */
  readonly archiveId: SqlExpression
  /** Rejects with `not_found` for an agent or archive that does not exist for the caller. */
  readonly isThere: Promise<unknown>
}

/** Sends the question whether an owner exists, and tells where its texts stand. */
export function findTextScope(
  connection: SqlConnection,
  scope: TenantScope,
  owner: TextOwner,
): TextScope {
  const { tenantId } = scope
  if (owner.kind !== 'passages') {
    const token = toScopeToken({ kind: owner.kind, tenantId, ownerId: owner.agentId })
    return {
      token: toExpression(token),
      archiveId: toExpression(null),
      isThere: requireAgent(connection, scope, owner.agentId),
    }
  }
  const { archiveId, agentId = '' } = owner
  if (archiveId !== undefined) {
    return {
      token: toExpression(toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId })),
      archiveId: toExpression(archiveId),
      isThere: readArchive(connection, scope, archiveId),
    }
  }
  const link = {
    sql: '(SELECT archive_id FROM agent_archives WHERE tenant_id = ? AND agent_id = ?)',
    values: [tenantId, agentId],
  }
  return {
    token: toToken(tenantId, link),
    archiveId: link,
    isThere: requireAgent(connection, scope, agentId),
  }
}

/** What `toScopeToken` makes of an archive that only the database knows. */
function toToken(tenantId: string, archiveId: SqlExpression): SqlExpression {
  const mark = '\u0000'
  const text = JSON.stringify(['passages', tenantId, mark])
  const [before = '', after = ''] = text.split(JSON.stringify(mark).slice(1, -1))
  return {
    sql: `(SELECT 's' || left(encode(sha256(convert_to(?::text || ${archiveId.sql} || ?::text,
      'UTF8')), 'hex'), 32))`,
    values: [before, ...archiveId.values, after],
  }
}
