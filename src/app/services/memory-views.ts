import type { MemoryChange, MemoryProposal } from '../../domain/memory-change.ts'
import type { ChangeNote } from '../../memory/versions/describe-change.ts'
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
}

/** A line of a block and the change that caused it. */
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

/** A block as it was at a time. */
export interface PastBlock {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly description: string | null
  readonly version: number
}

/** What to restore: a block (by label or id) or a passage, to a version or to a time. */
export interface RestoreRequest {
  readonly item: string
  readonly to: { readonly version: number } | { readonly at: number }
}
