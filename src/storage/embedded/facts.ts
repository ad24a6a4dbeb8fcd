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
import { asOptionalInteger } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import type { Operations } from './operation.ts'
import { addDocument } from './search-index.ts'
import { removeDocuments, removeScope } from './search-removal.ts'
import type { MemoryOwner } from '../engine/block-writes.ts'

/** Reading facts. */
export const factOperations: Operations<keyof FactStore> = {
  listFacts(connection, scope, query) {
    requireAgent(connection, scope, query.agentId)
    const filters = { slots: new Conditions(), wanted: new Conditions() }
    const { sql, values } = selectFacts(scope.tenantId, query, filters)
    return toFacts(connection.all(sql, ...values), query)
  },
}

/** What a turn of an agent is given of its facts. */
export function readPromptFacts(
  connection: Connection,
  tenantId: string,
  { agentId, at }: { readonly agentId: string; readonly at: number },
): readonly Fact[] {
  const { sql, values } = selectPromptFacts(tenantId, agentId, 'cross')
  return toPromptFacts(connection.all(sql, ...values), at)
}

/** Writes facts in order; returns what has to be recorded. Throws `conflict` for what is not as it was expected. */
export function writeFacts(
  connection: Connection,
  owner: MemoryOwner,
  { facts = [], origin }: { readonly facts?: readonly FactWrite[]; readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  return facts.map((write) => {
    switch (write.action) {
      case 'create':
        return createFact(connection, owner, { write, origin })
      case 'edit':
        return editFact(connection, owner, { write, origin })
      case 'delete':
        return deleteFact(connection, owner, { write, origin })
    }
  })
}

/** Removes all facts of an agent and what is recorded of them. */
export function deleteAgentFacts(connection: Connection, tenantId: string, agentId: string): void {
  removeScope(connection, { tenantId, scopeToken: factScope(tenantId, agentId) })
  deleteFactRows(connection, tenantId, agentId)
}

interface Change<Action extends FactWrite['action']> {
  readonly write: Extract<FactWrite, { readonly action: Action }>
  readonly origin: ChangeOrigin
}

function createFact(
  connection: Connection,
  { tenantId, agentId }: MemoryOwner,
  { write, origin }: Change<'create'>,
): ChangeRecord {
  const { fact, entry } = write
  if (fact.agentId !== agentId) throw notFound('agent', fact.agentId)
  const same = selectSameFact(tenantId, fact)
  if (connection.get(same.sql, ...same.values) !== undefined) throw knownAlready(fact.id)
  const last = selectLastFactVersion(tenantId, fact.id)
  const recorded = connection.get(last.sql, ...last.values)
  const version = (asOptionalInteger(recorded?.[0]) ?? 0) + 1
  const after = toStatement(fact, { version, origin })
  insertFactVersion(connection, tenantId, after)
  addDocument(connection, factDocument(tenantId, after, entry))
  return factRecord({ action: 'create', before: null, after, version }, origin)
}

function editFact(
  connection: Connection,
  owner: MemoryOwner,
  { write, origin }: Change<'edit'>,
): ChangeRecord {
  const { tenantId } = owner
  const before = requireVersion(write, readKnown(connection, owner, write.factId))
  const after = toRevision(before, write, origin)
  closeFactVersion(connection, tenantId, { fact: before, at: origin.at })
  insertFactVersion(connection, tenantId, after)
  removeDocuments(connection, tenantId, [after.id])
  addDocument(connection, factDocument(tenantId, after, write.entry))
  return factRecord({ action: 'edit', before, after, version: after.version }, origin)
}

function deleteFact(
  connection: Connection,
  owner: MemoryOwner,
  { write, origin }: Change<'delete'>,
): ChangeRecord {
  const { tenantId } = owner
  const before = requireVersion(write, readKnown(connection, owner, write.factId))
  closeFactVersion(connection, tenantId, { fact: before, at: origin.at })
  removeDocuments(connection, tenantId, [before.id])
  const version = before.version + 1
  return factRecord({ action: 'delete', before, after: null, version }, origin)
}

function readKnown(connection: Connection, owner: MemoryOwner, id: string): StatedFact | null {
  const { sql, values } = selectKnownFact(owner, id)
  return toFactOrNull(connection.get(sql, ...values))
}
