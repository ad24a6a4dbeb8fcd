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
import type { SqlConnection } from './sql-connection.ts'
import { numberChanges, readOwnState, takeMemoryNumbers } from './memory-changes.ts'
import { lockStructure } from './locks.ts'
import { writeFacts } from './facts.ts'
import type { Operations } from './operation.ts'
import { writeBlocks } from './write-blocks.ts'

/** Operations that people change an agent's memory by. */
export const memoryWriteOperations: Operations<
  Extract<keyof MemoryStore, 'changeMemory' | 'listProposals' | 'proposeMemory' | 'rejectProposal'>
> = {
  async changeMemory(connection, scope, input) {
    lockStructure(connection, scope.tenantId)
    const { tenantId } = scope
    const { agentId } = input
    await requireAgent(connection, scope, agentId)
    const owner = { tenantId, agentId }
    if (input.seen !== undefined) await requireUnchanged(connection, owner, input.seen)
    for (const { blockId } of input.blockEdits) await readBlock(connection, scope, blockId)
    if (input.applies !== null) {
      await settle(connection, scope, { ...input, number: input.applies, state: 'applied' })
    }
    const origin: ChangeOrigin = { ...input, runId: null }
    const records = [
      ...(await writeBlocks(connection, owner, { ...input, origin })),
      ...(await restoreBlocks(connection, owner, { blocks: input.restoredBlocks, origin })),
      ...(await attachBlocks(connection, scope, { ...input, origin })),
      ...(await writePassages(connection, owner, { ...input, origin })),
      ...(await writeFacts(connection, owner, { ...input, origin })),
    ]
    return await numberChanges(connection, tenantId, records)
  },

  async listProposals(connection, scope, { agentId, state, runId, number, limit }) {
    await requireAgent(connection, scope, agentId)
    const conditions = new Conditions()
      .add('p.tenant_id = ? AND p.agent_id = ?', scope.tenantId, agentId)
      .equal('p.state', state)
      .equal('p.run_id', runId)
      .equal('p.number', number)
    const rows = await connection.all(
      `SELECT ${memoryProposalTable.list('p')} FROM memory_proposals p WHERE ${conditions.sql}
         ORDER BY p.number DESC LIMIT ?`,
      ...conditions.values,
      limit,
    )
    return rows.map((row) => memoryProposalTable.read(row))
  },

  async proposeMemory(connection, scope, { agentId, edits, seen, newest, cause, at }) {
    lockStructure(connection, scope.tenantId)
    const { tenantId } = scope
    const owner = { tenantId, agentId }
    await requireAgent(connection, scope, agentId)
    if (seen !== undefined) await requireUnchanged(connection, owner, seen)
    if (newest !== undefined && (await newestProposal(connection, owner)) !== newest) {
      throw proposedMeanwhile(agentId)
    }
    const first = await takeMemoryNumbers(connection, tenantId, edits.length)
    return edits.map((edit, index) => {
      const item = toProposal(first + index, { edit, origin: { cause, agentId, at } })
      memoryProposalTable.insert(connection, tenantId, { item })
      return item
    })
  },

  async rejectProposal(connection, scope, input) {
    await requireAgent(connection, scope, input.agentId)
    return await settle(connection, scope, { ...input, state: 'rejected' })
  },
}

async function requireUnchanged(
  connection: SqlConnection,
  owner: MemoryOwner,
  seen: SeenMemory,
): Promise<void> {
  const queries = selectSeen(owner, seen)
  const rows = await Promise.all(queries.map(({ sql, values }) => connection.all(sql, ...values)))
  requireAsSeen(seen, rows.flat())
  const { states = [] } = seen
  const now = await Promise.all(states.map((state) => readOwnState(connection, owner, state)))
  requireStates(states, now)
}

async function newestProposal(connection: SqlConnection, owner: MemoryOwner): Promise<number> {
  const { sql, values } = selectNewestProposal(owner)
  return asInteger((await connection.get(sql, ...values))?.[0])
}

async function settle(
  connection: SqlConnection,
  scope: TenantScope,
  settlement: Settlement,
): Promise<MemoryProposal> {
  const { sql, values } = selectProposal(scope.tenantId, settlement)
  const row = await connection.get(`${sql} FOR UPDATE`, ...values)
  return settleProposal(connection, { scope, settlement }, row)
}

