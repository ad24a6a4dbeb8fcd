import type { Fact, StatedFact } from '../../domain/fact.ts'
import type { FactStore, FactWrite } from '../contract/fact-store.ts'
import {
  closeFactVersion,
  deleteFactRows,
  insertFactVersion,
  selectKnownFact,
  selectLastFactVersion,
  selectSameFact,
  toFactOrNull,
} from '../engine/fact-changes.ts'
import { selectFacts, selectPromptFacts, toFacts, toPromptFacts } from '../engine/fact-query.ts'
import {
  factDocument,
  factScope,
  knownAlready,
  requireVersion,
  toRevision,
  toStatement,
} from '../engine/fact-table.ts'
import { factRecord, type ChangeOrigin, type ChangeRecord } from '../engine/memory-records.ts'
import { notFound } from '../engine/not-found.ts'
import { asOptionalInteger, type SqlExpression } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Operations } from './operation.ts'
import { addDocument, removeDocuments, removeScope } from './search-index.ts'
import { reserveSequence } from './sequences.ts'
import type { SqlConnection } from './sql-connection.ts'
import type { MemoryOwner } from '../engine/block-writes.ts'

/** Reading facts. */
export const factOperations: Operations<keyof FactStore> = {
  async listFacts(connection, scope, query) {
    const filters = { slots: new Conditions(), wanted: new Conditions() }
    const { sql, values } = selectFacts(scope.tenantId, query, filters)
    const [, rows] = await Promise.all([
      requireAgent(connection, scope, query.agentId),
      connection.all(sql, ...values),
    ])
    return toFacts(rows, query)
  },
}

/** What a turn of an agent is given of its facts. */
export async function readPromptFacts(
  connection: SqlConnection,
  tenantId: string,
  { agentId, at }: { readonly agentId: SqlExpression; readonly at: number },
): Promise<readonly Fact[]> {
  const { sql, values } = selectPromptFacts(tenantId, agentId, 'lateral')
  return toPromptFacts(await connection.all(sql, ...values), at)
}

/** Writes facts in order; returns what has to be recorded. Throws `conflict` for what is not as it was expected. */
export async function writeFacts(
  connection: SqlConnection,
  owner: MemoryOwner,
  { facts = [], origin }: { readonly facts?: readonly FactWrite[]; readonly origin: ChangeOrigin },
): Promise<readonly ChangeRecord[]> {
  const records: ChangeRecord[] = []
  for (const write of facts) records.push(await writeFact(connection, owner, { write, origin }))
  return records
}

async function writeFact(
  connection: SqlConnection,
  owner: MemoryOwner,
  { write, origin }: { readonly write: FactWrite; readonly origin: ChangeOrigin },
): Promise<ChangeRecord> {
  switch (write.action) {
    case 'create':
      return await createFact(connection, owner, { write, origin })
    case 'edit':
      return await editFact(connection, owner, { write, origin })
    case 'delete':
      return await deleteFact(connection, owner, { write, origin })
  }
}

/** Removes all facts of an agent and what is recorded of them. */
export function deleteAgentFacts(
  connection: SqlConnection,
  tenantId: string,
  agentId: string,
): void {
  removeScope(connection, { tenantId, scopeToken: factScope(tenantId, agentId) })
  deleteFactRows(connection, tenantId, agentId)
}

interface Change<Action extends FactWrite['action']> {
  readonly write: Extract<FactWrite, { readonly action: Action }>
  readonly origin: ChangeOrigin
}

async function createFact(
  connection: SqlConnection,
  { tenantId, agentId }: MemoryOwner,
  { write, origin }: Change<'create'>,
): Promise<ChangeRecord> {
  const { fact, entry } = write
  if (fact.agentId !== agentId) throw notFound('agent', fact.agentId)
  const same = selectSameFact(tenantId, fact)
  if ((await connection.get(same.sql, ...same.values)) !== undefined) throw knownAlready(fact.id)
  const last = selectLastFactVersion(tenantId, fact.id)
  const recorded = await connection.get(last.sql, ...last.values)
  const version = (asOptionalInteger(recorded?.[0]) ?? 0) + 1
  const after = toStatement(fact, { version, origin })
  insertFactVersion(connection, tenantId, after)
  const sequence = reserveSequence(connection, tenantId, 1).at(0)
  addDocument(connection, { ...factDocument(tenantId, after, entry), sequence })
  return factRecord({ action: 'create', before: null, after, version }, origin)
}

async function editFact(
  connection: SqlConnection,
  owner: MemoryOwner,
  { write, origin }: Change<'edit'>,
): Promise<ChangeRecord> {
  const { tenantId } = owner
  const before = requireVersion(write, await readKnown(connection, owner, write.factId))
  const after = toRevision(before, write, origin)
  closeFactVersion(connection, tenantId, { fact: before, at: origin.at })
  insertFactVersion(connection, tenantId, after)
  removeDocuments(connection, { tenantId, itemIds: [after.id] })
  const sequence = reserveSequence(connection, tenantId, 1).at(0)
  addDocument(connection, { ...factDocument(tenantId, after, write.entry), sequence })
  return factRecord({ action: 'edit', before, after, version: after.version }, origin)
}

async function deleteFact(
  connection: SqlConnection,
  owner: MemoryOwner,
  { write, origin }: Change<'delete'>,
): Promise<ChangeRecord> {
  const { tenantId } = owner
  const before = requireVersion(write, await readKnown(connection, owner, write.factId))
  closeFactVersion(connection, tenantId, { fact: before, at: origin.at })
  removeDocuments(connection, { tenantId, itemIds: [before.id] })
  const version = before.version + 1
  return factRecord({ action: 'delete', before, after: null, version }, origin)
}

async function readKnown(
  connection: SqlConnection,
  owner: MemoryOwner,
  id: string,
): Promise<StatedFact | null> {
  const { sql, values } = selectKnownFact(owner, id)
  return toFactOrNull(await connection.get(sql, ...values))
}
