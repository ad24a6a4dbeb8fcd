import { AppError } from '../../errors/app-error.ts'
import type { ForgetOwners, ForgetWrite } from '../contract/forget-store.ts'
import { among, inParts } from './forget-rows.ts'
import type { SqlExpression } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** What of a forgetting tells whose prompts show what it changes. */
type Showing = Pick<ForgetWrite, 'owners' | 'blocks' | 'edits' | 'removals'>

/** The blocks that change, now or in their past, or go. */
function changedBlocks({ blocks, edits, removals }: Showing): readonly string[] {
  const ofBlocks = [...edits, ...removals.rows].filter(
    ({ table }) => table === 'blocks' || table === 'block_versions',
  )
  const ids = ofBlocks.map(({ key }) => String(key[0]))
  return [...new Set([...ids, ...blocks.map(({ blockId }) => blockId), ...removals.blockIds])]
}

/** The agents that have, or had, a block that a forgetting changes or removes: their stored prompts may show it. */
function agentsShown(tenantId: string, write: Showing): SqlExpression {
  const changed = among(changedBlocks(write))
  return {
    sql: `(SELECT agent_id FROM agent_blocks WHERE tenant_id = ? AND block_id ${changed.sql}
      UNION SELECT agent_id FROM memory_changes WHERE tenant_id = ? AND item_id ${changed.sql}
        AND subject = 'block' AND agent_id IS NOT NULL)`,
    values: [tenantId, ...changed.values, tenantId, ...changed.values],
  }
}

/** The owners' agents and those whose prompts show a block that is changed. */
function concerned(tenantId: string, write: Showing): SqlExpression {
  const agents = among(write.owners.agentIds)
  const others = agentsShown(tenantId, write)
  return {
    sql: `(agent_id ${agents.sql} OR agent_id IN ${others.sql})`,
    values: [...agents.values, ...others.values],
  }
}

/** The conversations whose prompts show what a forgetting changes. */
export function selectConversations(tenantId: string, write: Showing): SqlExpression {
  const agents = concerned(tenantId, write)
  return {
    sql: `SELECT id FROM conversations WHERE tenant_id = ? AND ${agents.sql} ORDER BY id`,
    values: [tenantId, ...agents.values],
  }
}

/** A conversation of {@link selectConversations} that a living process runs, with the process and the agent. */
export function selectRunning(
  tenantId: string,
  {
    write,
    now,
  }: {
    readonly write: Showing & Pick<ForgetWrite, 'deadOwners'>
    /** The time by the clock that leases are kept by. */
    readonly now: SqlExpression
  },
): SqlExpression {
  const agents = concerned(tenantId, write)
  const dead = write.deadOwners.map(() => ' AND lease_owner <> ?').join('')
  return {
    sql: `SELECT conversation_id, lease_owner, agent_id FROM conversation_heads
     WHERE tenant_id = ? AND ${agents.sql} AND lease_owner IS NOT NULL
       AND lease_until > ${now.sql}${dead} LIMIT 1`,
    values: [tenantId, ...agents.values, ...now.values, ...write.deadOwners],
  }
}

/** Whether a forgetting leaves alone what a running turn works with. Throws `internal` when it only says so. */
export function isBesideTurns(write: ForgetWrite): boolean {
  if (write.besideTurns !== true) return false
  const { removals, edits, blocks, entries } = write
  const { passageIds: _passages, ...others } = removals
  const touched = [...Object.values(others), edits, blocks, entries]
  if (touched.every((list) => list.length === 0)) return true
  throw new AppError(
    'internal',
    'Cannot forget beside turns that run: more than passages would go. Wait until they are over.',
  )
}

/** What a forgetting changes by statements alone; the rest is the engine's own. */
export function removalStatements(tenantId: string, write: ForgetWrite): readonly SqlExpression[] {
  const { removals, unhashed } = write
  return [
    ...removeMessages(tenantId, removals.messageIds),
    ...removeTurns(tenantId, removals.turnIds),
    ...removeEvents(tenantId, removals.eventsOf),
    ...removeHistory(tenantId, removals),
    ...removeFactSources(tenantId, removals.rows),
    ...removeHashes(tenantId, unhashed),
    ...keepImportKeys(tenantId, removals.conversationIds),
    ...removeLabels(tenantId, write),
  ]
}

