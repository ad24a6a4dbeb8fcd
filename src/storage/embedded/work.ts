import { insertMessageItems, moveHead } from '../engine/conversation-changes.ts'
import { itemSource, itemColumns, toItem } from '../engine/item-rows.ts'
import { journalColumns, toJournal, type StepJournal } from '../engine/journal-rows.ts'
import { stepTable, toStep } from '../engine/run-tables.ts'
import type { ConversationItem } from '../../domain/conversation.ts'
import type { Step } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { TurnStore, TurnWork } from '../contract/turn-store.ts'
import { readAgent } from './agent-rows.ts'
import { readAgentBlocks } from './block-rows.ts'
import type { Connection } from './connection.ts'
import { readConversation } from './conversation-rows.ts'
import { leaseOperations, requireLease, type ConversationHead } from './leases.ts'
import { readPromptFacts } from './facts.ts'
import type { Operation } from './operation.ts'
import { countAgentPassages } from './passages.ts'
import { readRun, readTurn } from './run-rows.ts'
import { asInteger, asJson, asOptionalInteger, asText } from '../engine/sql-value.ts'
import { restTurn, wakeTurn } from './waiting.ts'

/** How many positions stay free before the messages of an input: places for what is sent just before them. */
const freePositions = 2

/** Begins the next input of a conversation, or returns the turn that is under way; gives the lease back without either. */
export const beginWork: Operation<keyof Pick<TurnStore, 'beginWork'>> = (
  connection,
  scope,
  { lease, at, itemsAfter },
) => {
  const head = requireLease(connection, scope.tenantId, lease)
  const turn = beginTurn(connection, { scope, conversationId: lease.conversationId, head, at })
  if (turn !== undefined) {
    return readWork(connection, scope, {
      ...turn,
      conversationId: lease.conversationId,
      itemsAfter,
      at,
    })
  }
  leaseOperations.releaseLease(connection, scope, { lease })
  return null
}

/** Takes the lease and begins the next work; without open work nothing is written. */
export const claimWork: Operation<keyof Pick<TurnStore, 'claimWork'>> = (
  connection,
  scope,
  { known, ...claim },
) => {
  const { conversationId, at } = claim
  if (!hasOpenTurn(connection, { tenantId: scope.tenantId, conversationId }))
    return { state: 'idle' }
  const lease = leaseOperations.claimLease(connection, scope, claim)
  if (lease === null) return { state: 'held' }
  const head = requireLease(connection, scope.tenantId, lease)
  const turn = beginTurn(connection, { scope, conversationId, head, at })
  if (turn === undefined) {
    leaseOperations.releaseLease(connection, scope, { lease })
    return { state: 'idle' }
  }
  // Every claim of a lease that was given back raises the fence by one.
  const continues = known !== null && lease.fence - known.fence <= 1
  const itemsAfter = continues ? known.through : 0
  const work = readWork(connection, scope, { ...turn, conversationId, itemsAfter, at })
  return { state: 'claimed', lease, work, continues }
}

function hasOpenTurn(connection: Connection, key: ConversationKey): boolean {
  const row = connection.get(
    `SELECT 1 FROM turns WHERE tenant_id = ? AND conversation_id = ? AND state = 'executing'
     UNION ALL SELECT 1 FROM inbox WHERE tenant_id = ? AND conversation_id = ?
       AND NOT EXISTS (SELECT 1 FROM turns waiting WHERE waiting.tenant_id = ?
         AND waiting.conversation_id = ? AND waiting.state = 'waiting'
         AND waiting.wake_at IS NULL) LIMIT 1`,
    key.tenantId,
    key.conversationId,
    key.tenantId,
    key.conversationId,
    key.tenantId,
    key.conversationId,
  )
  return row !== undefined
}

function beginTurn(
  connection: Connection,
  next: {
    readonly scope: TenantScope
    readonly conversationId: string
    readonly head: ConversationHead
    readonly at: number
  },
): ExecutingTurn | undefined {
  const key = { tenantId: next.scope.tenantId, conversationId: next.conversationId }
  const executing = findExecuting(connection, key)
  if (executing === undefined) beginNext(connection, { ...key, head: next.head, at: next.at })
  else if (executing.mayRest) restTurn(connection, { ...key, ...executing, at: next.at })
  return findExecuting(connection, key)
}

