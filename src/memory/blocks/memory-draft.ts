import { type Block, countCodePoints, defaultBlockLimit } from '../../domain/block.ts'
import { AppError } from '../../errors/app-error.ts'
import { checked, findEditableBlock, unusable } from './edit-block.ts'

/** A block while one call changes it. */
export interface DraftBlock {
  /** Null = this call creates it. */
  readonly stored: Block | null
  readonly label: string
  readonly value: string
  readonly description: string
  readonly limit: number
  readonly readOnly: boolean
}

/** The blocks of an agent while one call changes several of them: nothing counts before all of it can be done. */
export interface MemoryDraft {
  readonly blocks: readonly DraftBlock[]
  /** Blocks of the agent that the call takes out of its memory. */
  readonly detached: readonly Block[]
}

/** What a draft changes. */
export interface DraftChanges {
  readonly edited: readonly {
    readonly block: Block
    readonly set: {
      readonly value?: string
      readonly label?: string
      readonly description?: string
    }
  }[]
  readonly created: readonly DraftBlock[]
  readonly detached: readonly Block[]
}

/** The longest label, in code points; as on the wire. */
const longestLabel = 200

/** A draft of blocks as they are stored. */
export function draftMemory(blocks: readonly Block[]): MemoryDraft {
  const drafts = blocks.map((block) => ({
    stored: block,
    label: block.label,
    value: block.value,
    description: block.description ?? '',
    limit: block.limit,
    readOnly: block.readOnly,
  }))
  return { blocks: drafts, detached: [] }
}

/** Adds a block. `invalid_argument` for an unusable or taken label, `block_limit_exceeded`. */
export function createInDraft(
  draft: MemoryDraft,
  given: Pick<DraftBlock, 'label' | 'value' | 'description'>,
): MemoryDraft {
  requireFreeLabel(draft, given.label, 'create')
  const empty = { ...given, value: '', stored: null, limit: defaultBlockLimit, readOnly: false }
  const block = { ...empty, value: checked(empty, given.value) }
  return { ...draft, blocks: [...draft.blocks, block] }
}

/** Gives a block the value that `edit` computes. `not_found`, `block_read_only`, and what `edit` throws. */
export function editInDraft(
  draft: MemoryDraft,
  label: string,
  edit: (block: DraftBlock) => string,
): MemoryDraft {
  const block = findEditableBlock(draft.blocks, label)
  return replace(draft, block, { ...block, value: edit(block) })
}

/** Gives a block another label. `not_found`, `block_read_only`, `invalid_argument`. */
export function renameInDraft(draft: MemoryDraft, label: string, newLabel: string): MemoryDraft {
  const block = findEditableBlock(draft.blocks, label)
  requireFreeLabel(draft, newLabel, 'rename')
  return replace(draft, block, { ...block, label: newLabel })
}

/** Says anew what a block is for. `not_found`, `block_read_only`. */
export function describeInDraft(
  draft: MemoryDraft,
  label: string,
  description: string,
): MemoryDraft {
  const block = findEditableBlock(draft.blocks, label)
  return replace(draft, block, { ...block, description })
}

/** Takes a block out of memory. `not_found`, `block_read_only`. */
export function detachInDraft(draft: MemoryDraft, label: string): MemoryDraft {
  const block = findEditableBlock(draft.blocks, label)
  return {
    blocks: draft.blocks.filter((candidate) => candidate !== block),
    detached: block.stored === null ? draft.detached : [...draft.detached, block.stored],
  }
}

/** What has to be written. A block that ends as it began is left alone. */
export function changesOfDraft(draft: MemoryDraft): DraftChanges {
  const edited = draft.blocks.flatMap(({ stored, label, value, description }) => {
    if (stored === null) return []
    const set = {
      ...(value !== stored.value && { value }),
      ...(label !== stored.label && { label }),
      ...(description !== (stored.description ?? '') && { description }),
    }
    return Object.keys(set).length === 0 ? [] : [{ block: stored, set }]
  })
  const created = draft.blocks.filter(({ stored }) => stored === null)
  return { edited, created, detached: draft.detached }
}

function replace(draft: MemoryDraft, old: DraftBlock, next: DraftBlock): MemoryDraft {
  return { ...draft, blocks: draft.blocks.map((block) => (block === old ? next : block)) }
}

function requireFreeLabel(draft: MemoryDraft, label: string, action: string): void {
  const isUsable = label.trim() === label && label !== '' && countCodePoints(label) <= longestLabel
  if (!isUsable || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(label)) {
    throw new AppError(
      'invalid_argument',
      `Cannot ${action} memory block ${JSON.stringify(label)}: a label is one line of 1 to ${longestLabel} characters without blanks around it. Choose another label.`,
    )
  }
  if (!draft.blocks.some((block) => block.label === label)) return
  throw unusable(
    { label },
    'a block of that label exists',
    'Edit that block, or choose another label.',
  )
}
