import type { Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import { type Fact, isTrusted } from '../../domain/fact.ts'
import { replacedValues } from '../lint/replaced-values.ts'
import type { Cleanup } from './cleanup.ts'
import { mergeFacts } from './merge-facts.ts'
import { mergePassages } from './merge-passages.ts'
import { tidyBlock } from './tidy-block.ts'

/** What is tidied. */
export interface ConsolidatedMemory {
  readonly blocks: readonly Block[]
  /** The blocks that other agents have, too: what only this one knows decides nothing about them. */
  readonly sharedBlockIds: ReadonlySet<string>
  /** Oldest first. */
  readonly passages: readonly Passage[]
  /** All that is known. */
  readonly facts: readonly Fact[]
  readonly now: number
}

/**
 * What would make a memory tidy without losing anything: passages that others say, too, are merged, statements that add
 * nothing are closed, blocks lose repeated and empty lines and values that facts have replaced. Needs no model, changes
 * nothing, and has nothing to say about what it left tidy.
 */
export function planConsolidation(memory: ConsolidatedMemory): readonly Cleanup[] {
  const { blocks, sharedBlockIds, passages, facts, now } = memory
  const replaced = replacedValues(
    facts.filter(({ origin }) => isTrusted(origin)),
    now,
  )
  const tidied = blocks
    .filter(({ readOnly }) => !readOnly)
    .map((block) => tidyBlock(block, sharedBlockIds.has(block.id) ? [] : replaced))
  return [
    ...tidied.filter((cleanup) => cleanup !== null),
    ...mergeFacts(facts),
    ...mergePassages(passages),
  ]
}
