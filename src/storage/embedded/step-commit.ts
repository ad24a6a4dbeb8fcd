import { insertToolCalls } from '../engine/tool-call-rows.ts'
import { insertMessageItems, moveHead, writePrefix } from '../engine/conversation-changes.ts'
import { stepTable, toStepRow } from '../engine/run-tables.ts'
import type { MessageItem, TailItem } from '../../domain/conversation.ts'
import type { Step } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { StepCommit, TurnStore } from '../contract/turn-store.ts'
import type { Connection } from './connection.ts'
import { insertEvents } from './events.ts'
import { releaseIdle, requireLease, type ConversationHead } from './leases.ts'
import { insertMessages } from './message-rows.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operation } from './operation.ts'
import { takeSequence } from './sequences.ts'
import { toJsonColumn } from '../engine/sql-value.ts'
import { finishTurn } from './turn-end.ts'

/** Stores a finished model call with everything that follows from it. */
export const commitStep: Operation<keyof Pick<TurnStore, 'commitStep'>> = (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { conversationId } = input.lease
  const head = requireLease(connection, tenantId, input.lease)
  const { step } = input
  countStep(connection, tenantId, { step, conversationId, at: input.at })
  const sequence = takeSequence(connection, tenantId, 1 + countMessages(input))
  stepTable.insert(connection, tenantId, { item: toStepRow(step), engineValues: [sequence] })
  insertToolCalls(connection, tenantId, { step, toolCalls: input.toolCalls })
  if (input.tail !== null) {
    insertTail(connection, tenantId, { conversationId, head, tail: input.tail })
  }
  const firstPosition = Math.max(head.nextPosition, (input.tail?.position ?? 0) + 1)
  const item = placeMessage(connection, tenantId, {
    conversationId,
    agentId: head.agentId,
    position: firstPosition,
    sequence: sequence + 1,
    message: input.message,
  })
  const request = placeMessage(connection, tenantId, {
    conversationId,
    agentId: head.agentId,
    position: item === null ? firstPosition : item.position + 1,
    sequence: sequence + countMessages(input),
    message: input.request,
  })
  if (input.prefix !== null) {
    writePrefix(connection, tenantId, { conversationId, prefix: input.prefix })
  }
  const events = insertEvents(connection, tenantId, {
    runId: step.runId,
    events: input.events,
    at: input.at,
  })
  if (input.end === null) return { item, request, events, released: false }
  const whose = { tenantId, agentId: head.agentId, conversationId }
  events.push(...finishTurn(connection, whose, input.end))
  return { item, request, events, released: releaseIdle(connection, tenantId, input.lease) }
}

function countMessages(input: Pick<StepCommit, 'message' | 'request'>): number {
  return (input.message === null ? 0 : 1) + (input.request === null ? 0 : 1)
}

/** Stores a message at a place of a conversation and moves its end there; null stays null. */
export function placeMessage(
  connection: Connection,
  tenantId: string,
  place: {
    readonly conversationId: string
    readonly agentId: string
    readonly position: number
    readonly sequence: number
    readonly message: NewMessage | null
    /** Whether the place lies before the conversation's end, which then stays where it is. Default: false. */
    readonly isKeptFree?: boolean
  },
): MessageItem | null {
  if (place.message === null) return null
  const { conversationId, agentId, position } = place
  const [message] = insertMessages(
    connection,
    { tenantId, agentId, firstSequence: place.sequence },
    [place.message],
  )
  if (message === undefined) return null
  insertMessageItems(connection, { tenantId, conversationId, firstPosition: position }, [message])
  if (!place.isKeptFree)
    moveHead(connection, tenantId, { conversationId, nextPosition: position + 1 })
  return { kind: 'message', position, message }
}

function countStep(
  connection: Connection,
  tenantId: string,
  input: { readonly step: Step; readonly conversationId: string; readonly at: number },
): void {
  const counted = connection.run(
    `UPDATE turns SET step_count = step_count + 1, updated_at = ?
     WHERE tenant_id = ? AND id = ? AND conversation_id = ? AND state = 'executing'`,
    input.at,
    tenantId,
    input.step.turnId,
    input.conversationId,
  )
  if (counted > 0) return
  const row = connection.get(
    `SELECT 1 FROM turns WHERE tenant_id = ? AND id = ? AND conversation_id = ?`,
    tenantId,
    input.step.turnId,
    input.conversationId,
  )
  if (row === undefined) throw notFound('turn', input.step.turnId)
  throw new AppError(
    'conflict',
    `Cannot store a step of the turn ${input.step.turnId}: the turn is not being run. Leave it.`,
    { data: { reason: 'turn_not_executing', turn_id: input.step.turnId } },
  )
}

function insertTail(
  connection: Connection,
  tenantId: string,
  input: {
    readonly conversationId: string
    readonly head: ConversationHead
    readonly tail: TailItem
  },
): void {
  const { tail, conversationId } = input
  connection.run(
    `INSERT INTO conversation_items
       (tenant_id, conversation_id, position, tail_text, tail_sources, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    tenantId,
    conversationId,
    tail.position,
    tail.text,
    toJsonColumn(tail.sources),
    tail.createdAt,
  )
  if (tail.position < input.head.nextPosition) return
  moveHead(connection, tenantId, { conversationId, nextPosition: tail.position + 1 })
}
