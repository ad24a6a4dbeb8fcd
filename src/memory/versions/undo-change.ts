import type { Passage } from '../../domain/archive.ts'
import type { Block, BlockDetails } from '../../domain/block.ts'
import { rebaseText } from './rebase-text.ts'

/** The fields of a block that have versions. */
export type BlockFields = Pick<Block, 'value' | 'label' | 'description' | 'limit' | 'readOnly'> &
  // Not known of versions of old.
  Partial<BlockDetails>

const plainFields = ['label', 'description', 'limit', 'readOnly'] as const
const detailFields = ['metadata', 'tags', 'hidden', 'extra'] as const

/** A change to take back: what it was made from, what it made, and what is there now. */
export interface Undoing<Fields> {
  readonly before: Fields
  readonly after: Fields
  readonly current: Fields
}

/**
 * What a block has to become so that one change of it never happened and later ones stay; only fields that change.
 * Null when a later change touched the same place.
 */
export function undoBlockEdit({
  before,
  after,
  current,
}: Undoing<BlockFields>): Partial<BlockFields> | null {
  const value = rebaseText({ base: after.value, mine: before.value, theirs: current.value })
  if (!value.ok) return null
  const fields = [...plainFields, ...detailFields].filter(
    (field) => field in before && field in after && !isSame(before[field], after[field]),
  )
  if (fields.some((field) => !isSame(current[field], after[field]))) return null
  return {
    ...(value.text !== current.value && { value: value.text }),
    ...Object.fromEntries(fields.map((field) => [field, before[field]])),
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** The fields of a passage that can change. */
export type PassageFields = Pick<Passage, 'text' | 'tags' | 'origin'>

/** The same for a passage. */
export function undoPassageEdit({
  before,
  after,
  current,
}: Undoing<PassageFields>): PassageFields | null {
  const text = rebaseText({ base: after.text, mine: before.text, theirs: current.text })
  if (!text.ok) return null
  const isRetagged = before.tags.join('\n') !== after.tags.join('\n')
  if (isRetagged && current.tags.join('\n') !== after.tags.join('\n')) return null
  const isTrustedAnew = before.origin !== after.origin
  if (isTrustedAnew && current.origin !== after.origin) return null
  return {
    text: text.text,
    tags: isRetagged ? before.tags : current.tags,
    origin: isTrustedAnew ? before.origin : current.origin,
  }
}
