import { createHash } from 'node:crypto'
import type { Passage } from '../../domain/archive.ts'
import type { Block, ChangeCause } from '../../domain/block.ts'
import { slotText, type StatedFact } from '../../domain/fact.ts'
import type { MemoryAction, MemoryChange, MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { JsonObject } from '../../util/json.ts'
import type { PassageEdit } from '../contract/memory-store.ts'
import { asInteger, asText, type SqlRow } from './sql-value.ts'

/** A change before it has its number. */
export type ChangeRecord = Omit<MemoryChange, 'number'>

/** In whose name a change is made. */
export interface ChangeOrigin {
  readonly cause: ChangeCause
  readonly agentId?: string | null
  readonly runId?: string | null
  readonly undoes?: number | null
  readonly at: number
}

/** The cause of a change that a caller made by an operation that carries none. */
export function callerCause(scope: TenantScope, reason: string): ChangeCause {
  return { actor: { kind: 'user', id: scope.userId }, reason, sourceMessageIds: [] }
}

/** The record of a change of a block; `before` is null for a new one, `after` for a deleted one. */
export function blockRecord(
  change: {
    readonly action: MemoryAction
    readonly before: Block | null
    readonly after: Block | null
    /** The place it had among the agent's blocks. Default: null. */
    readonly position?: number | null
  },
  origin: ChangeOrigin,
): ChangeRecord {
  const { action, before, after, position = null } = change
  const block = after ?? before
  return {
    subject: 'block',
    itemId: block?.id ?? '',
    ownerId: block?.id ?? '',
    label: block?.label ?? null,
    action,
    version: after?.version ?? (before?.version ?? 0) + 1,
    beforeHash: before === null ? null : textHash(before.value),
    afterHash: after === null ? null : textHash(after.value),
    ...originFields(origin),
    position,
  }
}

/** The records of a block's deletion, one for each agent it is taken from, which has its place. */
export function deletionRecords(
  before: Block,
  { links, origin }: { readonly links: readonly SqlRow[]; readonly origin: ChangeOrigin },
): readonly ChangeRecord[] {
  const deletion = { action: 'delete', before, after: null } as const
  if (links.length === 0) return [blockRecord(deletion, origin)]
  return links.map(([agentId, place]) =>
    blockRecord(
      { ...deletion, position: asInteger(place) },
      { ...origin, agentId: asText(agentId) },
    ),
  )
}

/** The record of a change of a passage, whose version with the change is `version`. */
export function passageRecord(
  change: {
    readonly action: MemoryAction
    readonly before: Passage | null
    readonly after: Passage | null
    readonly version: number
  },
  origin: ChangeOrigin,
): ChangeRecord {
  const { action, before, after, version } = change
  const passage = after ?? before
  return {
    subject: 'passage',
    itemId: passage?.id ?? '',
    ownerId: passage?.archiveId ?? '',
    label: null,
    action,
    version,
    beforeHash: before === null ? null : textHash(before.text),
    afterHash: after === null ? null : textHash(after.text),
    ...originFields(origin),
  }
}

/** The record of a change of a fact, whose version with the change is `version`. */
export function factRecord(
  change: {
    readonly action: MemoryAction
    readonly before: StatedFact | null
    readonly after: StatedFact | null
    readonly version: number
  },
  origin: ChangeOrigin,
): ChangeRecord {
  const { action, before, after, version } = change
  const fact = after ?? before
  return {
    subject: fact?.kind ?? 'fact',
    itemId: fact?.id ?? '',
    ownerId: fact?.agentId ?? '',
    label: fact === null ? null : slotText(fact),
    action,
    version,
    beforeHash: before === null ? null : textHash(before.value),
    afterHash: after === null ? null : textHash(after.value),
    ...originFields(origin),
  }
}

/** An open proposal. */
export function toProposal(
  number: number,
  { edit, origin }: { readonly edit: JsonObject; readonly origin: ChangeOrigin },
): MemoryProposal {
  const { cause, agentId, runId = null, at } = origin
  return {
    ...cause,
    number,
    agentId: agentId ?? '',
    runId,
    state: 'open',
    edit,
    createdAt: at,
    settledAt: null,
    settledById: null,
  }
}

/** A passage after an edit: what the edit does not name stays. */
export function editedPassage(
  before: Passage,
  { text, tags, origin = before.origin, sourceMessageIds = before.sourceMessageIds }: PassageEdit,
  updatedAt: number,
): Passage {
  return { ...before, text, tags, origin, sourceMessageIds, updatedAt }
}

function originFields(
  origin: ChangeOrigin,
): Omit<
  ChangeRecord,
  'subject' | 'itemId' | 'ownerId' | 'label' | 'action' | 'version' | 'beforeHash' | 'afterHash'
> {
  const { cause, agentId = null, runId = null, undoes = null, at } = origin
  return { ...cause, agentId, runId, undoes, position: null, createdAt: at }
}

function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