/** Takes the hashes of session names out of the agents' conversations: they would tell a guess of a name from the name. */
function removeLabels(tenantId: string, write: ForgetWrite): readonly SqlExpression[] {
  if (isBesideTurns(write)) return []
  const agents = among(write.owners.agentIds)
  return [
    {
      sql: `UPDATE search_threads SET label = NULL WHERE tenant_id = ? AND label IS NOT NULL
        AND thread IN (SELECT id FROM conversations WHERE tenant_id = ? AND agent_id ${agents.sql})`,
      values: [tenantId, tenantId, ...agents.values],
    },
  ]
}

/** Sends changes of which nobody has to know how many rows they touch. */
export function postAll(target: ChangeTarget, statements: readonly SqlExpression[]): void {
  for (const { sql, values } of statements) target.post(sql, ...values)
}

/** Removes messages with their places; the index and the vectors are the engine's own. */
function removeMessages(tenantId: string, ids: readonly string[]): readonly SqlExpression[] {
  return inParts(ids).flatMap((part) => {
    const list = among(part)
    return [
      {
        sql: `UPDATE agent_activity SET message_count = message_count - (
            SELECT count(*) FROM messages m WHERE m.tenant_id = agent_activity.tenant_id
              AND m.agent_id = agent_activity.agent_id AND m.id ${list.sql})
          WHERE tenant_id = ?
            AND agent_id IN (SELECT agent_id FROM messages WHERE tenant_id = ? AND id ${list.sql})`,
        values: [...list.values, tenantId, tenantId, ...list.values],
      },
      {
        sql: `DELETE FROM conversation_items WHERE tenant_id = ? AND message_id ${list.sql}`,
        values: [tenantId, ...list.values],
      },
      {
        sql: `DELETE FROM fact_sources WHERE tenant_id = ? AND message_id ${list.sql}`,
        values: [tenantId, ...list.values],
      },
      {
        sql: `DELETE FROM summary_sources
          WHERE tenant_id = ? AND (message_id ${list.sql} OR summary_id ${list.sql})`,
        values: [tenantId, ...list.values, ...list.values],
      },
      {
        sql: `DELETE FROM messages WHERE tenant_id = ? AND id ${list.sql}`,
        values: [tenantId, ...list.values],
      },
    ]
  })
}

/** Forgets from which messages facts were taken whose last version is gone. */
function removeFactSources(
  tenantId: string,
  rows: ForgetWrite['removals']['rows'],
): readonly SqlExpression[] {
  const ids = new Set(rows.flatMap(({ table, key }) => (table === 'facts' ? [String(key[0])] : [])))
  return inParts([...ids]).map((part) => {
    const list = among(part)
    return {
      sql: `DELETE FROM fact_sources WHERE tenant_id = ? AND fact_id ${list.sql} AND NOT EXISTS (
          SELECT 1 FROM facts f WHERE f.tenant_id = fact_sources.tenant_id
            AND f.id = fact_sources.fact_id)`,
      values: [tenantId, ...list.values],
    }
  })
}

/** Finds a turn that is not over yet; it must not lose its rows. */
export function selectOpenTurn(tenantId: string, ids: readonly string[]): SqlExpression {
  const list = among(ids)
  return {
    sql: `SELECT conversation_id FROM turns WHERE tenant_id = ? AND id ${list.sql} AND state <> 'ended' LIMIT 1`,
    values: [tenantId, ...list.values],
  }
}

