import type { AppError } from '../../errors/app-error.ts'
import { isTrusted, type StatedFact } from '../../domain/fact.ts'
import type { ExpectedFact, FactWrite, NewFact } from '../contract/fact-store.ts'
import type { SearchEntry } from '../contract/search-entry.ts'
import type { ChangeOrigin } from './memory-records.ts'
import { toScopeToken } from './search-tokens.ts'
import type { SqlInput } from './sql-value.ts'
import { Table } from './table.ts'
import { versionConflict } from './version-conflict.ts'

/** The table of facts: a row for each version. */
export const factTable = new Table<StatedFact>({
  name: 'facts',
  columns: {
    id: 'text',
    version: 'integer',
    agentId: 'text',
    kind: 'text',
    subject: 'text',
    attribute: 'text',
    value: 'text',
    slot: 'text',
    valueKey: 'text',
    isAdded: 'boolean',
    validFrom: 'integer',
    statedUntil: 'integer',
    origin: 'text',
    sourceMessageIds: 'json',
    actor: 'json',
    reason: 'text',
    recordedAt: 'integer',
    closedAt: 'integer',
  },
  engineColumns: ['is_trusted'],
})

/** What the engine's own columns hold of a fact. */
export function factEngineValues(fact: Pick<StatedFact, 'origin'>): readonly SqlInput[] {
  return [isTrusted(fact.origin) ? 1 : 0]
}

/** A statement as it is stored. */
export function toStatement(
  fact: NewFact,
  { version, origin }: { readonly version: number; readonly origin: ChangeOrigin },
): StatedFact {
  const { cause, at } = origin
  const { actor, reason } = cause
  return { ...fact, version, actor, reason, recordedAt: at, closedAt: null }
}

/** A fact as a revision makes it. */
export function toRevision(
  current: StatedFact,
  { set }: Extract<FactWrite, { action: 'edit' }>,
  origin: ChangeOrigin,
): StatedFact {
  return toStatement({ ...current, ...set }, { version: current.version + 1, origin })
}

/** What search finds a fact by, as the index takes it. */
export function factDocument(
  tenantId: string,
  { id, agentId, validFrom }: Pick<StatedFact, 'id' | 'agentId' | 'validFrom'>,
  entry: SearchEntry,
): {
  readonly tenantId: string
  readonly itemId: string
  readonly scopeToken: string
  readonly entry: SearchEntry
  readonly role: null
  readonly conversationId: null
  readonly createdAt: number
} {
  const scopeToken = factScope(tenantId, agentId)
  const place = { role: null, conversationId: null, createdAt: validFrom }
  return { tenantId, itemId: id, scopeToken, entry, ...place }
}

/** The token of the part of the index that holds an agent's facts. */
export function factScope(tenantId: string, agentId: string): string {
  return toScopeToken({ kind: 'facts', tenantId, ownerId: agentId })
}

/** The fact that a change was computed from; throws `conflict` when it is at another version, or known no longer. */
export function requireVersion(
  { factId, expectedVersion }: ExpectedFact,
  current: StatedFact | null,
): StatedFact {
  if (current?.version === expectedVersion) return current
  throw versionConflict(factId, { expected: expectedVersion, current: current?.version ?? null })
}

/** The error for a statement that is known already. */
export function knownAlready(id: string): AppError {
  return versionConflict(id, { expected: 0, current: null })
}
