import { alreadyDone, finishCall, requireToolMessage } from '../engine/tool-call-rows.ts'
import { writePrefix } from '../engine/conversation-changes.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ToolCommit, TurnStore } from '../contract/turn-store.ts'
import { ensureArchive, insertPassages } from './archive-rows.ts'
import type { Connection } from './connection.ts'
import { insertEvents } from './events.ts'
import { writeFacts } from './facts.ts'
import { releaseIdle, requireLease } from './leases.ts'
import {
  passageRecord,
  toProposal,
  type ChangeOrigin,
  type ChangeRecord,
} from '../engine/memory-records.ts'
import { memoryProposalTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import type { JsonObject } from '../../util/json.ts'
import { recordChanges, takeMemoryNumber } from './memory-changes.ts'
import type { Operations } from './operation.ts'
import { takeSequence } from './sequences.ts'
import { asInteger, asText } from '../engine/sql-value.ts'
import { findStoredText, textStored } from '../engine/stored-text.ts'
import { placeMessage } from './step-commit.ts'
import { finishTurn } from './turn-end.ts'
import { endWait } from './waiting.ts'
import { writeBlocks } from './write-blocks.ts'

/** Operations on the tool calls of a step, and ending a turn without a step. */
export const toolOperations: Operations<
  Extract<keyof TurnStore, 'startTools' | 'commitTool' | 'endTurn'>
> = {
  startTools(connection, scope, { lease, stepId, indexes, at }) {
    requireLease(connection, scope.tenantId, lease)
    for (const index of indexes) {
      readCall(connection, scope.tenantId, { stepId, index, ...lease })
      connection.run(
        `UPDATE tool_calls SET state = 'started', started_at = ?
         WHERE tenant_id = ? AND step_id = ? AND "index" = ? AND state <> 'done'`,
        at,
        scope.tenantId,
        stepId,
        index,
      )
    }
  },

  commitTool(connection, scope, input) {
    const { tenantId } = scope
    const { conversationId } = input.lease
    const head = requireLease(connection, tenantId, input.lease)
    const call = readCall(connection, tenantId, { ...input, conversationId })
    if (call.state === 'done') throw alreadyDone(input)
    const owner = { tenantId, agentId: head.agentId }
    const origin = { cause: input.cause, agentId: head.agentId, runId: call.runId, at: input.at }
    recordChanges(connection, tenantId, [
      ...writeBlocks(connection, owner, { ...input, origin }),
      ...storePassages(connection, owner, { commit: input, origin }),
      ...writeFacts(connection, owner, { ...input, origin }),
    ])
    if (input.proposal !== undefined) {
      storeProposal(connection, tenantId, { edit: input.proposal, origin })
    }
    finishCall(connection, tenantId, input)
    if (input.wait !== undefined) {
      endWait(connection, tenantId, { ...input, conversationId, signalId: input.wait.signalId })
    }
    requireToolMessage(input, countOpenCalls(connection, tenantId, input.stepId))
    const item = placeMessage(connection, tenantId, {
      conversationId,
      agentId: head.agentId,
      position: input.position ?? head.nextPosition,
      isKeptFree: input.position !== null,
      sequence: input.toolMessage === null ? 0 : takeSequence(connection, tenantId, 1),
      message: input.toolMessage,
    })
    if (input.prefix !== null) {
      writePrefix(connection, tenantId, { conversationId, prefix: input.prefix })
    }
    const { runId } = call
    const events = insertEvents(connection, tenantId, { runId, events: input.events, at: input.at })
    if (input.end === null) return { item, request: null, events, released: false }
    const whose = { tenantId, agentId: head.agentId, conversationId }
    events.push(...finishTurn(connection, whose, input.end))
    return { item, request: null, events, released: releaseIdle(connection, tenantId, input.lease) }
  },

  endTurn(connection, scope, { lease, end }) {
    const { tenantId } = scope
    const { conversationId } = lease
    const { agentId } = requireLease(connection, tenantId, lease)
    const events = finishTurn(connection, { tenantId, agentId, conversationId }, end)
    return { item: null, request: null, events, released: releaseIdle(connection, tenantId, lease) }
  },
}

interface CallKey {
  readonly stepId: string
  readonly index: number
  readonly conversationId: string
}

function readCall(
  connection: Connection,
  tenantId: string,
  key: CallKey,
): { readonly state: string; readonly runId: string } {
  const row = connection.get(
    `SELECT call.state, turn.run_id FROM tool_calls call
     JOIN steps step ON step.tenant_id = call.tenant_id AND step.id = call.step_id
     JOIN turns turn ON turn.tenant_id = step.tenant_id AND turn.id = step.turn_id
     WHERE call.tenant_id = ? AND call.step_id = ? AND call."index" = ?
       AND step.conversation_id = ?`,
    tenantId,
    key.stepId,
    key.index,
    key.conversationId,
  )
  if (row === undefined) throw notFound('tool call', `${key.stepId}[${key.index}]`)
  return { state: asText(row[0]), runId: asText(row[1]) }
}

function storePassages(
  connection: Connection,
  owner: { readonly tenantId: string; readonly agentId: string },
  { commit: input, origin }: { readonly commit: ToolCommit; readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  if (input.passages.length === 0) return []
  if (input.archive === null) {
    throw new AppError(
      'internal',
      'Cannot store passages of a tool call: no archive was given to create. Pass the archive.',
    )
  }
  const { tenantId, agentId } = owner
  const archiveId = ensureArchive(connection, tenantId, {
    agentId,
    archive: input.archive,
    at: input.at,
  })
  for (const given of input.passages) {
    const { sql, values } = findStoredText({ tenantId, archiveId }, given)
    const row = connection.get(sql, ...values)
    if (row !== undefined) throw textStored(asText(row[0]))
  }
  return insertPassages(connection, { tenantId, archiveId }, input.passages).map((after) =>
    passageRecord({ action: 'create', before: null, after, version: 1 }, origin),
  )
}

/** An agent in review mode gets a row that waits for a person. */
function storeProposal(
  connection: Connection,
  tenantId: string,
  { edit, origin }: { readonly edit: JsonObject; readonly origin: ChangeOrigin },
): void {
  const item = toProposal(takeMemoryNumber(connection, tenantId), { edit, origin })
  memoryProposalTable.insert(connection, tenantId, { item })
}

function countOpenCalls(connection: Connection, tenantId: string, stepId: string): number {
  const row = connection.get(
    `SELECT count(*) FROM tool_calls WHERE tenant_id = ? AND step_id = ? AND state <> 'done'`,
    tenantId,
    stepId,
  )
  return asInteger(row?.[0])
}
