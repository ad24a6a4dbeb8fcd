import type { Block } from '../../domain/block.ts'
import { insertBlockVersion } from './block-changes.ts'
import { blockTable } from './block-tables.ts'
import { blockRecord, type ChangeOrigin, type ChangeRecord } from './memory-records.ts'
import { asOptionalInteger, asText, type SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** Stores a block that comes back, with the next entry of its history; returns what has to be recorded. */
export function insertReturned(
  target: ChangeTarget,
  tenantId: string,
  { block, origin }: { readonly block: Block; readonly origin: ChangeOrigin },
): ChangeRecord {
  blockTable.insert(target, tenantId, { item: block })
  insertBlockVersion(target, tenantId, { block, cause: origin.cause })
  return blockRecord({ action: 'create', before: null, after: block }, origin)
}

/**
 * To whom a block comes back, and at which places: to those that `selectFormerOwners` found, and to the agent that takes it
 * back, at the end (null) if it did not have it.
 */
export function toFormerPlaces(
  agentId: string,
  rows: readonly SqlRow[],
): ReadonlyMap<string, number | null> {
  const places = rows.map(([owner, place]) => [asText(owner), asOptionalInteger(place)] as const)
  return new Map([[agentId, null], ...places])
}

/** The place that `selectFormerPlace` found; null = the agent never had one. */
export function toFormerPlace(row: SqlRow | undefined): number | null {
  const [place = null] = row ?? []
  return asOptionalInteger(place)
}

/** What has to be recorded of a block that an agent has again. */
export function attachmentRecord(block: Block, origin: ChangeOrigin): ChangeRecord {
  return blockRecord({ action: 'attach', before: block, after: block }, origin)
}
