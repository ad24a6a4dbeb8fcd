import { insertToolCalls } from '../engine/tool-call-rows.ts'
import { writePrefix } from '../engine/conversation-changes.ts'
import { stepTable, toStepRow } from '../engine/run-tables.ts'
import type { TailItem } from '../../domain/conversation.ts'
import type { Step } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { StepCommit, TurnStore } from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { readCommitted } from './commit-result.ts'
import { postEvents } from './events.ts'
import { holdLease, isKept, leaseLost, postRelease, requireUnfollowed } from './leases.ts'
import { postPlacedMessage } from './message-rows.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operation, Recovery } from './operation.ts'
import { reserveSequence } from './sequences.ts'
import { toJsonColumn, type SqlRow } from '../engine/sql-value.ts'
import { postEnd, readTurnState, type EndingTurn } from './turn-end.ts'

/** Stores a finished model call with everything that follows from it. */
export const commitStep: Operation<keyof Pick<TurnStore, 'commitStep'>> = async (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { conversationId } = input.lease
  const { step } = input
  const whose = { tenantId, conversationId }
  const held = holdLease(connection, tenantId, input.lease)
  const counted = countStep(connection, whose, input)
  const events = postEvents(connection, tenantId, {
    runId: step.runId,
    events: input.events,
    at: input.at,
  })
  const end = input.end === null ? null : await postEnd(connection, whose, input.end)
  postTurnState(connection, whose, input)
  const sequence = reserveSequence(connection, tenantId, 1 + countMessages(input))
  stepTable.insertComputed(connection, tenantId, {
    item: toStepRow(step),
    computed: {},
    engineValues: [sequence.at(0)],
  })
  const atLeast = (input.tail?.position ?? 0) + 1
  const place = { ...whose, atLeast, sequence, index: 1 }
  const item = postPlacedMessage(connection, place, input.message)
  const after = { ...place, index: countMessages(input) }
  const request = postPlacedMessage(connection, after, input.request)
  const released = input.end === null ? isKept : postRelease(connection, tenantId, input.lease)
  if (!(await connection.commit())) {
    if ((await held) === undefined) throw leaseLost(input.lease)
    if ((await counted) === undefined) throw await toStepRefusal(connection, whose, step)
    await end?.explain()
    throw otherAgent(conversationId)
  }
  return {
    item: await item(),
    request: await request(),
    events: [...(await events(step.runId)), ...((await end?.events()) ?? [])],
    released: await released(),
  }
}

function countMessages(input: Pick<StepCommit, 'message' | 'request'>): number {
  return (input.message === null ? 0 : 1) + (input.request === null ? 0 : 1)
}

/** What {@link commitStep} returned for a step that is stored; null when it is not. */
export const findCommittedStep: Recovery<'commitStep'> = async (connection, scope, input) => {
  const { tenantId } = scope
  const lease = await requireUnfollowed(connection, tenantId, input.lease)
  const row = await connection.get(
    `SELECT 1 FROM steps WHERE tenant_id = ? AND id = ?`,
    tenantId,
    input.step.id,
  )
  if (row === undefined) return null
  return await readCommitted(connection, tenantId, {
    ...input,
    ...lease,
    runId: input.step.runId,
  })
}

/** What a message that belongs to another agent than the conversation is told; a fault of the caller. */
export function otherAgent(conversationId: string): AppError {
  return new AppError(
    'internal',
    `Cannot store a message in the conversation ${conversationId}: it belongs to another agent. Pass a message of this agent.`,
    { data: { conversation_id: conversationId } },
  )
}

/** Counts a step for its turn; refused unless the turn is being run. */
function countStep(
  connection: SqlConnection,
  whose: EndingTurn,
  input: StepCommit,
): Promise<SqlRow | undefined> {
  return connection.require(
    `UPDATE turns SET step_count = step_count + 1, updated_at = ?
     WHERE tenant_id = ? AND id = ? AND conversation_id = ? AND state = 'executing' RETURNING id`,
    input.at,
    whose.tenantId,
    input.step.turnId,
    whose.conversationId,
  )
}

async function toStepRefusal(
  connection: SqlConnection,
  whose: EndingTurn,
  { turnId }: Step,
): Promise<AppError> {
  if ((await readTurnState(connection, whose, turnId)) === null) return notFound('turn', turnId)
  return new AppError(
    'conflict',
    `Cannot store a step of the turn ${turnId}: the turn is not being run. Leave it.`,
    { data: { reason: 'turn_not_executing', turn_id: turnId } },
  )
}

/** What a step leaves behind besides itself and its message. */
function postTurnState(connection: SqlConnection, whose: EndingTurn, input: StepCommit): void {
  const { tenantId, conversationId } = whose
  insertToolCalls(connection, tenantId, input)
  if (input.tail !== null) insertTail(connection, whose, input.tail)
  if (input.prefix !== null) {
    writePrefix(connection, tenantId, { conversationId, prefix: input.prefix })
  }
}

function insertTail(connection: SqlConnection, whose: EndingTurn, tail: TailItem): void {
  connection.post(
    `INSERT INTO conversation_items
       (tenant_id, conversation_id, position, tail_text, tail_sources, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    whose.tenantId,
    whose.conversationId,
    tail.position,
    tail.text,
    toJsonColumn(tail.sources),
    tail.createdAt,
  )
}
