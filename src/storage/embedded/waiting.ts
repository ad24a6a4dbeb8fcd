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
import type { Connection } from './connection.ts'
import { readConversation } from './conversation-rows.ts'
import { requireLease } from './leases.ts'
import type { Operations } from './operation.ts'
import { readRun } from './run-rows.ts'
import { takeSequence } from './sequences.ts'
import { finishTurn } from './turn-end.ts'

/** Ending, pausing, parking and waking open turns. */
export const waitingOperations: Operations<keyof WaitingStore> = {
  requestCancel(connection, scope, { runId, end, at }) {
    const { tenantId } = scope
    const run = readRun(connection, scope, runId)
    const turn = connection.get(
      `SELECT state, run_id, tail_position FROM turns WHERE tenant_id = ? AND id = ?`,
      tenantId,
      run.turnId,
    )
    const state = asText(turn?.[0])
    const isOpen = state !== 'ended' && asText(turn?.[1]) === runId && run.completedAt === null
    if (!isOpen) return { run, isRequested: false, events: [] }
    // One that was answered or retried has been begun: its open calls get their returns from its runner.
    if (state === 'queued' && asInteger(turn?.[2]) === 0) {
      const events = finishTurn(connection, { ...run, tenantId }, end)
      return { run: readRun(connection, scope, runId), isRequested: false, events }
    }
    const key = { tenantId, turnId: run.turnId, runId }
    if (state !== 'executing') wakeTurn(connection, { ...key, at })
    setStopRequest(connection, { ...key, request: 'cancel' })
    return { run: readRun(connection, scope, runId), isRequested: true, events: [] }
  },

  pauseConversation(connection, scope, { id, now, at }) {
    const { tenantId } = scope
    readConversation(connection, scope, id)
    setConversationState(connection, { tenantId, id, state: 'paused', at })
    const turn = findBegun(connection, tenantId, id)
    const isExecuting = turn?.state === 'executing'
    const isRunning = isExecuting && (turn.isHeld || turn.stopRequest === 'cancel')
    if (isExecuting && !isRunning) restTurn(connection, { tenantId, ...turn, at })
    if (isRunning && now && turn.stopRequest === null) {
      setStopRequest(connection, { tenantId, turnId: turn.turnId, request: 'pause' })
    }
    const conversation = readConversation(connection, scope, id)
    return { conversation, runId: turn?.runId ?? null, isRunning }
  },

  resumeConversation(connection, scope, { id, at }) {
    const { tenantId } = scope
    readConversation(connection, scope, id)
    setConversationState(connection, { tenantId, id, state: 'active', at })
    const turn = findBegun(connection, tenantId, id)
    if (turn?.state === 'paused') wakeTurn(connection, { tenantId, ...turn, at })
    if (turn?.stopRequest === 'pause') {
      setStopRequest(connection, { tenantId, turnId: turn.turnId, request: null })
    }
    return readConversation(connection, scope, id)
  },

  parkTurn(connection, scope, input) {
    const { tenantId } = scope
    const { wait, at } = input
    requireLease(connection, tenantId, input.lease)
    const { sql, values } = selectExecuting(tenantId, input)
    const { runId, stopRequest } = toExecuting(connection.get(sql, ...values), input.turnId)
    if (stopRequest === 'cancel') return { state: 'cancelled' }
    const signal = findSignal(connection, tenantId, input)
    if (signal !== null) return { state: 'signalled', signal }
    if (wait.until !== null && wait.until <= at) return { state: 'due' }
    postPark(connection, tenantId, input)
    setWaitingFor(connection, { tenantId, runId, waiting: describeWaiting(wait) })
    return { state: 'parked' }
  },

  sendSignal(connection, scope, { signal, at }) {
    const { tenantId } = scope
    const { conversationId } = signal
    const conversation = readConversation(connection, scope, conversationId)
    const { sql, values } = selectSignal(tenantId, signal)
    const known = connection.get(sql, ...values)
    if (known !== undefined) {
      return { signal: signalTable.read(known), duplicate: true, runId: null }
    }
    signalTable.insert(connection, tenantId, {
      item: signal,
      engineValues: [takeSequence(connection, tenantId, 1)],
    })
    const turn = findBegun(connection, tenantId, conversationId)
    if (turn?.state !== 'waiting' || !waitsFor(turn.waitingFor, signal.name)) {
      return { signal, duplicate: false, runId: null }
    }
    const key = { tenantId, turnId: turn.turnId, runId: turn.runId, at }
    if (conversation.state === 'paused') restTurn(connection, key)
    else wakeTurn(connection, key)
    return { signal, duplicate: false, runId: turn.runId }
  },

  listStopRequests: (connection, _scope, { limit }) =>
    connection
      .all(
        `SELECT conversation_id, run_id, stop_request FROM turns
         WHERE stop_request IS NOT NULL LIMIT ?`,
        limit,
      )
      .map(([conversationId, runId, request]) => ({
        conversationId: asText(conversationId),
        runId: asText(runId),
        request: request === 'cancel' ? 'cancel' : 'pause',
      })),

  nextWakeAt: (connection, _scope, { after }) =>
    asOptionalInteger(
      connection.get(
        `SELECT min(wake_at) FROM turns WHERE wake_at IS NOT NULL AND wake_at > ?`,
        after,
      )?.[0],
    ),
}

/** Lets a turn rest until its conversation is resumed. */
export function restTurn(connection: Connection, turn: TurnKey & { readonly at: number }): void {
  postRest(connection, turn)
  setWaitingFor(connection, { ...turn, waiting: describeWaiting({ kind: 'pause' }) })
}

/** Opens a turn that rested; what it waited for is kept until its call has a return. */
export function wakeTurn(connection: Connection, turn: TurnKey & { readonly at: number }): void {
  postWake(connection, turn)
  setWaitingFor(connection, { ...turn, waiting: null })
}

/** Ends the wait of a call, with the signal that ended it, if one did. */
export function endWait(
  connection: Connection,
  tenantId: string,
  wait: {
    readonly conversationId: string
    readonly stepId: string
    readonly signalId: string | null
    readonly at: number
  },
): void {
  clearWait(connection, tenantId, wait.stepId)
  if (wait.signalId === null) return
  const { sql, values } = useSignal(tenantId, { ...wait, id: wait.signalId })
  const used = connection.run(sql, ...values)
  if (used === 0) throw signalUsed(wait.signalId)
}

/** The turn of a conversation that was begun and has not ended. */
function findBegun(
  connection: Connection,
  tenantId: string,
  conversationId: string,
): BegunTurn | null {
  const { sql, values } = selectBegun(tenantId, conversationId)
  return toBegun(connection.get(sql, ...values))
}

/** The oldest signal that a wait is for, or null. */
function findSignal(
  connection: Connection,
  tenantId: string,
  { wait, lease }: ParkInput,
): Signal | null {
  if (wait.kind !== 'signal') return null
  const { conversationId } = lease
  const { sql, values } = selectUnusedSignal(tenantId, { conversationId, name: wait.name })
  const row = connection.get(sql, ...values)
  return row === undefined ? null : signalTable.read(row)
}

/** What the wire shows of a run whose turn rests. */
function setWaitingFor(
  connection: Connection,
  run: Omit<TurnKey, 'turnId'> & { readonly waiting: JsonObject | null },
): void {
  const { sql, values } = selectShown(run)
  showWaiting(connection, run, connection.get(sql, ...values))
}
