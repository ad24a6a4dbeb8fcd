import type {
  MemoryAction,
  MemoryChange,
  MemoryProposal,
  MemorySubject,
} from '../../domain/memory-change.ts'
import type { ChangeNote } from '../../memory/versions/describe-change.ts'
import type { FieldChange } from '../../memory/versions/diff-fields.ts'
import type { DiffLine } from '../../memory/versions/diff-lines.ts'

/** A change with what it did, in words. */
export interface DescribedChange {
  readonly change: MemoryChange
  readonly note: ChangeNote
}

/** A proposal with what it would do, in words. */
export interface DescribedProposal {
  readonly proposal: MemoryProposal
  readonly notes: readonly string[]
}

/** A change line by line. */
export interface ChangeDiff extends DescribedChange {
  readonly lines: readonly DiffLine[]
  /** What changed besides the text. */
  readonly fields: readonly FieldChange[]
}

/** What a proposal would do to one item. */
export interface ProposedChange {
  readonly subject: MemorySubject
  /** Null = it would be new. */
  readonly itemId: string | null
  /** The block's label, or what the fact is about; null for passages. */
  readonly label: string | null
  readonly action: MemoryAction
  readonly lines: readonly DiffLine[]
  /** What would change besides the text. */
  readonly fields: readonly FieldChange[]
}

/** A proposal line by line. */
export interface ProposalDiff extends DescribedProposal {
  readonly changes: readonly ProposedChange[]
  /** Why an open proposal cannot be applied to memory as it is, in a sentence; null = nothing is in the way, or it is settled. */
  readonly obstacle: string | null
}

/** A line of a block, passage or fact and the change that caused it. */
export interface BlameEntry {
  readonly line: string
  /** Null = the change is not in the history any more. */
  readonly change: MemoryChange | null
  /** What the user said that led to it, as far as it is stored. */
  readonly quotes: readonly {
    readonly messageId: string
    readonly text: string
    readonly at: number
  }[]
}

/** A block, passage or fact as it was at a time. */
export interface PastItem {
  readonly id: string
  readonly subject: MemorySubject
  /** The block's label, or what the fact is about; null for a passage. */
  readonly label: string | null
  readonly value: string
  /** That of a block. */
  readonly description: string | null
  readonly version: number
}

/** What to restore: a block (by label or id), a passage or a fact, to a version or to a time. */
export interface RestoreRequest {
  readonly item: string
  readonly to: { readonly version: number } | { readonly at: number }
}
