import { alreadyDone, finishCall, requireToolMessage } from '../engine/tool-call-rows.ts'
import { writePrefix } from '../engine/conversation-changes.ts'
import type { MessageItem } from '../../domain/conversation.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ToolCommit, TurnStore } from '../contract/turn-store.ts'
import { ensureArchive, insertPassages } from './archive-rows.ts'
import { readCommitted } from './commit-result.ts'
import type { SqlConnection } from './sql-connection.ts'
import { postEvents } from './events.ts'
import { writeFacts } from './facts.ts'
import { lockStructure } from './locks.ts'
import { holdLease, isKept, leaseLost, postRelease, requireUnfollowed } from './leases.ts'
import { postPlacedMessage } from './message-rows.ts'
import type { Passage } from '../../domain/archive.ts'
import { passageRecord, type ChangeRecord } from '../engine/memory-records.ts'
import { notFound } from '../engine/not-found.ts'
import { postChanges, postEditRecord, postProposal, toChangeMaker } from './memory-changes.ts'
import type { Operations, Recovery } from './operation.ts'
import { reserveSequence } from './sequences.ts'
import { asInteger, asOptionalText, asText, type SqlRow } from '../engine/sql-value.ts'
import { findStoredText, textStored } from '../engine/stored-text.ts'
import { otherAgent } from './step-commit.ts'
import { postEnd, type EndingTurn } from './turn-end.ts'
import { postWaitEnd } from './waiting.ts'
import { changesStructure, postBlockEdit, writeBlocks, type PostedEdit } from './write-blocks.ts'

/** Operations on the tool calls of a step, and ending a turn without a step. */
export const toolOperations: Operations<
  Extract<keyof TurnStore, 'startTools' | 'commitTool' | 'endTurn'>
> = {
  async startTools(connection, scope, { lease, stepId, indexes, at }) {
    const held = holdLease(connection, scope.tenantId, lease)
    const calls = indexes.map((index) =>
      requireCall(connection, scope.tenantId, { ...lease, stepId, index }),
    )
    connection.post(
      `UPDATE tool_calls SET state = 'started', started_at = ?
       WHERE tenant_id = ? AND step_id = ? AND "index" = ANY(?) AND state <> 'done'`,
      at,
      scope.tenantId,
      stepId,
      indexes,
    )
    if (await connection.commit()) return
    if ((await held) === undefined) throw leaseLost(lease)
    const found = await Promise.all(calls)
    throw notFound('tool call', `${stepId}[${indexes[found.indexOf(undefined)] ?? 0}]`)
  },

  async commitTool(connection, scope, input) {
    const { tenantId } = scope
    const { lease, end: turnEnd } = input
    const { conversationId } = lease
    const whose = { tenantId, conversationId }
    if (needsLock(input)) lockStructure(connection, tenantId)
    const held = holdLease(connection, tenantId, lease)
    const call = requireOpenCall(connection, whose, input)
    const open = { held, isOpen: call.isOpen, tenantId }
    const posted = await postBlocks(connection, open, input)
    const { stored, explain: explainPassages } = await storePassages(connection, whose, input)
    const facts = await storeFacts(connection, open, input)
    const records = [...posted.records, ...facts]
    postHistory(connection, whose, { input, records, stored })
    finishCall(connection, tenantId, input)
    if (input.prefix !== null) {
      writePrefix(connection, tenantId, { conversationId, prefix: input.prefix })
    }
    const endWait =
      input.wait === undefined
        ? undefined
        : postWaitEnd(connection, tenantId, { ...input, conversationId, ...input.wait })
    const runId = {
      sql: `(SELECT turn.run_id FROM steps step
        JOIN turns turn ON turn.tenant_id = step.tenant_id AND turn.id = step.turn_id
        WHERE step.tenant_id = ? AND step.id = ?)`,
      values: [tenantId, input.stepId],
    }
    const events = postEvents(connection, tenantId, { runId, events: input.events, at: input.at })
    const end = turnEnd === null ? null : await postEnd(connection, whose, turnEnd)
    const placed = postToolMessage(connection, whose, input)
    const released = turnEnd === null ? isKept : postRelease(connection, tenantId, lease)
    if (!(await connection.commit())) {
      if ((await held) === undefined) throw leaseLost(lease)
      await call.explain()
      for (const edit of posted.edits) await edit.explain()
      await explainPassages()
      await endWait?.()
      await end?.explain()
      throw otherAgent(conversationId)
    }
    const item = await placed()
    const own = await events(await call.runId())
    const all = [...own, ...((await end?.events()) ?? [])]
    return { item, request: null, events: all, released: await released() }
  },

  async endTurn(connection, scope, { lease, end }) {
    const { tenantId } = scope
    const { conversationId } = lease
    const held = holdLease(connection, tenantId, lease)
    const posted = await postEnd(connection, { tenantId, conversationId }, end)
    const released = postRelease(connection, tenantId, lease)
    if (!(await connection.commit())) {
      if ((await held) === undefined) throw leaseLost(lease)
      await posted.explain()
    }
    const events = await posted.events()
    return { item: null, request: null, events, released: await released() }
  },
}

