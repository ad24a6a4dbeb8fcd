import { itemColumns, toItem } from '../engine/item-rows.ts'
import { stepTable, toStep } from '../engine/run-tables.ts'
import type { ConversationItem } from '../../domain/conversation.ts'
import type { Step, ToolJournalEntry } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { JournaledReturn, TurnStore, TurnWork } from '../contract/turn-store.ts'
import { readAgent } from './agent-rows.ts'
import { readAgentBlocks } from './block-rows.ts'
import type { SqlConnection } from './sql-connection.ts'
import { readConversation } from './conversation-rows.ts'
import { insertMessageItems } from './message-rows.ts'
import { notFound } from '../engine/not-found.ts'
import {
  findLease,
  leaseOperations,
  moveHead,
  requireLease,
  takeLease,
  type ConversationHead,
} from './leases.ts'
import type { Operation } from './operation.ts'
import { countAgentPassages } from './passages.ts'
import { readRun, readTurn } from './run-rows.ts'
import {
  asInteger,
  asJson,
  asOptionalInteger,
  asOptionalText,
  asText,
  type SqlRow,
} from '../engine/sql-value.ts'
import { restTurn, wakeTurn } from './waiting.ts'

/** How many positions stay free before the messages of an input: places for what is sent just before them. */
const freePositions = 2

/** Begins the next input of a conversation, or returns the turn that is under way; gives the lease back without either. */
export const beginWork: Operation<keyof Pick<TurnStore, 'beginWork'>> = async (
  connection,
  scope,
  { lease, at, itemsAfter },
) => {
  const { conversationId } = lease
  const key = { tenantId: scope.tenantId, conversationId }
  const [head, next] = await Promise.all([
    requireLease(connection, scope.tenantId, lease),
    findNext(connection, key),
  ])
  const turn = await beginTurn(connection, { ...key, ...next, head, at })
  if (turn !== null)
    return await readWork(connection, scope, { ...turn, ...head, conversationId, itemsAfter })
  await leaseOperations.releaseLease(connection, scope, { lease })
  return null
}

/** Takes the lease and begins the next work; without open work nothing is written. */
export const claimWork: Operation<keyof Pick<TurnStore, 'claimWork'>> = async (
  connection,
  scope,
  { known, ...claim },
) => {
  const { conversationId, at } = claim
  const { tenantId } = scope
  const key = { tenantId, conversationId }
  const [head, isOpen, next] = await Promise.all([
    findLease(connection, scope, conversationId),
    hasOpenTurn(connection, key),
    findNext(connection, key),
  ])
  if (!isOpen) return { state: 'idle' }
  if (head === null) throw notFound('conversation', conversationId)
  if (next.executing === null && next.entry === null) return { state: 'idle' }
  const lease = takeLease(connection, tenantId, { claim, row: head })
  if (lease === null) return { state: 'held' }
  const turn = await beginTurn(connection, { ...key, ...next, head, at })
  if (turn === null) {
    await leaseOperations.releaseLease(connection, scope, { lease })
    return { state: 'idle' }
  }
  // Every claim of a lease that was given back raises the fence by one.
  const continues = known !== null && lease.fence - known.fence <= 1
  const itemsAfter = continues ? known.through : 0
  const work = await readWork(connection, scope, { ...turn, ...head, conversationId, itemsAfter })
  return { state: 'claimed', lease, work, continues }
}

