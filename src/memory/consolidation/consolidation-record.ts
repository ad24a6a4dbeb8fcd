import type { Passage } from '../../domain/archive.ts'
import type { Block } from '../../domain/block.ts'
import { isTrusted } from '../../domain/fact.ts'
import { countTokens } from '../../llm/count-tokens.ts'
import { quoteAsData } from '../quote.ts'
import { isPiece } from '../comparable-passages.ts'
import type { ConsolidatedMemory } from './plan-consolidation.ts'

/** A line of a block. */
export interface RecordedLine {
  readonly block: Block
  readonly line: string
}

/** What a model is shown of a memory: entries with numbers from 1, by which it answers. */
export interface ConsolidationRecord {
  readonly text: string
  /** Estimated tokens of the text. */
  readonly tokens: number
  readonly lines: readonly RecordedLine[]
  /** Oldest first. */
  readonly passages: readonly Passage[]
}

/** Longer texts are not shown: they are hardly repetitions. */
const longestText = 2000

/**
 * Writes as much of a memory as fits into so many tokens: lines of blocks, then the newest passages. What a tool or page told
 * is left out until a person approves it, and so are documents, read-only blocks and blocks that other agents share.
 */
export function writeRecord(memory: ConsolidatedMemory, room: number): ConsolidationRecord {
  const { blocks, sharedBlockIds } = memory
  const entries = createEntries(room)
  const lines = blocks
    .filter(({ id, readOnly }) => !readOnly && !sharedBlockIds.has(id))
    .flatMap((block) => block.value.split('\n').map((line) => ({ block, line })))
    .filter(({ line }) => line.trim() !== '' && line.length <= longestText)
    .filter(({ block, line }) => entries.takes({ block: block.label, text: line }))
  const shown = memory.passages
    .filter((passage) => isTrusted(passage.origin) && !isPiece(passage))
    .filter(({ text }) => text.length <= longestText)
    .toReversed()
    .filter((passage) => entries.takes(passageEntry(passage)))
    .toReversed()
  const written = [
    ...lines.map(({ block, line }, index) =>
      write({ line: index + 1, block: block.label, text: line }),
    ),
    ...shown.map((passage, index) => write({ passage: index + 1, ...passageEntry(passage) })),
  ]
  const text = ['<memory>', ...written, '</memory>'].join('\n')
  return { text, tokens: countTokens(text), lines, passages: shown }
}

/** Takes entries in as long as there is room. */
function createEntries(room: number): { takes(entry: object): boolean } {
  let left = room
  return {
    takes(entry) {
      const tokens = countTokens(write({ passage: 10_000, ...entry })) + 1
      if (tokens > left) return false
      left -= tokens
      return true
    },
  }
}

function passageEntry({ createdAt, text }: Passage): {
  readonly day: string
  readonly text: string
} {
  return { day: new Date(createdAt).toISOString().slice(0, 10), text }
}

function write(entry: object): string {
  return quoteAsData(JSON.stringify(entry))
}