/** What {@link toolOperations}.commitTool returned for a result that is stored; null when it is not. */
export const findCommittedTool: Recovery<'commitTool'> = async (connection, scope, input) => {
  const { tenantId } = scope
  const lease = await requireUnfollowed(connection, tenantId, input.lease)
  const row = await connection.get(
    `SELECT turn.run_id FROM tool_calls call
     JOIN turns turn ON turn.tenant_id = call.tenant_id AND turn.id = call.turn_id
     WHERE call.tenant_id = ? AND call.step_id = ? AND call."index" = ? AND call.state = 'done'`,
    tenantId,
    input.stepId,
    input.index,
  )
  if (row === undefined) return null
  const { toolMessage: message } = input
  const commit = { ...input, ...lease, message, request: null, runId: asText(row[0]) }
  return await readCommitted(connection, tenantId, commit)
}

/** What {@link toolOperations}.endTurn returned for an end that is stored; null when it is not. */
export const findEndedTurn: Recovery<'endTurn'> = async (connection, scope, { lease, end }) => {
  const { tenantId } = scope
  const { released } = await requireUnfollowed(connection, tenantId, lease)
  const run = await connection.get(
    `SELECT 1 FROM runs WHERE tenant_id = ? AND id = ? AND completed_at IS NOT NULL`,
    tenantId,
    end.runId,
  )
  if (run === undefined) return null
  const nothing = { message: null, request: null, events: [] }
  const commit = { ...nothing, lease, runId: end.runId, end, released }
  return await readCommitted(connection, tenantId, commit)
}

interface CallKey {
  readonly stepId: string
  readonly index: number
  readonly conversationId: string
}

/** Has the transaction refused without the call. */
function requireCall(
  connection: SqlConnection,
  tenantId: string,
  key: CallKey,
): Promise<SqlRow | undefined> {
  return connection.require(
    `SELECT call.state FROM tool_calls call
     JOIN steps step ON step.tenant_id = call.tenant_id AND step.id = call.step_id
     WHERE call.tenant_id = ? AND call.step_id = ? AND call."index" = ?
       AND step.conversation_id = ?`,
    tenantId,
    key.stepId,
    key.index,
    key.conversationId,
  )
}

/** A call whose result is on its way. */
interface OpenCall {
  /** Resolves with undefined when the transaction was refused for it, or before. */
  readonly isOpen: Promise<SqlRow | undefined>
  /** Waits for the run it belongs to. */
  runId(): Promise<string>
  /** Throws what the transaction was refused for, when the call is the reason. */
  explain(): Promise<void>
}

/**
 * Has the transaction refused unless the call is there without a result, and the message with all returns belongs to
 * exactly the commit that closes the last call.
 */
function requireOpenCall(
  connection: SqlConnection,
  whose: EndingTurn,
  input: ToolCommit,
): OpenCall {
  const { tenantId, conversationId } = whose
  const key = `${input.stepId}[${input.index}]`
  const others = `(SELECT count(*) FROM tool_calls other
    WHERE other.tenant_id = call.tenant_id AND other.step_id = call.step_id
      AND other."index" <> call."index" AND other.state <> 'done')`
  const from = `FROM tool_calls call
    JOIN steps step ON step.tenant_id = call.tenant_id AND step.id = call.step_id
    JOIN turns turn ON turn.tenant_id = step.tenant_id AND turn.id = step.turn_id
    WHERE call.tenant_id = ? AND call.step_id = ? AND call."index" = ? AND step.conversation_id = ?`
  const values = [tenantId, input.stepId, input.index, conversationId]
  const facts = connection.get(`SELECT call.state, turn.run_id, ${others} ${from}`, ...values)
  const isOpen = connection.require(
    `SELECT 1 ${from} AND call.state <> 'done'
       AND ${others} ${input.toolMessage === null ? '>' : '='} 0`,
    ...values,
  )
  return {
    isOpen,
    runId: async () => asText((await facts)?.[1]),
    async explain() {
      const call = await facts
      if (call === undefined) throw notFound('tool call', key)
      if (call[0] === 'done') throw alreadyDone(input)
      requireToolMessage(input, asInteger(call[2]))
    },
  }
}

/** Changes of blocks that were sent, with what has to be recorded of them besides. */
interface PostedBlocks {
  readonly edits: readonly PostedEdit[]
  readonly records: readonly ChangeRecord[]
}

/** What has to hold for a call to be stored: undefined = the transaction was refused. */
interface CheckedCall {
  readonly tenantId: string
  readonly held: Promise<SqlRow | undefined>
  readonly isOpen: Promise<SqlRow | undefined>
}

/** Whether a commit looks at what else there is before it writes. */
function needsLock(input: ToolCommit): boolean {
  return input.passages.length > 0 || (input.facts ?? []).length > 0 || changesStructure(input)
}

