import type { Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type {
  ExpectedPassage,
  MemoryStore,
  MemoryWrite,
  SeenMemory,
} from '../contract/memory-store.ts'
import { passageTable } from '../engine/archive-tables.ts'
import { blockTable } from '../engine/block-tables.ts'
import {
  blockRecord,
  editedPassage,
  passageRecord,
  toProposal,
  type ChangeOrigin,
  type ChangeRecord,
} from '../engine/memory-records.ts'
import { memoryProposalTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import { proposalSettled } from '../engine/proposal-settled.ts'
import {
  proposedMeanwhile,
  requireSeen,
  selectNewestProposal,
  selectSeen,
} from '../engine/seen-memory.ts'
import { toJsonColumn, asInteger } from '../engine/sql-value.ts'
import { versionConflict } from '../engine/version-conflict.ts'
import { requireAgent } from './agent-rows.ts'
import { archiveOfAgent, insertPassages, removePassage, replaceText } from './archive-rows.ts'
import { insertBlockVersion } from '../engine/block-changes.ts'
import { linkBlock, readBlock } from './block-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { recordChanges, takeMemoryNumber } from './memory-changes.ts'
import { writeFacts } from './facts.ts'
import type { Operations } from './operation.ts'
import { writeBlocks, type MemoryOwner } from './write-blocks.ts'

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

  listProposals(connection, scope, { agentId, state, number, limit }) {
    requireAgent(connection, scope, agentId)
    const conditions = new Conditions()
      .add('p.tenant_id = ? AND p.agent_id = ?', scope.tenantId, agentId)
      .equal('p.state', state)
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
  requireSeen(
    seen,
    queries.flatMap(({ sql, values }) => connection.all(sql, ...values)),
  )
}

function newestProposal(connection: Connection, owner: MemoryOwner): number {
  const { sql, values } = selectNewestProposal(owner)
  return asInteger(connection.get(sql, ...values)?.[0])
}

function settle(
  connection: Connection,
  scope: TenantScope,
  input: {
    readonly agentId: string
    readonly number: number
    readonly state: 'applied' | 'rejected'
    readonly at: number
  },
): ReturnType<typeof memoryProposalTable.read> {
  const { agentId, number, state, at } = input
  const row = connection.get(
    `SELECT ${memoryProposalTable.list('p')} FROM memory_proposals p
     WHERE p.tenant_id = ? AND p.number = ? AND p.agent_id = ?`,
    scope.tenantId,
    number,
    agentId,
  )
  if (row === undefined) throw notFound('proposal', `m-${number}`)
  const proposal = memoryProposalTable.read(row)
  if (proposal.state !== 'open') throw proposalSettled(proposal)
  connection.run(
    `UPDATE memory_proposals SET state = ?, settled_at = ?, settled_by_id = ?
     WHERE tenant_id = ? AND number = ?`,
    state,
    at,
    scope.userId,
    scope.tenantId,
    number,
  )
  return { ...proposal, state, settledAt: at, settledById: scope.userId }
}

function restoreBlocks(
  connection: Connection,
  { tenantId, agentId }: MemoryOwner,
  { blocks, origin }: { readonly blocks: readonly Block[]; readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  return blocks.map((block) => {
    blockTable.insert(connection, tenantId, { item: block })
    insertBlockVersion(connection, tenantId, { block, cause: origin.cause })
    linkBlock(connection, tenantId, { agentId, block })
    return blockRecord({ action: 'create', before: null, after: block }, origin)
  })
}

function attachBlocks(
  connection: Connection,
  scope: TenantScope,
  input: Pick<MemoryWrite, 'agentId' | 'attachedBlockIds'> & { readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  return input.attachedBlockIds.map((id) => {
    // The caller may have lost sight of the block with its last attachment; the agent's history vouches for it.
    const block = readBlock(connection, { ...scope, agentIds: undefined }, id)
    linkBlock(connection, scope.tenantId, { agentId: input.agentId, block })
    return blockRecord({ action: 'attach', before: block, after: block }, input.origin)
  })
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
    const version = continueVersions(connection, tenantId, passage.id)
    return passageRecord({ action: 'create', before: null, after, version }, origin)
  })
  return [...deleted, ...edited, ...added]
}

function requirePassage(
  connection: Connection,
  { tenantId }: MemoryOwner,
  expected: ExpectedPassage & { readonly archiveId: string | null },
): Passage {
  const { passageId, expectedVersion, archiveId } = expected
  const row = connection.get(
    `SELECT s.version, ${passageTable.list('s')} FROM passages s
     WHERE s.tenant_id = ? AND s.id = ? AND s.archive_id = ?`,
    tenantId,
    passageId,
    archiveId,
  )
  if (row === undefined) throw notFound('passage', passageId)
  const current = asInteger(row[0])
  if (current !== expectedVersion) {
    throw versionConflict(passageId, { expected: expectedVersion, current })
  }
  return passageTable.read(row, 1)
}

/** Keeps what a passage is now and gives it the next version, which is returned. */
export function keepPassage(connection: Connection, tenantId: string, passage: Passage): number {
  connection.run(
    `INSERT INTO passage_versions (tenant_id, passage_id, version, archive_id, item)
     SELECT s.tenant_id, s.id, s.version, s.archive_id, ? FROM passages s
     WHERE s.tenant_id = ? AND s.id = ?`,
    toJsonColumn(passage),
    tenantId,
    passage.id,
  )
  const row = connection.get(
    `UPDATE passages SET version = version + 1 WHERE tenant_id = ? AND id = ? RETURNING version`,
    tenantId,
    passage.id,
  )
  return asInteger(row?.[0])
}

/** Lets a passage that is brought back go on counting where it ended; a deletion counts as a version, too. */
function continueVersions(connection: Connection, tenantId: string, id: string): number {
  const row = connection.get(
    `UPDATE passages SET version = coalesce((SELECT max(c.version) FROM memory_changes c
       WHERE c.tenant_id = passages.tenant_id AND c.item_id = passages.id), 0) + 1
     WHERE tenant_id = ? AND id = ? RETURNING version`,
    tenantId,
    id,
  )
  return asInteger(row?.[0])
}
