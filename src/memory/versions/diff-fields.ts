import type { MemoryState } from '../../domain/memory-change.ts'

/** Something of an item besides its text that a change altered. */
export interface FieldChange {
  /** Such as `label` or `tags`. */
  readonly field: string
  /** Null = there was none. */
  readonly before: string | null
  /** Null = there is none. */
  readonly after: string | null
}

/** What differs between two states of an item besides its text; nothing when one of them is not there. */
export function diffFields(
  before: MemoryState | null,
  after: MemoryState | null,
): readonly FieldChange[] {
  if (before === null || after === null) return []
  const [left, right] = [fieldsOf(before), fieldsOf(after)]
  return Object.keys(right).flatMap((field) => {
    const change = { field, before: left[field] ?? null, after: right[field] ?? null }
    return change.before === change.after ? [] : [change]
  })
}

function fieldsOf(state: MemoryState): Readonly<Record<string, string | null>> {
  if ('fact' in state) {
    const { validFrom, statedUntil, origin, sourceMessageIds } = state.fact
    return {
      since: timeText(validFrom),
      until: statedUntil === null ? null : timeText(statedUntil),
      origin,
      sources: listText(sourceMessageIds),
    }
  }
  if (state.subject === 'passage') {
    const { tags, origin, sourceMessageIds } = state.passage
    return { tags: listText(tags), origin, sources: listText(sourceMessageIds) }
  }
  const { label, description, limit, readOnly } = state.block
  return { label, description, limit: String(limit), 'read-only': readOnly ? 'yes' : 'no' }
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}

function listText(items: readonly string[]): string | null {
  return items.length === 0 ? null : items.join(', ')
}