async function hasOpenTurn(connection: SqlConnection, key: ConversationKey): Promise<boolean> {
  const row = await connection.get(
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

/** What a conversation could go on with. */
interface NextTurn {
  readonly executing: ExecutingTurn | null
  readonly entry: InboxEntry | null
}

async function findNext(connection: SqlConnection, key: ConversationKey): Promise<NextTurn> {
  const [executing, entry] = await Promise.all([
    findExecuting(connection, key),
    findEntry(connection, key),
  ])
  return { executing, entry }
}

/** The turn under way, or the oldest input, which is begun with the next round trip. */
async function beginTurn(
  connection: SqlConnection,
  next: ConversationKey & NextTurn & { readonly head: ConversationHead; readonly at: number },
): Promise<ExecutingTurn | null> {
  const { tenantId, executing, entry, at } = next
  if (executing?.mayRest === true) {
    await restTurn(connection, { ...executing, tenantId, at })
    return null
  }
  if (executing !== null || entry === null) return executing
  if (entry.state === 'queued') return beginNext(connection, { ...next, entry })
  const isDue = entry.state === 'paused' || (entry.wakeAt !== null && entry.wakeAt <= at)
  if (!isDue) return null
  await wakeTurn(connection, { ...entry, tenantId, at })
  return entry
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

async function findExecuting(
  connection: SqlConnection,
  key: ConversationKey,
): Promise<ExecutingTurn | null> {
  const row = await connection.get(
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
  if (row === undefined) return null
  return {
    turnId: asText(row[0]),
    runId: asText(row[1]),
    tailPosition: asInteger(row[2]),
    lastActivityAt: asInteger(row[3]),
    mayRest: asInteger(row[4]) === 1,
  }
}

/** The oldest input that waits; its `lastActivityAt` is that of the conversation until it is placed. */
interface InboxEntry extends ExecutingTurn {
  readonly state: string
  readonly wakeAt: number | null
  readonly messageIds: readonly string[]
  readonly firstSequence: number
}

async function findEntry(
  connection: SqlConnection,
  key: ConversationKey,
): Promise<InboxEntry | null> {
  const row = await connection.get(
    `SELECT t.id, t.run_id, t.tail_position, t.message_ids, t.first_sequence, c.last_message_at,
       t.last_activity_at, t.state, t.wake_at
     FROM inbox entry
     JOIN turns t ON t.tenant_id = entry.tenant_id AND t.id = entry.turn_id
     JOIN conversations c ON c.tenant_id = entry.tenant_id AND c.id = entry.conversation_id
     WHERE entry.tenant_id = ? AND entry.conversation_id = ? AND c.state = 'active'
     ORDER BY entry.position LIMIT 1`,
    key.tenantId,
    key.conversationId,
  )
  if (row === undefined) return null
  const tailPosition = asInteger(row[2])
  return {
    turnId: asText(row[0]),
    runId: asText(row[1]),
    tailPosition,
    messageIds: asJson<string[]>(row[3]),
    firstSequence: asInteger(row[4]),
    lastActivityAt: asInteger(tailPosition > 0 ? row[6] : row[5]),
    mayRest: false,
    state: asText(row[7]),
    wakeAt: asOptionalInteger(row[8]),
  }
}

function beginNext(
  connection: SqlConnection,
  next: ConversationKey & {
    readonly head: ConversationHead
    readonly at: number
    readonly entry: InboxEntry
  },
): ExecutingTurn {
  const { tenantId, entry } = next
  const isRetried = entry.tailPosition > 0
  if (!isRetried) placeInput(connection, next, entry)
  connection.post(
    `UPDATE turns SET state = 'executing', updated_at = ? WHERE tenant_id = ? AND id = ?`,
    next.at,
    tenantId,
    entry.turnId,
  )
  connection.post(
    `UPDATE runs SET status = 'running' WHERE tenant_id = ? AND id = ?`,
    tenantId,
    entry.runId,
  )
  return { ...entry, tailPosition: isRetried ? entry.tailPosition : next.head.nextPosition }
}

function placeInput(
  connection: SqlConnection,
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
  connection.post(
    `UPDATE turns SET tail_position = ?, last_activity_at = ? WHERE tenant_id = ? AND id = ?`,
    tailPosition,
    input.lastActivityAt,
    tenantId,
    input.turnId,
  )
}

/** Everything about a turn, in one round trip. */
async function readWork(
  connection: SqlConnection,
  scope: TenantScope,
  current: ExecutingTurn & {
    readonly conversationId: string
    readonly agentId: string
    readonly itemsAfter: number
  },
): Promise<TurnWork> {
  const { tenantId } = scope
  const { agentId } = current
  const [conversation, turn, run, agent, blocks, items, lastStep, journal, messages, passages] =
    await Promise.all([
      readConversation(connection, scope, current.conversationId),
      readTurn(connection, scope, current.turnId),
      readRun(connection, scope, current.runId),
      readAgent(connection, scope, agentId),
      readAgentBlocks(connection, tenantId, agentId),
      readView(connection, tenantId, current),
      readLastStep(connection, tenantId, current.turnId),
      readJournal(connection, tenantId, current.turnId),
      countAgentMessages(connection, tenantId, agentId),
      countAgentPassages(connection, tenantId, agentId),
    ])
  return {
    turn,
    run,
    agent,
    conversation,
    blocks,
    items,
    tailPosition: current.tailPosition,
    lastStep,
    ...journal,
    messageCount: messages,
    passageCount: passages,
    lastActivityAt: current.lastActivityAt === 0 ? null : current.lastActivityAt,
  }
}

async function readLastStep(
  connection: SqlConnection,
  tenantId: string,
  turnId: string,
): Promise<Step | null> {
  const row = await connection.get(
    `SELECT ${stepTable.list('s')} FROM steps s WHERE s.tenant_id = ? AND s.turn_id = ?
     ORDER BY s.number DESC LIMIT 1`,
    tenantId,
    turnId,
  )
  return row === undefined ? null : toStep(row)
}

async function readView(
  connection: SqlConnection,
  tenantId: string,
  view: { readonly conversationId: string; readonly itemsAfter: number },
): Promise<ConversationItem[]> {
  const rows = await connection.all(
    `SELECT ${itemColumns} FROM conversations c
     JOIN conversation_items item ON item.tenant_id = c.tenant_id AND item.conversation_id = c.id
       AND item.position >= greatest(c.view_from, ?)
       AND item.message_id IS DISTINCT FROM c.system_message_id
     LEFT JOIN messages m ON m.tenant_id = item.tenant_id AND m.id = item.message_id
     WHERE c.tenant_id = ? AND c.id = ? ORDER BY item.position`,
    view.itemsAfter + 1,
    tenantId,
    view.conversationId,
  )
  return rows.map((row) => toItem(row))
}

/** The tool calls of the last step that succeeded: a failed attempt after it has none of its own. */
async function readJournal(
  connection: SqlConnection,
  tenantId: string,
  turnId: string,
): Promise<StepJournal> {
  return toJournal(
    await connection.all(
      `SELECT step_id, "index", call_id, name, arguments, state, result FROM tool_calls
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
export async function readCallsOfMessage(
  connection: SqlConnection,
  tenantId: string,
  messageId: string,
): Promise<StepJournal> {
  return toJournal(
    await connection.all(
      `SELECT step_id, "index", call_id, name, arguments, state, result FROM tool_calls
       WHERE tenant_id = ? AND step_id = (
         SELECT step_id FROM messages WHERE tenant_id = ? AND id = ?) ORDER BY "index"`,
      tenantId,
      tenantId,
      messageId,
    ),
  )
}

type StepJournal = Pick<TurnWork, 'toolCalls' | 'toolReturns'>

function toJournal(rows: readonly SqlRow[]): StepJournal {
  const toolCalls: ToolJournalEntry[] = []
  const toolReturns: (JournaledReturn | null)[] = []
  for (const [stepId, index, callId, name, argumentsText, state, result] of rows) {
    toolCalls.push({
      stepId: asText(stepId),
      index: asInteger(index),
      callId: asText(callId),
      name: asText(name),
      arguments: asText(argumentsText),
      state: toJournalState(asText(state)),
    })
    toolReturns.push(asOptionalText(result) === null ? null : asJson<JournaledReturn>(result))
  }
  return { toolCalls, toolReturns }
}

function toJournalState(state: string): ToolJournalEntry['state'] {
  return state === 'done' || state === 'started' || state === 'answered' ? state : 'intended'
}

async function countAgentMessages(
  connection: SqlConnection,
  tenantId: string,
  agentId: string,
): Promise<number> {
  const row = await connection.get(
    `SELECT message_count FROM agent_activity WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  return asInteger(row?.[0])
}