/** Removes ended turns with everything that happened in them, but for their messages. */
function removeTurns(tenantId: string, ids: readonly string[]): readonly SqlExpression[] {
  return inParts(ids).flatMap((part) => {
    const list = among(part)
    const runs = `run_id IN (SELECT id FROM runs WHERE tenant_id = ? AND turn_id ${list.sql})`
    const ofRuns = [tenantId, tenantId, ...list.values]
    const ofTurns = [tenantId, ...list.values]
    return [
      {
        sql: `DELETE FROM conversation_items WHERE tenant_id = ? AND message_id IS NULL AND EXISTS (
            SELECT 1 FROM turns t WHERE t.tenant_id = conversation_items.tenant_id
              AND t.conversation_id = conversation_items.conversation_id
              AND t.tail_position = conversation_items.position AND t.id ${list.sql})`,
        values: ofTurns,
      },
      { sql: `DELETE FROM events WHERE tenant_id = ? AND ${runs}`, values: ofRuns },
      // The keys of messages stay, without their run, so that one that is sent once more is not taken for a new one.
      {
        sql: `UPDATE accepted_otids SET run_id = '' WHERE tenant_id = ? AND ${runs}`,
        values: ofRuns,
      },
      {
        sql: `UPDATE memory_changes SET run_id = NULL WHERE tenant_id = ? AND ${runs}`,
        values: ofRuns,
      },
      ...['tool_calls', 'steps', 'runs', 'inbox'].map((table) => ({
        sql: `DELETE FROM ${table} WHERE tenant_id = ? AND turn_id ${list.sql}`,
        values: ofTurns,
      })),
      { sql: `DELETE FROM turns WHERE tenant_id = ? AND id ${list.sql}`, values: ofTurns },
    ]
  })
}

/** Removes the events of runs that stay. */
function removeEvents(tenantId: string, runIds: readonly string[]): readonly SqlExpression[] {
  return inParts(runIds).flatMap((part) => {
    const list = among(part)
    const values = [tenantId, ...list.values]
    return [
      { sql: `DELETE FROM events WHERE tenant_id = ? AND run_id ${list.sql}`, values },
      { sql: `UPDATE runs SET events_kept = 0 WHERE tenant_id = ? AND id ${list.sql}`, values },
    ]
  })
}

/** Removes the history of items that are gone, and the links and rows of blocks. */
function removeHistory(
  tenantId: string,
  items: { readonly passageIds: readonly string[]; readonly blockIds: readonly string[] },
): readonly SqlExpression[] {
  const { passageIds, blockIds } = items
  return [
    ...removeAmong(tenantId, passageIds, [['passage_versions', 'passage_id']]),
    ...removeAmong(tenantId, [...passageIds, ...blockIds], [['memory_changes', 'item_id']]),
    ...removeAmong(tenantId, blockIds, [
      ['block_versions', 'block_id'],
      ['agent_blocks', 'block_id'],
      ['blocks', 'id'],
    ]),
  ]
}

function removeAmong(
  tenantId: string,
  ids: readonly string[],
  tables: readonly (readonly [table: string, column: string])[],
): readonly SqlExpression[] {
  return inParts(ids).flatMap((part) => {
    const list = among(part)
    return tables.map(([table, column]) => ({
      sql: `DELETE FROM ${table} WHERE tenant_id = ? AND ${column} ${list.sql}`,
      values: [tenantId, ...list.values],
    }))
  })
}

/**
 * Has the prompts built anew that show what changes, and their conversations read anew by processes that remember them. To
 * be done while it is still known who has the blocks. Of agents whose memory is not looked through, what told them of such
 * a block goes as well.
 */
export function rebuildPrompts(tenantId: string, write: Showing): readonly SqlExpression[] {
  const agents = concerned(tenantId, write)
  const own = among(write.owners.agentIds)
  const others = agentsShown(tenantId, write)
  const values = [tenantId, ...agents.values]
  return [
    {
      sql: `DELETE FROM prompt_prefixes WHERE tenant_id = ? AND conversation_id IN (
          SELECT id FROM conversations WHERE tenant_id = ? AND ${agents.sql})`,
      values: [tenantId, ...values],
    },
    ...changedBlocks(write).map((blockId) => ({
      sql: `DELETE FROM conversation_items WHERE tenant_id = ? AND message_id IS NULL
          AND tail_sources LIKE ? AND conversation_id IN (
            SELECT id FROM conversations WHERE tenant_id = ? AND agent_id IN ${others.sql}
              AND NOT (agent_id ${own.sql}))`,
      values: [tenantId, `%"${blockId}"%`, tenantId, ...others.values, ...own.values],
    })),
    {
      sql: `UPDATE conversation_heads SET lease_fence = lease_fence + 1
        WHERE tenant_id = ? AND ${agents.sql}`,
      values,
    },
  ]
}

