import { turnTable } from '../engine/run-tables.ts'
import type { Message } from '../../domain/message.ts'
import type { Turn, WaitingFor } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { AcceptInput, AcceptResult, TurnStore } from '../contract/turn-store.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'
import { numberMessages, postMessages } from './message-rows.ts'
import { pendingApproval } from '../engine/approvals.ts'
import { placeChanged, selectPlaceChange } from '../engine/checked-place.ts'
import { inputForgotten } from '../engine/input-forgotten.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operation, Recovery } from './operation.ts'
import { enqueueTurn, insertRun } from './inbox.ts'
import { readRun, readTurn } from './run-rows.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { reserveSequence } from './sequences.ts'
import { postWorkClaim } from './work.ts'
import {
  asJson,
  asOptionalInteger,
  asText,
  toJsonColumn,
  type SqlRow,
} from '../engine/sql-value.ts'

/** How many runs back a repeated request without otid is looked for. */
const mostRecentRuns = 50

/** Stores an input: messages, inbox entry, turn and run. */
export const acceptInput: Operation<keyof Pick<TurnStore, 'acceptInput'>> = async (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { conversationId } = input
  const { agentId } = input.turn
  if (!seesAgent(scope, agentId)) throw notFound('conversation', conversationId)
  const head = connection.require(
    `SELECT agent_id FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ? AND agent_id = ? FOR UPDATE`,
    tenantId,
    conversationId,
    agentId,
  )
  const hindrances = findHindrances(connection, tenantId, input)
  insertOtids(connection, tenantId, input)
  enqueueTurn(connection, tenantId, { conversationId, turnId: input.turn.id, at: input.at })
  const count = input.messages.length
  const sequence = reserveSequence(connection, tenantId, count + 2)
  postMessages(connection, { tenantId, agentId, sequence }, input.messages)
  const { toolHistory: _, ...turn } = toQueued(input.turn)
  turnTable.insertComputed(connection, tenantId, {
    item: turn,
    computed: {},
    engineValues: [
      sequence.at(count),
      input.run.id,
      toJsonColumn(scope),
      toJsonColumn(input.messages.map(({ message }) => message.id)),
      sequence.at(0),
      0,
      0,
    ],
  })
  insertRun(connection, tenantId, {
    run: input.run,
    sequence: sequence.at(count + 1),
    requestHash: input.requestHash,
  })
  const { claim: wish, ...unclaimed } = input
  const claim =
    wish === undefined ? null : postWorkClaim(connection, scope, { ...wish, conversationId })
  if (await connection.commit()) {
    const messages = numberMessages(input.messages, await sequence.first())
    return { ...toAccepted(input, messages), claim: claim === null ? null : await claim() }
  }
  if ((await head) === undefined) throw notFound('conversation', conversationId)
  const { earlier, approval, openRunId, isPlaceChanged } = await hindrances()
  if (earlier !== null) {
    return { ...(await toDuplicate(connection, scope, earlier)), claim: null }
  }
  if (approval !== null) throw approval
  if (openRunId === null && isPlaceChanged) throw placeChanged(input)
  if (openRunId !== null) throw conversationBusy(conversationId, openRunId)
  // Nothing stands against the input itself: a turn has to be moved before anything can be claimed here, or the agent was
  // changed just between the two times that the transaction looked, which the next one sees both times.
  connection.begin()
  return await acceptInput(connection, scope, unclaimed)
}

/** What {@link acceptInput} returned for an input that is stored; null when it is not. */
export const findAccepted: Recovery<'acceptInput'> = async (connection, scope, input) => {
  const { tenantId } = scope
  const run = await connection.get(
    `SELECT 1 FROM runs WHERE tenant_id = ? AND id = ?`,
    tenantId,
    input.run.id,
  )
  if (run === undefined) return null
  const ids = input.messages.map(({ message }) => message.id)
  const first = await connection.get(
    `SELECT min(sequence) FROM messages WHERE tenant_id = ? AND id = ANY(?)`,
    tenantId,
    ids,
  )
  const messages = numberMessages(input.messages, asOptionalInteger(first?.[0]) ?? 0)
  // A lease that was taken with it is this process's own, so that the next claim finds it.
  return { ...toAccepted(input, messages), claim: null }
}

function toAccepted(input: AcceptInput, messages: readonly Message[]): AcceptResult {
  return {
    run: { ...input.run, status: 'created' },
    turn: toQueued(input.turn),
    duplicate: false,
    messages,
  }
}

function toQueued(turn: Turn): Turn {
  return { ...turn, state: 'queued', stepCount: 0, toolHistory: [] }
}

/** What stands against storing an input again, or now. */
interface Hindrances {
  /** The run of the first otid that was accepted before, or of the request that is repeated. */
  readonly earlier: string | null
  /** The refusal of a message to a conversation that waits for an answer. */
  readonly approval: AppError | null
  /** The run of an open turn, when the input asks for an idle conversation. */
  readonly openRunId: string | null
  /** Whether the agent or the conversation is no longer what the input was checked against. */
  readonly isPlaceChanged: boolean
}

