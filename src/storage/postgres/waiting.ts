import { describeWaiting, type StopRequest, type WaitingFor } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Signal } from '../../domain/signal.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ParkInput, WaitingStore } from '../contract/waiting-store.ts'
import { signalTable } from '../engine/signal-table.ts'
import {
  asInteger,
  asJson,
  asOptionalInteger,
  asOptionalText,
  asText,
  toJsonColumn,
} from '../engine/sql-value.ts'
import { readConversation } from './conversation-rows.ts'
import { requireLease } from './leases.ts'
import { lockConversations } from './locks.ts'
import type { Operations } from './operation.ts'
import { readRun } from './run-rows.ts'
import { takeSequence } from './sequences.ts'
import type { SqlConnection } from './sql-connection.ts'
import { postEnd } from './turn-end.ts'

/** Ending, pausing, parking and waking open turns. */
export const waitingOperations: Operations<keyof WaitingStore> = {
  async requestCancel(connection, scope, { runId, end, at }) {
    const { tenantId } = scope
    const run = await readRun(connection, scope, runId)
    lockConversations(connection, tenantId, [run.conversationId])
    const turn = await connection.get(
      `SELECT state, run_id, tail_position FROM turns WHERE tenant_id = ? AND id = ?`,
      tenantId,
      run.turnId,
    )
    const state = asText(turn?.[0])
    const isOpen = state !== 'ended' && asText(turn?.[1]) === runId && run.completedAt === null
    if (!isOpen) return { run, isRequested: false, events: [] }
    // One that was answered or retried has been begun: its open calls get their returns from its runner.
    if (state === 'queued' && asInteger(turn?.[2]) === 0) {
      const whose = { ...run, tenantId }
      const posted = await postEnd(connection, whose, end)
      const events = await posted.events()
      return { run: await readRun(connection, scope, runId), isRequested: false, events }
    }
    const key = { tenantId, turnId: run.turnId, runId }
    if (state !== 'executing') await wakeTurn(connection, { ...key, at })
    setStopRequest(connection, { ...key, request: 'cancel' })
    return { run: await readRun(connection, scope, runId), isRequested: true, events: [] }
  },

  async pauseConversation(connection, scope, { id, now, at }) {
    const { tenantId } = scope
    await readConversation(connection, scope, id)
    lockConversations(connection, tenantId, [id])
    setConversationState(connection, { tenantId, id, state: 'paused', at })
    const turn = await findBegun(connection, tenantId, id)
    const isExecuting = turn?.state === 'executing'
    const isRunning = isExecuting && (turn.isHeld || turn.stopRequest === 'cancel')
    if (isExecuting && !isRunning) await restTurn(connection, { tenantId, ...turn, at })
    if (isRunning && now && turn.stopRequest === null) {
      setStopRequest(connection, { tenantId, turnId: turn.turnId, request: 'pause' })
    }
    const conversation = await readConversation(connection, scope, id)
    return { conversation, runId: turn?.runId ?? null, isRunning }
  },

  async resumeConversation(connection, scope, { id, at }) {
    const { tenantId } = scope
    await readConversation(connection, scope, id)
    lockConversations(connection, tenantId, [id])
    setConversationState(connection, { tenantId, id, state: 'active', at })
    const turn = await findBegun(connection, tenantId, id)
    if (turn?.state === 'paused') await wakeTurn(connection, { tenantId, ...turn, at })
    if (turn?.stopRequest === 'pause') {
      setStopRequest(connection, { tenantId, turnId: turn.turnId, request: null })
    }
    return await readConversation(connection, scope, id)
  },

  async parkTurn(connection, scope, input) {
    const { tenantId } = scope
    const { wait, at } = input
    await requireLease(connection, tenantId, input.lease)
    const { runId, stopRequest } = await requireExecuting(connection, tenantId, input)
    if (stopRequest === 'cancel') return { state: 'cancelled' }
    const signal = await findSignal(connection, tenantId, input)
    if (signal !== null) return { state: 'signalled', signal }
    if (wait.until !== null && wait.until <= at) return { state: 'due' }
    connection.post(
      `UPDATE turns SET state = 'waiting', waiting_for = ?, wake_at = ?, updated_at = ?
       WHERE tenant_id = ? AND id = ?`,
      toJsonColumn(wait),
      wait.until,
      at,
      tenantId,
      input.turnId,
    )
    await setWaitingFor(connection, { tenantId, runId, waiting: describeWaiting(wait) })
    return { state: 'parked' }
  },

  async sendSignal(connection, scope, { signal, at }) {
    const { tenantId } = scope
    const { conversationId } = signal
    lockConversations(connection, tenantId, [conversationId])
    const conversation = await readConversation(connection, scope, conversationId)
    const known = await connection.get(
      `SELECT ${signalTable.list('s')} FROM signals s
       WHERE s.tenant_id = ? AND s.conversation_id = ? AND s.id = ?`,
      tenantId,
      conversationId,
      signal.id,
    )
    if (known !== undefined) {
      return { signal: signalTable.read(known), duplicate: true, runId: null }
    }
    signalTable.insert(connection, tenantId, {
      item: signal,
      engineValues: [await takeSequence(connection, tenantId, 1)],
    })
    const turn = await findBegun(connection, tenantId, conversationId)
    if (turn?.state !== 'waiting' || !waitsFor(turn.waitingFor, signal.name)) {
      return { signal, duplicate: false, runId: null }
    }
    const key = { tenantId, turnId: turn.turnId, runId: turn.runId, at }
    if (conversation.state === 'paused') await restTurn(connection, key)
    else await wakeTurn(connection, key)
    return { signal, duplicate: false, runId: turn.runId }
  },

  listStopRequests: async (connection, _scope, { limit }) =>
    (
      await connection.all(
        `SELECT conversation_id, run_id, stop_request FROM turns
         WHERE stop_request IS NOT NULL LIMIT ?`,
        limit,
      )
    ).map(([conversationId, runId, request]) => ({
      conversationId: asText(conversationId),
      runId: asText(runId),
      request: request === 'cancel' ? 'cancel' : 'pause',
    })),

  nextWakeAt: async (connection, _scope, { after }) => {
    const row = await connection.get(
      `SELECT min(wake_at) FROM turns WHERE wake_at IS NOT NULL AND wake_at > ?`,
      after,
    )
    return asOptionalInteger(row?.[0])
  },
}

