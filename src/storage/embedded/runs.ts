import { orderBy } from '../engine/keyset.ts'
import { addRunFilter, runKeyset, stepKeyset } from '../engine/run-query.ts'
import { runTable, stepTable, toStep } from '../engine/run-tables.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { withStar } from '../../domain/star.ts'
import type { RunStore } from '../contract/run-store.ts'
import { Conditions } from './conditions.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { readRun, readTurn } from './run-rows.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { asInteger, asOptionalInteger, toJsonColumn } from '../engine/sql-value.ts'

/** Reading turns, runs and steps. */
export const runOperations: Operations<keyof RunStore> = {
  getRun: (connection, scope, { id }) => readRun(connection, scope, id),

  getTurn: (connection, scope, { id }) => readTurn(connection, scope, id),

  listRuns(connection, scope, { filter, page }) {
    const keyset = runKeyset(scope, page.order)
    const conditions = new Conditions()
    addRunFilter(conditions, scope, filter)
    addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
    return connection
      .all(
        `SELECT ${runTable.list('r')} FROM runs r WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        page.limit,
      )
      .map((row) => runTable.read(row))
  },

  getRunUsage(connection, scope, { runId }) {
    const run = readRun(connection, scope, runId)
    const row = connection.get(
      `SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
         coalesce(sum(total_tokens), 0), sum(cached_input_tokens), sum(cache_write_tokens),
         sum(reasoning_tokens), max(number)
       FROM steps WHERE tenant_id = ? AND turn_id = ? AND run_id = ?`,
      scope.tenantId,
      run.turnId,
      runId,
    )
    const last = connection.get(
      `SELECT total_tokens FROM steps WHERE tenant_id = ? AND turn_id = ? AND run_id = ?
       ORDER BY number DESC LIMIT 1`,
      scope.tenantId,
      run.turnId,
      runId,
    )
    return {
      stepCount: asInteger(row?.[0]),
      promptTokens: asInteger(row?.[1]),
      completionTokens: asInteger(row?.[2]),
      totalTokens: asInteger(row?.[3]),
      cachedInputTokens: asOptionalInteger(row?.[4]),
      cacheWriteTokens: asOptionalInteger(row?.[5]),
      reasoningTokens: asOptionalInteger(row?.[6]),
      contextTokens: asOptionalInteger(last?.[0]),
    }
  },

  listSteps(connection, scope, { runId, agentId, page }) {
    const keyset = stepKeyset(scope, page.order)
    const conditions = new Conditions()
      .add('s.tenant_id = ?', scope.tenantId)
      .equal('s.agent_id', agentId)
    addAgentScope(conditions, scope, 's.agent_id')
    if (runId !== undefined) {
      const { turnId } = readRun(connection, scope, runId)
      conditions.add('s.turn_id = ? AND s.run_id = ?', turnId, runId)
    }
    addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
    return connection
      .all(
        `SELECT ${stepTable.list('s')} FROM steps s WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        page.limit,
      )
      .map((row) => toStep(row))
  },

  getStep(connection, scope, { id }) {
    const conditions = new Conditions().add('s.tenant_id = ? AND s.id = ?', scope.tenantId, id)
    addAgentScope(conditions, scope, 's.agent_id')
    const row = connection.get(
      `SELECT ${stepTable.list('s')} FROM steps s WHERE ${conditions.sql}`,
      ...conditions.values,
    )
    if (row === undefined) throw notFound('step', id)
    return toStep(row)
  },

  findRunByOtid(connection, scope, { conversationId, otid }) {
    const conditions = new Conditions().add(
      'o.tenant_id = ? AND o.conversation_id = ? AND o.otid = ?',
      scope.tenantId,
      conversationId,
      otid,
    )
    addAgentScope(conditions, scope, 'r.agent_id')
    const row = connection.get(
      `SELECT ${runTable.list('r')} FROM accepted_otids o
       JOIN runs r ON r.tenant_id = o.tenant_id AND r.id = o.run_id WHERE ${conditions.sql}`,
      ...conditions.values,
    )
    return row === undefined ? null : runTable.read(row)
  },

  markDelivered(connection, scope, { runIds }) {
    const conditions = deliveredRuns(scope, runIds)
    const sql = `UPDATE runs SET delivered = 1 WHERE ${conditions.sql}`
    return connection.run(sql, ...conditions.values)
  },

  recordCallback(connection, scope, { runId, sentAt, statusCode, error }) {
    readRun(connection, scope, runId)
    connection.run(
      `UPDATE runs SET callback_sent_at = ?, callback_status_code = ?, callback_error = ?
       WHERE tenant_id = ? AND id = ?`,
      sentAt,
      statusCode,
      error,
      scope.tenantId,
      runId,
    )
  },

  starRun(connection, scope, { id, star }) {
    const run = readRun(connection, scope, id)
    const metadata = withStar(run.metadata, star)
    connection.run(
      `UPDATE runs SET metadata = ? WHERE tenant_id = ? AND id = ?`,
      toJsonColumn(metadata),
      scope.tenantId,
      id,
    )
    return { ...run, metadata }
  },
}

function deliveredRuns(scope: TenantScope, runIds: readonly string[]): Conditions {
  const conditions = new Conditions().add('tenant_id = ?', scope.tenantId).oneOf('id', runIds)
  addAgentScope(conditions, scope, 'agent_id')
  return conditions
}