async function restoreBlocks(
  connection: SqlConnection,
  { tenantId, agentId }: MemoryOwner,
  { blocks, origin }: { readonly blocks: readonly Block[]; readonly origin: ChangeOrigin },
): Promise<readonly ChangeRecord[]> {
  const records: ChangeRecord[] = []
  for (const block of blocks) {
    records.push(insertReturned(connection, tenantId, { block, origin }))
    const { id, version } = block
    const { sql, values } = selectFormerOwners(tenantId, { id, version: version - 1 })
    const places = toFormerPlaces(agentId, await connection.all(sql, ...values))
    for (const [owner, position] of places) {
      await linkBlock(connection, tenantId, { agentId: owner, block, position })
      if (owner !== agentId) records.push(attachmentRecord(block, { ...origin, agentId: owner }))
    }
  }
  return records
}

async function attachBlocks(
  connection: SqlConnection,
  scope: TenantScope,
  input: Pick<MemoryWrite, 'agentId' | 'attachedBlockIds'> & { readonly origin: ChangeOrigin },
): Promise<readonly ChangeRecord[]> {
  const { agentId, origin } = input
  const records: ChangeRecord[] = []
  for (const id of input.attachedBlockIds) {
    // The caller may have lost sight of the block with its last attachment; the agent's history vouches for it.
    const block = await readBlock(connection, { ...scope, agentIds: undefined }, id)
    const { sql, values } = selectFormerPlace(scope.tenantId, { agentId, blockId: id })
    const position = toFormerPlace(await connection.get(sql, ...values))
    await linkBlock(connection, scope.tenantId, { agentId, block, position })
    records.push(attachmentRecord(block, origin))
  }
  return records
}

async function writePassages(
  connection: SqlConnection,
  owner: MemoryOwner,
  input: Pick<MemoryWrite, 'deletedPassages' | 'passageEdits' | 'passages'> & {
    readonly origin: ChangeOrigin
  },
): Promise<readonly ChangeRecord[]> {
  const { tenantId, agentId } = owner
  const { origin } = input
  const archiveId = await archiveOfAgent(connection, tenantId, agentId)
  const records: ChangeRecord[] = []
  for (const expected of input.deletedPassages) {
    const before = await requirePassage(connection, owner, { ...expected, archiveId })
    const version = await keepPassage(connection, tenantId, before)
    removePassage(connection, tenantId, before)
    records.push(passageRecord({ action: 'delete', before, after: null, version }, origin))
  }
  for (const edit of input.passageEdits) {
    const before = await requirePassage(connection, owner, { ...edit, archiveId })
    const version = await keepPassage(connection, tenantId, before)
    const after = editedPassage(before, edit, origin.at)
    await replaceText(connection, tenantId, { passage: after, entry: edit.entry })
    records.push(passageRecord({ action: 'edit', before, after, version }, origin))
  }
  for (const { passage, entry } of input.passages) {
    if (passage.archiveId !== archiveId) throw notFound('archive', passage.archiveId)
    const [after = passage] = insertPassages(connection, { tenantId, archiveId }, [
      { passage, entry },
    ])
    const version = await countVersions(connection, continueVersions(tenantId, passage.id))
    records.push(passageRecord({ action: 'create', before: null, after, version }, origin))
  }
  return records
}

async function requirePassage(
  connection: SqlConnection,
  { tenantId }: MemoryOwner,
  expected: ExpectedPassage & { readonly archiveId: string | null },
): Promise<Passage> {
  const { sql, values } = selectPassage(tenantId, expected)
  return requirePassageVersion(expected, await connection.get(`${sql} FOR UPDATE`, ...values))
}

/** Keeps what a passage is now and gives it the next version, which is returned. */
export async function keepPassage(
  connection: SqlConnection,
  tenantId: string,
  passage: Passage,
): Promise<number> {
  insertPassageVersion(connection, tenantId, passage)
  return await countVersions(connection, raiseVersion(tenantId, passage.id))
}

/** Runs a change that gives a passage its version, which is returned. */
async function countVersions(
  connection: SqlConnection,
  { sql, values }: SqlExpression,
): Promise<number> {
  const row = await connection.get(sql, ...values)
  return asInteger(row?.[0])
}