/** A turn with its run. */
interface TurnKey {
  readonly tenantId: string
  readonly turnId: string
  readonly runId: string
}

/** Lets a turn rest until its conversation is resumed. */
export async function restTurn(
  connection: SqlConnection,
  turn: TurnKey & { readonly at: number },
): Promise<void> {
  connection.post(
    `UPDATE turns SET state = 'paused', wake_at = NULL, stop_request = NULL, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    turn.at,
    turn.tenantId,
    turn.turnId,
  )
  await setWaitingFor(connection, { ...turn, waiting: describeWaiting({ kind: 'pause' }) })
}

/** Opens a turn that rested; what it waited for is kept until its call has a return. */
export async function wakeTurn(
  connection: SqlConnection,
  turn: TurnKey & { readonly at: number },
): Promise<void> {
  connection.post(
    `UPDATE turns SET state = 'executing', wake_at = NULL, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    turn.at,
    turn.tenantId,
    turn.turnId,
  )
  await setWaitingFor(connection, { ...turn, waiting: null })
}

/** The end of a call's wait. */
export interface WaitEnd {
  readonly conversationId: string
  readonly stepId: string
  /** The signal that ended it, if one did. */
  readonly signalId: string | null
  readonly at: number
}

/**
 * Sends the end of a call's wait; refused when its signal was used before. Returns what throws `conflict` when that is
 * why the transaction was refused.
 */
export function postWaitEnd(
  connection: SqlConnection,
  tenantId: string,
  wait: WaitEnd,
): () => Promise<void> {
  const { signalId } = wait
  connection.post(
    `UPDATE turns SET waiting_for = NULL, wake_at = NULL WHERE tenant_id = ? AND id = (
       SELECT turn_id FROM steps WHERE tenant_id = ? AND id = ?)`,
    tenantId,
    tenantId,
    wait.stepId,
  )
  if (signalId === null) return () => Promise.resolve()
  const used = connection.require(
    `UPDATE signals SET consumed_at = ?, payload = NULL
     WHERE tenant_id = ? AND conversation_id = ? AND id = ? AND consumed_at IS NULL RETURNING id`,
    wait.at,
    tenantId,
    wait.conversationId,
    signalId,
  )
  return async () => {
    if ((await used) === undefined) throw signalUsed(signalId)
  }
}

function signalUsed(id: string): AppError {
  return new AppError(
    'conflict',
    `Cannot use the signal ${id}: another wait has used it, or there is none. Wait for the next one.`,
    { data: { reason: 'signal_used', signal_id: id } },
  )
}