/** Sends the questions, and has the transaction refused when one of them finds something; returns what waits for it. */
function findHindrances(
  connection: SqlConnection,
  tenantId: string,
  input: AcceptInput,
): () => Promise<Hindrances> {
  const ask = ({ sql, values }: Question): Promise<SqlRow | undefined> => {
    const answer = connection.get(sql, ...values)
    void connection.require(`SELECT 1 WHERE NOT EXISTS (${sql})`, ...values)
    return answer
  }
  const { conversationId } = input
  const earlier = earlierRun(tenantId, input).map(ask)
  const waiting = ask({
    sql: `SELECT run_id, waiting_for FROM turns
      WHERE tenant_id = ? AND conversation_id = ? AND state = 'waiting'
        AND waiting_for::json ->> 'kind' = 'approval' LIMIT 1`,
    values: [tenantId, conversationId],
  })
  const open = input.rejectBusy
    ? ask({
        sql: `SELECT run_id FROM turns WHERE tenant_id = ? AND conversation_id = ?
          AND state IN ('executing', 'queued', 'paused', 'waiting') ORDER BY sequence LIMIT 1`,
        values: [tenantId, conversationId],
      })
    : undefined
  const change =
    input.checkedAgainst === undefined
      ? undefined
      : ask(selectPlaceChange(tenantId, input, input.checkedAgainst))
  return async () => {
    const openRow = await open
    return {
      earlier: await firstId(earlier),
      approval: toRefusal(await waiting),
      openRunId: openRow === undefined ? null : asText(openRow[0]),
      isPlaceChanged: (await change) !== undefined,
    }
  }
}

/** A query with its values. */
interface Question {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** The questions for the run of the first otid that was accepted before, and of the request that is repeated. */
function earlierRun(tenantId: string, input: RepeatableInput): Question[] {
  const { conversationId, clientOtids, requestHash, retryOf } = input
  const questions: Question[] = []
  if (clientOtids.length > 0) {
    questions.push({
      sql: `SELECT run_id FROM accepted_otids
        WHERE tenant_id = ? AND conversation_id = ? AND otid = ANY(?)
        ORDER BY array_position(?::text[], otid) LIMIT 1`,
      values: [tenantId, conversationId, clientOtids, clientOtids],
    })
  }
  if (retryOf !== null && requestHash !== null) {
    questions.push({
      sql: `SELECT id FROM (
          SELECT id, request_hash, created_at, delivered FROM runs
          WHERE tenant_id = ? AND conversation_id = ? ORDER BY sequence DESC LIMIT ?) recent
        WHERE request_hash = ? AND created_at >= ? AND delivered = 0 LIMIT 1`,
      values: [tenantId, conversationId, mostRecentRuns, requestHash, retryOf.since],
    })
  }
  return questions
}

type RepeatableInput = Pick<
  AcceptInput,
  'conversationId' | 'clientOtids' | 'requestHash' | 'retryOf'
>

/** The run of the first otid that was accepted before, or of the request that is repeated. */
export async function findEarlierRun(
  connection: SqlConnection,
  tenantId: string,
  input: RepeatableInput,
): Promise<string | null> {
  return await firstId(
    earlierRun(tenantId, input).map(({ sql, values }) => connection.get(sql, ...values)),
  )
}

async function firstId(answers: readonly Promise<SqlRow | undefined>[]): Promise<string | null> {
  const row = (await Promise.all(answers)).find((answer) => answer !== undefined)
  return row === undefined ? null : asText(row[0])
}

function toRefusal(row: SqlRow | undefined): AppError | null {
  if (row === undefined) return null
  const wait = asJson<WaitingFor>(row[1])
  return wait.kind === 'approval' ? pendingApproval(wait, asText(row[0])) : null
}

/** The answer to an input that was accepted before. Throws `gone` when that was forgotten since. */
export async function toDuplicate(
  connection: SqlConnection,
  scope: TenantScope,
  runId: string,
): Promise<AcceptResult> {
  if (runId === '') throw inputForgotten()
  const run = await readRun(connection, scope, runId)
  return { run, turn: await readTurn(connection, scope, run.turnId), duplicate: true, messages: [] }
}

function conversationBusy(conversationId: string, runId: string): AppError {
  return new AppError(
    'conversation_busy',
    `Cannot accept a message for the conversation ${conversationId}: another one is being answered. Wait for its run to end.`,
    { data: { conversation_id: conversationId, run_id: runId } },
  )
}

/** Remembers the `otid`s of an input, so that it is known when it comes again. */
export function insertOtids(
  connection: SqlConnection,
  tenantId: string,
  input: Pick<AcceptInput, 'conversationId' | 'clientOtids' | 'messages' | 'run'>,
): void {
  const otids = new Set(input.clientOtids)
  for (const { message } of input.messages) otids.add(message.otid)
  if (otids.size === 0) return
  connection.post(
    `INSERT INTO accepted_otids (tenant_id, conversation_id, otid, run_id)
     SELECT ?, ?, otid, ? FROM unnest(?::text[]) otid`,
    tenantId,
    input.conversationId,
    input.run.id,
    [...otids],
  )
}
