import {
  conversationColumns,
  conversationSource,
  toConversation,
} from '../engine/conversation-table.ts'
import { agentSource, toAgent } from '../engine/agent-tables.ts'
import { itemColumns, toItem } from '../engine/item-rows.ts'
import { journalColumns, toJournal, type StepJournal } from '../engine/journal-rows.ts'
import { runTable, stepTable, toStep, turnTable } from '../engine/run-tables.ts'
import { AppError } from '../../errors/app-error.ts'
import type { TurnWork } from '../contract/turn-store.ts'
import { agentColumns } from './agent-rows.ts'
import { readAgentBlocks } from './block-rows.ts'
import type { SqlConnection } from './sql-connection.ts'
import { readPromptFacts } from './facts.ts'
import { countAgentPassages } from './passages.ts'
import { toTurn, turnColumns } from './run-rows.ts'
import { asInteger, type SqlExpression, type SqlRow } from '../engine/sql-value.ts'

/** A conversation whose lease is held since an earlier statement of the transaction. */
export interface HeldConversation {
  readonly tenantId: string
  readonly conversationId: string
  readonly owner: string
  /** The fence of the lease; null = whichever the owner has now. */
  readonly fence: number | null
}

/**
 * Asks for everything about the turn that is under way in a held conversation; without one nothing is read.
 * `itemsAfter` is the last position the runner has, an expression over `head`; facts are given as they hold `at` a time. Returns what waits for the work, or for
 * null.
 */
export function postWorkRead(
  connection: SqlConnection,
  held: HeldConversation,
  { itemsAfter, at }: { readonly itemsAfter: SqlExpression; readonly at: number },
): () => Promise<TurnWork | null> {
  const { tenantId } = held
  const agentId = ofCurrentTurn(held, { sql: 'head.agent_id', values: [] })
  const turn = readTurnRow(connection, held)
  const run = readRunRow(connection, held)
  const agent = connection.get(
    `SELECT ${agentColumns} FROM ${agentSource} WHERE a.tenant_id = ? AND a.id = ${agentId.sql}`,
    tenantId,
    ...agentId.values,
  )
  const conversation = readConversationRow(connection, held)
  const blocks = readAgentBlocks(connection, tenantId, agentId)
  const facts = readPromptFacts(connection, tenantId, { agentId, at })
  const items = readView(connection, held, itemsAfter)
  const lastStep = readLastStep(connection, held)
  const journal = readJournal(connection, held)
  const messageCount = countAgentMessages(connection, tenantId, agentId)
  const passageCount = countAgentPassages(connection, tenantId, agentId)
  return async () => {
    const turnRow = await turn
    if (turnRow === undefined) return null
    const stepRow = await lastStep
    const lastActivityAt = asInteger(turnRow[turnWidth + 1])
    return {
      turn: toTurn(turnRow),
      run: runTable.read(required(await run)),
      agent: toAgent(required(await agent)),
      conversation: toConversation(required(await conversation)),
      blocks: await blocks,
      facts: await facts,
      items: (await items).map((row) => toItem(row)),
      tailPosition: asInteger(turnRow[turnWidth]),
      lastStep: stepRow === undefined ? null : toStep(stepRow),
      ...(await journal),
      messageCount: await messageCount,
      passageCount: await passageCount,
      lastActivityAt: lastActivityAt === 0 ? null : lastActivityAt,
    }
  }
}

/** How many columns {@link turnColumns} names. */
const turnWidth = turnTable.width + 1

/** An expression over the turn `t` that is under way in a held conversation `head`; null without one. */
function ofCurrentTurn(held: HeldConversation, value: SqlExpression): SqlExpression {
  return {
    sql: `(SELECT ${value.sql} FROM conversation_heads head
      JOIN turns t ON t.tenant_id = head.tenant_id AND t.conversation_id = head.conversation_id
        AND t.state = 'executing'
      WHERE head.tenant_id = ? AND head.conversation_id = ? AND head.lease_owner = ?
        AND head.lease_fence = coalesce(?, head.lease_fence)
      ORDER BY t.sequence LIMIT 1)`,
    values: [...value.values, held.tenantId, held.conversationId, held.owner, held.fence],
  }
}

function readTurnRow(
  connection: SqlConnection,
  held: HeldConversation,
): Promise<SqlRow | undefined> {
  const id = ofCurrentTurn(held, { sql: 't.id', values: [] })
  return connection.get(
    `SELECT ${turnColumns}, t.tail_position, t.last_activity_at FROM turns t
     WHERE t.tenant_id = ? AND t.id = ${id.sql}`,
    held.tenantId,
    ...id.values,
  )
}