interface BegunTurn {
  readonly turnId: string
  readonly runId: string
  readonly state: string
  readonly stopRequest: string | null
  readonly waitingFor: WaitingFor | null
  /** Whether somebody holds the conversation. */
  readonly isHeld: boolean
}

/** The turn of a conversation that was begun and has not ended. */
async function findBegun(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<BegunTurn | null> {
  const row = await connection.get(
    `SELECT t.id, t.run_id, t.state, t.stop_request, t.waiting_for, CASE WHEN head.lease_owner IS NULL THEN 0 ELSE 1 END
     FROM turns t JOIN conversation_heads head
       ON head.tenant_id = t.tenant_id AND head.conversation_id = t.conversation_id
     WHERE t.tenant_id = ? AND t.conversation_id = ?
       AND t.state IN ('executing', 'paused', 'waiting') ORDER BY t.sequence LIMIT 1`,
    tenantId,
    conversationId,
  )
  if (row === undefined) return null
  return {
    turnId: asText(row[0]),
    runId: asText(row[1]),
    state: asText(row[2]),
    stopRequest: asOptionalText(row[3]),
    waitingFor: asOptionalText(row[4]) === null ? null : asJson<WaitingFor>(row[4]),
    isHeld: asInteger(row[5]) === 1,
  }
}

function waitsFor(wait: WaitingFor | null, name: string): boolean {
  return wait?.kind === 'signal' && wait.name === name
}

async function requireExecuting(
  connection: SqlConnection,
  tenantId: string,
  { turnId, lease }: ParkInput,
): Promise<{ readonly runId: string; readonly stopRequest: string | null }> {
  const row = await connection.get(
    `SELECT run_id, stop_request FROM turns
     WHERE tenant_id = ? AND id = ? AND conversation_id = ? AND state = 'executing'`,
    tenantId,
    turnId,
    lease.conversationId,
  )
  if (row !== undefined) return { runId: asText(row[0]), stopRequest: asOptionalText(row[1]) }
  throw new AppError(
    'conflict',
    `Cannot let the turn ${turnId} wait: the turn is not being run. Leave it.`,
    { data: { reason: 'turn_not_executing', turn_id: turnId } },
  )
}

/** The oldest signal that a wait is for, or null. */
async function findSignal(
  connection: SqlConnection,
  tenantId: string,
  { wait, lease }: ParkInput,
): Promise<Signal | null> {
  if (wait.kind !== 'signal') return null
  const row = await connection.get(
    `SELECT ${signalTable.list('s')} FROM signals s
     WHERE s.tenant_id = ? AND s.conversation_id = ? AND s.name = ? AND s.consumed_at IS NULL
     ORDER BY s.sequence LIMIT 1`,
    tenantId,
    lease.conversationId,
    wait.name,
  )
  return row === undefined ? null : signalTable.read(row)
}

function setStopRequest(
  connection: SqlConnection,
  turn: Omit<TurnKey, 'runId'> & { readonly request: StopRequest | null },
): void {
  connection.post(
    `UPDATE turns SET stop_request = ? WHERE tenant_id = ? AND id = ?`,
    turn.request,
    turn.tenantId,
    turn.turnId,
  )
}

function setConversationState(
  connection: SqlConnection,
  conversation: {
    readonly tenantId: TenantScope['tenantId']
    readonly id: string
    readonly state: 'active' | 'paused'
    readonly at: number
  },
): void {
  const { tenantId, id, state, at } = conversation
  connection.post(
    `UPDATE conversations SET state = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ? AND state <> ?`,
    state,
    at,
    tenantId,
    id,
    state,
  )
}

/** What the wire shows of a run whose turn rests. */
async function setWaitingFor(
  connection: SqlConnection,
  run: Omit<TurnKey, 'turnId'> & { readonly waiting: JsonObject | null },
): Promise<void> {
  const row = await connection.get(
    `SELECT metadata FROM runs WHERE tenant_id = ? AND id = ?`,
    run.tenantId,
    run.runId,
  )
  const { waiting_for: _, ...metadata } = asJson<JsonObject>(row?.[0] ?? '{}')
  connection.post(
    `UPDATE runs SET metadata = ? WHERE tenant_id = ? AND id = ?`,
    toJsonColumn(run.waiting === null ? metadata : { ...metadata, waiting_for: run.waiting }),
    run.tenantId,
    run.runId,
  )
}
