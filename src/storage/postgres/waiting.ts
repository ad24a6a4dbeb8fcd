import { describeWaiting } from '../../domain/run.ts'
import type { Signal } from '../../domain/signal.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ParkInput, WaitingStore } from '../contract/waiting-store.ts'
import { signalTable } from '../engine/signal-table.ts'
import { asInteger, asOptionalInteger, asText } from '../engine/sql-value.ts'
import {
  clearWait,
  postPark,
  postRest,
  postWake,
  selectShown,
  setConversationState,
  setStopRequest,
  showWaiting,
  type TurnKey,
  useSignal,
} from '../engine/waiting-changes.ts'
import {
  type BegunTurn,
  selectBegun,
  selectExecuting,
  selectSignal,
  selectUnusedSignal,
  signalUsed,
  toBegun,
  toExecuting,
  waitsFor,
} from '../engine/waiting-rows.ts'
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
    const { sql, values } = selectExecuting(tenantId, input)
    const { runId, stopRequest } = toExecuting(await connection.get(sql, ...values), input.turnId)
    if (stopRequest === 'cancel') return { state: 'cancelled' }
    const signal = await findSignal(connection, tenantId, input)
    if (signal !== null) return { state: 'signalled', signal }
    if (wait.until !== null && wait.until <= at) return { state: 'due' }
    postPark(connection, tenantId, input)
    await setWaitingFor(connection, { tenantId, runId, waiting: describeWaiting(wait) })
    return { state: 'parked' }
  },

  async sendSignal(connection, scope, { signal, at }) {
    const { tenantId } = scope
    const { conversationId } = signal
    lockConversations(connection, tenantId, [conversationId])
    const conversation = await readConversation(connection, scope, conversationId)
    const { sql, values } = selectSignal(tenantId, signal)
    const known = await connection.get(sql, ...values)
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

/** Lets a turn rest until its conversation is resumed. */
export async function restTurn(
  connection: SqlConnection,
  turn: TurnKey & { readonly at: number },
): Promise<void> {
  postRest(connection, turn)
  await setWaitingFor(connection, { ...turn, waiting: describeWaiting({ kind: 'pause' }) })
}

/** Opens a turn that rested; what it waited for is kept until its call has a return. */
export async function wakeTurn(
  connection: SqlConnection,
  turn: TurnKey & { readonly at: number },
): Promise<void> {
  postWake(connection, turn)
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
  clearWait(connection, tenantId, wait.stepId)
  if (signalId === null) return () => Promise.resolve()
  const use = useSignal(tenantId, { ...wait, id: signalId })
  const used = connection.require(`${use.sql} RETURNING id`, ...use.values)
  return async () => {
    if ((await used) === undefined) throw signalUsed(signalId)
  }
}

/** The turn of a conversation that was begun and has not ended. */
async function findBegun(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<BegunTurn | null> {
  const { sql, values } = selectBegun(tenantId, conversationId)
  return toBegun(await connection.get(sql, ...values))
}

/** The oldest signal that a wait is for, or null. */
async function findSignal(
  connection: SqlConnection,
  tenantId: string,
  { wait, lease }: ParkInput,
): Promise<Signal | null> {
  if (wait.kind !== 'signal') return null
  const { conversationId } = lease
  const { sql, values } = selectUnusedSignal(tenantId, { conversationId, name: wait.name })
  const row = await connection.get(sql, ...values)
  return row === undefined ? null : signalTable.read(row)
}

/** What the wire shows of a run whose turn rests. */
async function setWaitingFor(
  connection: SqlConnection,
  run: Omit<TurnKey, 'turnId'> & { readonly waiting: JsonObject | null },
): Promise<void> {
  const { sql, values } = selectShown(run)
  showWaiting(connection, run, await connection.get(sql, ...values))
}