function readRunRow(
  connection: SqlConnection,
  held: HeldConversation,
): Promise<SqlRow | undefined> {
  const id = ofCurrentTurn(held, { sql: 't.run_id', values: [] })
  return connection.get(
    `SELECT ${runTable.list('r')} FROM runs r WHERE r.tenant_id = ? AND r.id = ${id.sql}`,
    held.tenantId,
    ...id.values,
  )
}

function readConversationRow(
  connection: SqlConnection,
  held: HeldConversation,
): Promise<SqlRow | undefined> {
  const id = ofCurrentTurn(held, { sql: 't.conversation_id', values: [] })
  return connection.get(
    `SELECT ${conversationColumns} FROM ${conversationSource}
     WHERE c.tenant_id = ? AND c.id = ${id.sql}`,
    held.tenantId,
    ...id.values,
  )
}

function readView(
  connection: SqlConnection,
  held: HeldConversation,
  itemsAfter: SqlExpression,
): Promise<readonly SqlRow[]> {
  // Without a turn under way this is null, which no position is greater than. The server cannot know that few follow a
  // position, and would read all messages of the tenant for them or plan the statement anew each time: the list of
  // places, whose length it does not ask for, and OFFSET keep it to one look for each.
  const after = ofCurrentTurn(held, itemsAfter)
  return connection.all(
    `SELECT ${itemColumns} FROM conversations c
     CROSS JOIN LATERAL unnest(ARRAY(SELECT next.position FROM conversation_items next
       WHERE next.tenant_id = c.tenant_id AND next.conversation_id = c.id
         AND next.position >= c.view_from AND next.position > ${after.sql})) place (position)
     JOIN conversation_items item ON item.tenant_id = c.tenant_id AND item.conversation_id = c.id
       AND item.position = place.position AND item.message_id IS DISTINCT FROM c.system_message_id
     LEFT JOIN LATERAL (SELECT * FROM messages said
       WHERE said.tenant_id = item.tenant_id AND said.id = item.message_id OFFSET 0) m ON true
     WHERE c.tenant_id = ? AND c.id = ? ORDER BY item.position`,
    ...after.values,
    held.tenantId,
    held.conversationId,
  )
}

function readLastStep(
  connection: SqlConnection,
  held: HeldConversation,
): Promise<SqlRow | undefined> {
  const turnId = ofCurrentTurn(held, { sql: 't.id', values: [] })
  return connection.get(
    `SELECT ${stepTable.list('s')} FROM steps s WHERE s.tenant_id = ? AND s.turn_id = ${turnId.sql}
     ORDER BY s.number DESC LIMIT 1`,
    held.tenantId,
    ...turnId.values,
  )
}

/** The tool calls of the last step that succeeded: a failed attempt after it has none of its own. */
async function readJournal(
  connection: SqlConnection,
  held: HeldConversation,
): Promise<StepJournal> {
  const turnId = ofCurrentTurn(held, { sql: 't.id', values: [] })
  return toJournal(
    await connection.all(
      `SELECT ${journalColumns} FROM tool_calls
       WHERE tenant_id = ? AND step_id = (
         SELECT id FROM steps WHERE tenant_id = ? AND turn_id = ${turnId.sql} AND status = 'success'
         ORDER BY number DESC LIMIT 1) ORDER BY "index"`,
      held.tenantId,
      held.tenantId,
      ...turnId.values,
    ),
  )
}

/** The tool calls of the step that a message belongs to, in order. */
export async function readCallsOfMessage(
  connection: SqlConnection,
  tenantId: string,
  messageId: string,
): Promise<StepJournal> {
  return toJournal(
    await connection.all(
      `SELECT ${journalColumns} FROM tool_calls
       WHERE tenant_id = ? AND step_id = (
         SELECT step_id FROM messages WHERE tenant_id = ? AND id = ?) ORDER BY "index"`,
      tenantId,
      tenantId,
      messageId,
    ),
  )
}

async function countAgentMessages(
  connection: SqlConnection,
  tenantId: string,
  agentId: SqlExpression,
): Promise<number> {
  const row = await connection.get(
    `SELECT message_count FROM agent_activity WHERE tenant_id = ? AND agent_id = ${agentId.sql}`,
    tenantId,
    ...agentId.values,
  )
  return row === undefined ? 0 : asInteger(row[0])
}

/** A row that the rows read with it imply. */
function required(row: SqlRow | undefined): SqlRow {
  if (row !== undefined) return row
  throw new AppError(
    'storage_corrupt',
    'Cannot read a turn: its run, agent or conversation is missing. Restore a backup.',
  )
}