interface ConversationKey {
  readonly tenantId: string
  readonly conversationId: string
}

/** What the engine keeps of the turn that is under way. */
interface ExecutingTurn {
  readonly turnId: string
  readonly runId: string
  readonly tailPosition: number
  readonly lastActivityAt: number
  /** Whether its conversation was paused and it has come to where it rests. */
  readonly mayRest: boolean
}

function findExecuting(connection: Connection, key: ConversationKey): ExecutingTurn | undefined {
  const row = connection.get(
    `SELECT t.id, t.run_id, t.tail_position, t.last_activity_at,
       CASE WHEN c.state = 'active' OR t.stop_request = 'cancel' THEN 0
         WHEN t.stop_request = 'pause' THEN 1
         WHEN EXISTS (SELECT 1 FROM tool_calls call WHERE call.tenant_id = t.tenant_id
           AND call.turn_id = t.id AND call.state <> 'done') THEN 0 ELSE 1 END
     FROM turns t JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
     WHERE t.tenant_id = ? AND t.conversation_id = ? AND t.state = 'executing'
     ORDER BY t.sequence LIMIT 1`,
    key.tenantId,
    key.conversationId,
  )
  if (row === undefined) return undefined
  return {
    turnId: asText(row[0]),
    runId: asText(row[1]),
    tailPosition: asInteger(row[2]),
    lastActivityAt: asInteger(row[3]),
    mayRest: asInteger(row[4]) === 1,
  }
}

function beginNext(
  connection: Connection,
  next: ConversationKey & { readonly head: ConversationHead; readonly at: number },
): void {
  const { tenantId, conversationId } = next
  const entry = connection.get(
    `SELECT t.id, t.tail_position, t.message_ids, t.first_sequence, c.last_message_at,
       t.state, t.run_id, t.wake_at
     FROM inbox entry
     JOIN turns t ON t.tenant_id = entry.tenant_id AND t.id = entry.turn_id
     JOIN conversations c ON c.tenant_id = entry.tenant_id AND c.id = entry.conversation_id
     WHERE entry.tenant_id = ? AND entry.conversation_id = ? AND c.state = 'active'
     ORDER BY entry.position LIMIT 1`,
    tenantId,
    conversationId,
  )
  if (entry === undefined) return
  const turnId = asText(entry[0])
  const state = asText(entry[5])
  if (state !== 'queued') {
    const wakeAt = asOptionalInteger(entry[7])
    const isDue = state === 'paused' || (wakeAt !== null && wakeAt <= next.at)
    if (isDue) wakeTurn(connection, { tenantId, turnId, runId: asText(entry[6]), at: next.at })
    return
  }
  const isRetried = asInteger(entry[1]) > 0
  if (!isRetried) {
    placeInput(connection, next, {
      turnId,
      messageIds: asJson<string[]>(entry[2]),
      firstSequence: asInteger(entry[3]),
      lastActivityAt: asInteger(entry[4]),
    })
  }
  connection.run(
    `UPDATE turns SET state = 'executing', updated_at = ? WHERE tenant_id = ? AND id = ?`,
    next.at,
    tenantId,
    turnId,
  )
  connection.run(
    `UPDATE runs SET status = 'running' WHERE tenant_id = ? AND id = (
       SELECT run_id FROM turns WHERE tenant_id = ? AND id = ?)`,
    tenantId,
    tenantId,
    turnId,
  )
}