/** Stores facts, which have to be read first: round trips of their own. */
async function storeFacts(
  connection: SqlConnection,
  call: CheckedCall,
  input: ToolCommit,
): Promise<readonly ChangeRecord[]> {
  if ((input.facts ?? []).length === 0) return []
  const [head, isOpen] = await Promise.all([call.held, call.isOpen])
  if (head === undefined || isOpen === undefined) return []
  const owner = { tenantId: call.tenantId, agentId: asText(head[0]) }
  const origin = { cause: input.cause, at: input.at }
  return await writeFacts(connection, owner, { ...input, origin })
}

/**
 * Sends the changes of blocks. Creating, detaching and renaming look at what else the agent has: round trips of their
 * own, and errors of their own.
 */
async function postBlocks(
  connection: SqlConnection,
  call: CheckedCall,
  input: ToolCommit,
): Promise<PostedBlocks> {
  const { tenantId } = call
  const origin = { cause: input.cause, at: input.at }
  if (!changesStructure(input)) {
    const edits = input.blockEdits.map((edit) =>
      postBlockEdit(connection, tenantId, { edit, writes: input }),
    )
    return { edits, records: [] }
  }
  const [head, isOpen] = await Promise.all([call.held, call.isOpen])
  if (head === undefined || isOpen === undefined) return { edits: [], records: [] }
  const owner = { tenantId, agentId: asText(head[0]) }
  return { edits: [], records: await writeBlocks(connection, owner, { ...input, origin }) }
}

/** Stores passages in the agent's archive, which has to be known first: a round trip of its own. */
async function storePassages(
  connection: SqlConnection,
  whose: EndingTurn,
  input: ToolCommit,
): Promise<StoredPassages> {
  if (input.passages.length === 0) return noPassages
  const { tenantId, conversationId } = whose
  if (input.archive === null) {
    throw new AppError(
      'internal',
      'Cannot store passages of a tool call: no archive was given to create. Pass the archive.',
    )
  }
  const row = await connection.get(
    `SELECT head.agent_id, own.archive_id FROM conversation_heads head
     LEFT JOIN agent_archives own ON own.tenant_id = head.tenant_id AND own.agent_id = head.agent_id
     WHERE head.tenant_id = ? AND head.conversation_id = ?`,
    tenantId,
    conversationId,
  )
  // Refused by what was sent before.
  if (row === undefined) return noPassages
  const wish = { agentId: asText(row[0]), archive: input.archive, at: input.at }
  const archiveId = asOptionalText(row[1]) ?? (await ensureArchive(connection, tenantId, wish))
  const found = input.passages.map((given) => {
    const { sql, values } = findStoredText({ tenantId, archiveId }, given)
    const same = connection.get(sql, ...values)
    void connection.require(`SELECT 1 WHERE NOT EXISTS (${sql})`, ...values)
    return same
  })
  return {
    stored: insertPassages(connection, { tenantId, archiveId }, input.passages),
    async explain() {
      for (const same of await Promise.all(found)) {
        if (same !== undefined) throw textStored(asText(same[0]))
      }
    },
  }
}

/** Passages that are stored with the transaction. */
interface StoredPassages {
  readonly stored: readonly Passage[]
  /** Throws `conflict` when the transaction was refused because one of the texts is stored by now. */
  explain(): Promise<void>
}

const noPassages: StoredPassages = { stored: [], explain: () => Promise.resolve() }

/** Sends what is recorded of the changes of memory, and the proposal of an agent in review mode. */
function postHistory(
  connection: SqlConnection,
  whose: EndingTurn,
  given: {
    readonly input: ToolCommit
    readonly records: readonly ChangeRecord[]
    readonly stored: readonly Passage[]
  },
): void {
  const { tenantId, conversationId } = whose
  const { input, records, stored } = given
  const origin = { cause: input.cause, at: input.at }
  const by = toChangeMaker(tenantId, { conversationId, stepId: input.stepId })
  const passages = stored.map((after) =>
    passageRecord({ action: 'create', before: null, after, version: 1 }, origin),
  )
  if (!changesStructure(input)) {
    for (const edit of input.blockEdits) postEditRecord(connection, tenantId, { edit, origin, by })
  }
  postChanges(connection, tenantId, { records: [...records, ...passages], by })
  if (input.proposal !== undefined) {
    postProposal(connection, tenantId, { edit: input.proposal, origin, by })
  }
}

/** Sends the message with all returns, if it is complete; returns what waits for it at its place. */
function postToolMessage(
  connection: SqlConnection,
  whose: EndingTurn,
  { toolMessage, position }: ToolCommit,
): () => Promise<MessageItem | null> {
  if (toolMessage === null) return () => Promise.resolve(null)
  const sequence = reserveSequence(connection, whose.tenantId, 1)
  const place = { ...whose, atLeast: 0, keptFree: position, sequence, index: 0 }
  return postPlacedMessage(connection, place, toolMessage)
}
