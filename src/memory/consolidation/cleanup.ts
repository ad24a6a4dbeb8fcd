/** A removal, and what says the same and stays. */
export interface Kept {
  /** The text that goes. */
  readonly text: string
  /** The passage, fact or block that says it. */
  readonly keptBy: string
  /** The text there that says it in other words, which only a person can judge; absent = it stands there word for word. */
  readonly saidBy?: string
}

/**
 * A few changes of memory that belong together. They lose nothing: whatever goes is named with what keeps it, and an edit
 * whose removals are not kept is refused as a whole.
 */
export interface Cleanup {
  /** The same for the same finding, so that what a person rejected is not proposed again. */
  readonly key: string
  /** A short phrase such as `merge passages`. */
  readonly reason: string
  /** What it would do, in words. */
  readonly notes: readonly string[]
  /** New values of blocks. */
  readonly blocks: readonly {
    readonly blockId: string
    readonly expectedVersion: number
    readonly value: string
  }[]
  /** The lines that the new values leave out, empty ones aside. */
  readonly removedLines: readonly Kept[]
  /** Passages that go, as they were when that was decided. */
  readonly removedPassages: readonly (Kept & { readonly passageId: string })[]
  /** Passages that get tags or a longer text, as they were when that was decided. */
  readonly taggedPassages: readonly {
    readonly passageId: string
    readonly text: string
    readonly tags: readonly string[]
    /** The new text, which says all that the old one says; absent = it stays. */
    readonly becomes?: string
    /** The messages it comes from now; absent = they stay. */
    readonly sourceMessageIds?: readonly string[]
  }[]
  /** Facts that another one says, too, and which one. */
  readonly mergedFacts: readonly { readonly factId: string; readonly keptBy: string }[]
}

/** A cleanup that does nothing yet. */
export const emptyCleanup: Omit<Cleanup, 'key' | 'reason'> = {
  notes: [],
  blocks: [],
  removedLines: [],
  removedPassages: [],
  taggedPassages: [],
  mergedFacts: [],
}
