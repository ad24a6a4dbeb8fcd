import type { MemoryState } from '../../domain/memory-change.ts'
import { AppError } from '../../errors/app-error.ts'
import type { SeenMemory } from '../contract/memory-store.ts'
import { among, inParts } from './forget-rows.ts'
import { asText, type SqlExpression, type SqlRow } from './sql-value.ts'

/** Whose memory was seen. */
interface Owner {
  readonly tenantId: string
  readonly agentId: string
}

/** The queries for what is now where a caller has seen something; {@link requireAsSeen} compares their rows. */
export function selectSeen(
  { tenantId, agentId }: Owner,
  { blocks, passages, facts }: SeenMemory,
): readonly SqlExpression[] {
  const select = (sql: string, owner: readonly string[], ids: readonly string[]) =>
    inParts([...new Set(ids)]).map((part): SqlExpression => {
      const list = among(part)
      return { sql: `${sql} AND id ${list.sql}`, values: [...owner, ...list.values] }
    })
  return [
    ...select(
      `SELECT id, version FROM blocks WHERE tenant_id = ?`,
      [tenantId],
      blocks.map(({ blockId }) => blockId),
    ),
    ...select(
      `SELECT id, text FROM passages WHERE tenant_id = ?`,
      [tenantId],
      passages.map(({ passageId }) => passageId),
    ),
    ...select(
      `SELECT id, version FROM facts WHERE tenant_id = ? AND agent_id = ? AND closed_at IS NULL`,
      [tenantId, agentId],
      facts.map(({ factId }) => factId),
    ),
  ]
}

/** Throws `conflict` (reason `version`) unless past versions are what they were seen to be; `now` is in their order. */
export function requireStates(
  seen: NonNullable<SeenMemory['states']>,
  now: readonly (MemoryState | null)[],
): void {
  const changed = seen.find(
    ({ state }, index) => JSON.stringify(state) !== JSON.stringify(now[index] ?? null),
  )
  if (changed !== undefined) throw notAsSeen(changed.itemId)
}

/** Throws `conflict` (reason `version`) unless everything is as it was seen. */
export function requireAsSeen(
  { blocks, passages, facts }: SeenMemory,
  rows: readonly SqlRow[],
): void {
  const now = new Map(rows.map(([id, value]) => [asText(id), value]))
  const seen: readonly (readonly [id: string, value: string | number])[] = [
    ...blocks.map(({ blockId, expectedVersion }) => [blockId, expectedVersion] as const),
    ...passages.map(({ passageId, text }) => [passageId, text] as const),
    ...facts.map(({ factId, expectedVersion }) => [factId, expectedVersion] as const),
  ]
  const changed = seen.find(([id, value]) => String(now.get(id)) !== String(value))
  if (changed !== undefined) throw notAsSeen(changed[0])
}

/** The error for what is not any more what a change of memory was made from. */
export function notAsSeen(id: string): AppError {
  return new AppError(
    'conflict',
    `Cannot change memory: ${id} is not as it was any more. Read it again and repeat the change.`,
    { data: { reason: 'version', item_id: id } },
  )
}

/** The query for the number of an agent's newest proposal. */
export function selectNewestProposal({ tenantId, agentId }: Owner): SqlExpression {
  return {
    sql: `SELECT coalesce(max(number), 0) FROM memory_proposals WHERE tenant_id = ? AND agent_id = ?`,
    values: [tenantId, agentId],
  }
}

/** The error when something was proposed that the caller did not know of. */
export function proposedMeanwhile(agentId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot propose a change of the memory of ${agentId}: something else was proposed meanwhile. List its proposals and repeat it.`,
    { data: { reason: 'proposed', agent_id: agentId } },
  )
}