/** Keeps the keys of imports whose conversations go, so that what was forgotten stays away when it is imported again. */
function keepImportKeys(
  tenantId: string,
  conversationIds: readonly string[],
): readonly SqlExpression[] {
  return inParts(conversationIds).map((part) => {
    const list = among(part)
    return {
      sql: `UPDATE imported_messages SET conversation_id = ''
        WHERE tenant_id = ? AND conversation_id ${list.sql}`,
      values: [tenantId, ...list.values],
    }
  })
}

/** Takes the hashes out of changes of memory, which would tell a guess of a short text from the text. */
function removeHashes(tenantId: string, numbers: readonly number[]): readonly SqlExpression[] {
  return numbers.map((number) => ({
    sql: `UPDATE memory_changes SET before_hash = NULL, after_hash = NULL
      WHERE tenant_id = ? AND number = ?`,
    values: [tenantId, number],
  }))
}

/** The agents that have archives or blocks. */
export function selectHolders(
  tenantId: string,
  { archiveIds, blockIds }: Pick<ForgetOwners, 'archiveIds' | 'blockIds'>,
): SqlExpression {
  const archives = among(archiveIds)
  const blocks = among(blockIds)
  return {
    sql: `SELECT agent_id FROM agent_archives WHERE tenant_id = ? AND archive_id ${archives.sql}
      UNION SELECT agent_id FROM agent_blocks WHERE tenant_id = ? AND block_id ${blocks.sql}
      ORDER BY 1`,
    values: [tenantId, ...archives.values, tenantId, ...blocks.values],
  }
}

/** The agents that have or had archives or blocks, or wrote to them, and are not among the owners. */
export function selectSharers(
  tenantId: string,
  { agentIds, archiveIds, blockIds }: ForgetOwners,
): SqlExpression {
  const [own, archives, blocks] = [among(agentIds), among(archiveIds), among(blockIds)]
  const shared = among([...archiveIds, ...blockIds])
  return {
    sql: `SELECT id FROM agents WHERE tenant_id = ? AND NOT (id ${own.sql}) AND id IN (
        SELECT agent_id FROM agent_archives WHERE tenant_id = ? AND archive_id ${archives.sql}
        UNION SELECT agent_id FROM agent_blocks WHERE tenant_id = ? AND block_id ${blocks.sql}
        UNION SELECT agent_id FROM memory_changes WHERE tenant_id = ? AND owner_id ${shared.sql})
      ORDER BY id`,
    values: [
      tenantId,
      ...own.values,
      tenantId,
      ...archives.values,
      tenantId,
      ...blocks.values,
      tenantId,
      ...shared.values,
    ],
  }
}

/** The archives of agents. */
export function selectArchives(tenantId: string, agentIds: readonly string[]): SqlExpression {
  const agents = among(agentIds)
  return {
    sql: `SELECT DISTINCT archive_id FROM agent_archives
      WHERE tenant_id = ? AND agent_id ${agents.sql} ORDER BY 1`,
    values: [tenantId, ...agents.values],
  }
}

/** The blocks of agents, with those they had before. */
export function selectBlocks(
  tenantId: string,
  { agentIds, withPast }: { readonly agentIds: readonly string[]; readonly withPast: boolean },
): SqlExpression {
  const agents = among(agentIds)
  const values = [tenantId, ...agents.values]
  const past = `UNION SELECT item_id FROM memory_changes
    WHERE tenant_id = ? AND agent_id ${agents.sql} AND subject = 'block'`
  return {
    sql: `SELECT block_id FROM agent_blocks WHERE tenant_id = ? AND agent_id ${agents.sql}
      ${withPast ? past : ''} ORDER BY 1`,
    values: withPast ? [...values, ...values] : values,
  }
}
