import type { MemoryProposal } from '../../domain/memory-change.ts'
import type { MemoryOwner } from '../engine/block-writes.ts'
import {
  continueVersions,
  insertPassageVersion,
  raiseVersion,
  requirePassageVersion,
  selectPassage,
} from '../engine/passage-changes.ts'
import { selectProposal, settleProposal, type Settlement } from '../engine/proposal-changes.ts'
import type { Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type {
  ExpectedPassage,
  MemoryStore,
  MemoryWrite,
  SeenMemory,
} from '../contract/memory-store.ts'
import {
  editedPassage,
  passageRecord,
  toProposal,
  type ChangeOrigin,
  type ChangeRecord,
} from '../engine/memory-records.ts'
import { memoryProposalTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import {
  proposedMeanwhile,
  requireAsSeen,
  requireStates,
  selectNewestProposal,
  selectSeen,
} from '../engine/seen-memory.ts'
import { asInteger, type SqlExpression } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { archiveOfAgent, insertPassages, removePassage, replaceText } from './archive-rows.ts'
import { selectFormerOwners, selectFormerPlace } from '../engine/block-changes.ts'
import {
  attachmentRecord,
  insertReturned,
  toFormerPlace,
  toFormerPlaces,
} from '../engine/returned-blocks.ts'
import { linkBlock, readBlock } from './block-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { readOwnState, recordChanges, takeMemoryNumber } from './memory-changes.ts'
import { writeFacts } from './facts.ts'
import type { Operations } from './operation.ts'
import { writeBlocks } from './write-blocks.ts'

/** Operations that people change an agent's memory by. */
export const memoryWriteOperations: Operations<
  Extract<keyof MemoryStore, 'changeMemory' | 'listProposals' | 'proposeMemory' | 'rejectProposal'>
> = {
  changeMemory(connection, scope, input) {
    const { tenantId } = scope
    const { agentId } = input
    requireAgent(connection, scope, agentId)
    const owner = { tenantId, agentId }
    if (input.seen !== undefined) requireUnchanged(connection, owner, input.seen)
    for (const { blockId } of input.blockEdits) readBlock(connection, scope, blockId)
    if (input.applies !== null) {
      settle(connection, scope, { ...input, number: input.applies, state: 'applied' })
    }
    const origin: ChangeOrigin = { ...input, runId: null }
    const records = [
      ...writeBlocks(connection, owner, { ...input, origin }),
      ...restoreBlocks(connection, owner, { blocks: input.restoredBlocks, origin }),
      ...attachBlocks(connection, scope, { ...input, origin }),
      ...writePassages(connection, owner, { ...input, origin }),
      ...writeFacts(connection, owner, { ...input, origin }),
    ]
    return recordChanges(connection, tenantId, records)
  },

  listProposals(connection, scope, { agentId, state, runId, number, limit }) {
    requireAgent(connection, scope, agentId)
    const conditions = new Conditions()
      .add('p.tenant_id = ? AND p.agent_id = ?', scope.tenantId, agentId)
      .equal('p.state', state)
      .equal('p.run_id', runId)
      .equal('p.number', number)
    return connection
      .all(
        `SELECT ${memoryProposalTable.list('p')} FROM memory_proposals p WHERE ${conditions.sql}
         ORDER BY p.number DESC LIMIT ?`,
        ...conditions.values,
        limit,
      )
      .map((row) => memoryProposalTable.read(row))
  },

  proposeMemory(connection, scope, { agentId, edits, seen, newest, cause, at }) {
    const { tenantId } = scope
    const owner = { tenantId, agentId }
    requireAgent(connection, scope, agentId)
    if (seen !== undefined) requireUnchanged(connection, owner, seen)
    if (newest !== undefined && newestProposal(connection, owner) !== newest) {
      throw proposedMeanwhile(agentId)
    }
    return edits.map((edit) => {
      const number = takeMemoryNumber(connection, tenantId)
      const item = toProposal(number, { edit, origin: { cause, agentId, at } })
      memoryProposalTable.insert(connection, tenantId, { item })
      return item
    })
  },

  rejectProposal(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    return settle(connection, scope, { ...input, state: 'rejected' })
  },
}

function requireUnchanged(connection: Connection, owner: MemoryOwner, seen: SeenMemory): void {
  const queries = selectSeen(owner, seen)
  requireAsSeen(
    seen,
    queries.flatMap(({ sql, values }) => connection.all(sql, ...values)),
  )
  const { states = [] } = seen
  requireStates(
    states,
    states.map((state) => readOwnState(connection, owner, state)),
  )
}

function newestProposal(connection: Connection, owner: MemoryOwner): number {
  const { sql, values } = selectNewestProposal(owner)
  return asInteger(connection.get(sql, ...values)?.[0])
}

function settle(
  connection: Connection,
  scope: TenantScope,
  settlement: Settlement,
): MemoryProposal {
  const { sql, values } = selectProposal(scope.tenantId, settlement)
  const row = connection.get(sql, ...values)
  return settleProposal(connection, { scope, settlement }, row)
}

function restoreBlocks(
  connection: Connection,
  { tenantId, agentId }: MemoryOwner,
  { blocks, origin }: { readonly blocks: readonly Block[]; readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  const records: ChangeRecord[] = []
  for (const block of blocks) {
    records.push(insertReturned(connection, tenantId, { block, origin }))
    const { id, version } = block
    const { sql, values } = selectFormerOwners(tenantId, { id, version: version - 1 })
    const places = toFormerPlaces(agentId, connection.all(sql, ...values))
    for (const [owner, position] of places) {
      linkBlock(connection, tenantId, { agentId: owner, block, position })
      if (owner !== agentId) records.push(attachmentRecord(block, { ...origin, agentId: owner }))
    }
  }
  return records
}

function attachBlocks(
  connection: Connection,
  scope: TenantScope,
  input: Pick<MemoryWrite, 'agentId' | 'attachedBlockIds'> & { readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  const { agentId, origin } = input
  const records: ChangeRecord[] = []
  for (const id of input.attachedBlockIds) {
    // The caller may have lost sight of the block with its last attachment; the agent's history vouches for it.
    const block = readBlock(connection, { ...scope, agentIds: undefined }, id)
    const { sql, values } = selectFormerPlace(scope.tenantId, { agentId, blockId: id })
    const position = toFormerPlace(connection.get(sql, ...values))
    linkBlock(connection, scope.tenantId, { agentId, block, position })
    records.push(attachmentRecord(block, origin))
  }
  return records
}

function writePassages(
  connection: Connection,
  owner: MemoryOwner,
  input: Pick<MemoryWrite, 'deletedPassages' | 'passageEdits' | 'passages'> & {
    readonly origin: ChangeOrigin
  },
): readonly ChangeRecord[] {
  const { tenantId, agentId } = owner
  const { origin } = input
  const archiveId = archiveOfAgent(connection, tenantId, agentId)
  const deleted = input.deletedPassages.map((expected) => {
    const before = requirePassage(connection, owner, { ...expected, archiveId })
    const version = keepPassage(connection, tenantId, before)
    removePassage(connection, tenantId, before)
    return passageRecord({ action: 'delete', before, after: null, version }, origin)
  })
  const edited = input.passageEdits.map((edit) => {
    const before = requirePassage(connection, owner, { ...edit, archiveId })
    const version = keepPassage(connection, tenantId, before)
    const after = editedPassage(before, edit, origin.at)
    replaceText(connection, tenantId, { passage: after, entry: edit.entry })
    return passageRecord({ action: 'edit', before, after, version }, origin)
  })
  const added = input.passages.map(({ passage, entry }) => {
    if (passage.archiveId !== archiveId) throw notFound('archive', passage.archiveId)
    const [after = passage] = insertPassages(connection, { tenantId, archiveId }, [
      { passage, entry },
    ])
    const version = countVersions(connection, continueVersions(tenantId, passage.id))
    return passageRecord({ action: 'create', before: null, after, version }, origin)
  })
  return [...deleted, ...edited, ...added]
}

function requirePassage(
  connection: Connection,
  { tenantId }: MemoryOwner,
  expected: ExpectedPassage & { readonly archiveId: string | null },
): Passage {
  const { sql, values } = selectPassage(tenantId, expected)
  return requirePassageVersion(expected, connection.get(sql, ...values))
}

/** Keeps what a passage is now and gives it the next version, which is returned. */
export function keepPassage(connection: Connection, tenantId: string, passage: Passage): number {
  insertPassageVersion(connection, tenantId, passage)
  return countVersions(connection, raiseVersion(tenantId, passage.id))
}

/** Runs a change that gives a passage its version, which is returned. */
function countVersions(connection: Connection, { sql, values }: SqlExpression): number {
  const row = connection.get(sql, ...values)
  return asInteger(row?.[0])
}