function placeInput(
  connection: Connection,
  next: ConversationKey & { readonly head: ConversationHead; readonly at: number },
  input: {
    readonly turnId: string
    readonly messageIds: readonly string[]
    readonly firstSequence: number
    readonly lastActivityAt: number
  },
): void {
  const { tenantId, conversationId } = next
  const tailPosition = next.head.nextPosition
  const firstPosition = tailPosition + freePositions
  insertMessageItems(
    connection,
    { tenantId, conversationId, firstPosition },
    input.messageIds.map((id, index) => ({
      id,
      sequence: input.firstSequence + index,
      createdAt: next.at,
    })),
  )
  moveHead(connection, tenantId, {
    conversationId,
    nextPosition: firstPosition + input.messageIds.length,
  })
  connection.run(
    `UPDATE turns SET tail_position = ?, last_activity_at = ? WHERE tenant_id = ? AND id = ?`,
    tailPosition,
    input.lastActivityAt,
    tenantId,
    input.turnId,
  )
}

function readWork(
  connection: Connection,
  scope: TenantScope,
  current: ExecutingTurn & {
    readonly conversationId: string
    readonly itemsAfter: number
    readonly at: number
  },
): TurnWork {
  const { tenantId } = scope
  const conversation = readConversation(connection, scope, current.conversationId)
  const { agentId } = conversation
  const lastStep = readLastStep(connection, tenantId, current.turnId)
  return {
    turn: readTurn(connection, scope, current.turnId),
    run: readRun(connection, scope, current.runId),
    agent: readAgent(connection, scope, agentId),
    conversation,
    blocks: readAgentBlocks(connection, tenantId, agentId),
    facts: readPromptFacts(connection, tenantId, { agentId, at: current.at }),
    items: readView(connection, tenantId, { ...conversation, itemsAfter: current.itemsAfter }),
    tailPosition: current.tailPosition,
    lastStep,
    ...readJournal(connection, tenantId, current.turnId),
    messageCount: countAgentMessages(connection, tenantId, agentId),
    passageCount: countAgentPassages(connection, tenantId, agentId),
    lastActivityAt: current.lastActivityAt === 0 ? null : current.lastActivityAt,
  }
}

function readLastStep(connection: Connection, tenantId: string, turnId: string): Step | null {
  const row = connection.get(
    `SELECT ${stepTable.list('s')} FROM steps s WHERE s.tenant_id = ? AND s.turn_id = ?
     ORDER BY s.number DESC LIMIT 1`,
    tenantId,
    turnId,
  )
  return row === undefined ? null : toStep(row)
}

function readView(
  connection: Connection,
  tenantId: string,
  view: {
    readonly id: string
    readonly viewFrom: number
    readonly systemMessageId: string
    readonly itemsAfter: number
  },
): ConversationItem[] {
  return connection
    .all(
      `SELECT ${itemColumns} FROM ${itemSource}
       WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.position >= ?
         AND item.message_id IS NOT ? ORDER BY item.position`,
      tenantId,
      view.id,
      Math.max(view.viewFrom, view.itemsAfter + 1),
      view.systemMessageId,
    )
    .map((row) => toItem(row))
}

/** The tool calls of the last step that succeeded: a failed attempt after it has none of its own. */
function readJournal(connection: Connection, tenantId: string, turnId: string): StepJournal {
  return toJournal(
    connection.all(
      `SELECT ${journalColumns} FROM tool_calls
       WHERE tenant_id = ? AND step_id = (
         SELECT id FROM steps WHERE tenant_id = ? AND turn_id = ? AND status = 'success'
         ORDER BY number DESC LIMIT 1) ORDER BY "index"`,
      tenantId,
      tenantId,
      turnId,
    ),
  )
}

/** The tool calls of the step that a message belongs to, in order. */
export function readCallsOfMessage(
  connection: Connection,
  tenantId: string,
  messageId: string,
): StepJournal {
  return toJournal(
    connection.all(
      `SELECT ${journalColumns} FROM tool_calls
       WHERE tenant_id = ? AND step_id = (
         SELECT step_id FROM messages WHERE tenant_id = ? AND id = ?) ORDER BY "index"`,
      tenantId,
      tenantId,
      messageId,
    ),
  )
}

function countAgentMessages(connection: Connection, tenantId: string, agentId: string): number {
  const row = connection.get(
    `SELECT message_count FROM agent_activity WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  return asInteger(row?.[0])
}
