import { createHash } from 'node:crypto'
import type { Passage } from '../../domain/archive.ts'
import { clipToCharacters } from '../clip-text.ts'
import { type Cleanup, emptyCleanup } from './cleanup.ts'
import type { ConsolidationRecord, RecordedLine } from './consolidation-record.ts'
import { comparableGroup } from '../comparable-passages.ts'
import type { Suggestions } from './read-suggestions.ts'
import { mayRepeat, saysAll, sentencesOf } from './sentences.ts'

/** What a model's suggestions come to. */
export interface PlannedSuggestions {
  /** Lose nothing for certain: what goes stands word for word in what stays. */
  readonly certain: readonly Cleanup[]
  /** Lose nothing if the model is right that a text says the same in other words: a person decides. */
  readonly uncertain: readonly Cleanup[]
  /** How many would lose something, and are dropped. */
  readonly refused: number
}

/** Passages that are joined to more than this are better found apart. */
const longestMerged = 4000

/** Turns suggestions into cleanups; the texts are those of the record, no word is the model's. */
export function planSuggestions(
  record: Pick<ConsolidationRecord, 'lines' | 'passages'>,
  suggestions: Suggestions,
): PlannedSuggestions {
  const passage = (number: number): Passage => at(record.passages, number)
  const line = (number: number): RecordedLine => at(record.lines, number)
  const certain = suggestions.merge.map((numbers) =>
    joinPassages(numbers.toSorted((one, other) => one - other).map(passage)),
  )
  const joined = new Set(suggestions.merge.flat())
  const uncertain = [
    // What is joined is another text by the time a person looks at it; the next run sees that.
    ...suggestions.passages
      .filter(({ of }) => !joined.has(of))
      .map(({ entry, of }) => dropPassage(passage(entry), passage(of))),
    ...suggestions.lines.map(({ entry, of }) => dropLine(line(entry), line(of))),
  ]
  const all = [...certain, ...uncertain]
  return {
    certain: certain.filter((cleanup) => cleanup !== null),
    uncertain: uncertain.filter((cleanup) => cleanup !== null),
    refused: all.filter((cleanup) => cleanup === null).length,
  }
}

/** The numbers of suggestions were checked when they were read. */
function at<Item>(items: readonly Item[], number: number): Item {
  const item = items[number - 1]
  if (item === undefined) throw new Error(`there is no entry ${number}`)
  return item
}

/** The first passage says what all say; null where they are not alike in day and metadata, or too long together. */
function joinPassages(passages: readonly Passage[]): Cleanup | null {
  const [keeper, ...others] = passages
  if (keeper === undefined) return null
  const isAlike = others.every(
    (other) =>
      comparableGroup(other) === comparableGroup(keeper) &&
      other.archiveId === keeper.archiveId &&
      JSON.stringify(other.metadata) === JSON.stringify(keeper.metadata),
  )
  const becomes = others.reduce(joinTexts, keeper.text)
  if (!isAlike || becomes.length > longestMerged) return null
  const ids = others.map(({ id }) => id)
  return {
    ...emptyCleanup,
    key: `join ${keeper.id} ${ids.join(' ')}`,
    reason: 'join passages',
    notes: others.map(({ text }) => `joined: ${quote(text)} to ${quote(keeper.text)}`),
    removedPassages: others.map(({ id: passageId, text }) => ({
      passageId,
      text,
      keptBy: keeper.id,
    })),
    taggedPassages: [
      {
        passageId: keeper.id,
        text: keeper.text,
        tags: union(passages, ({ tags }) => tags),
        sourceMessageIds: union(passages, ({ sourceMessageIds }) => sourceMessageIds),
        becomes,
      },
    ],
  }
}

function joinTexts(text: string, { text: other }: Passage): string {
  return saysAll(sentencesOf(text), sentencesOf(other)) ? text : `${text}\n${other}`
}

function union(
  passages: readonly Passage[],
  listOf: (passage: Passage) => readonly string[],
): readonly string[] {
  return [...new Set(passages.flatMap(listOf))]
}

function dropPassage(gone: Passage, keeper: Passage): Cleanup | null {
  if (gone.id === keeper.id || Object.keys(gone.metadata).length > 0) return null
  if (!mayRepeat(keeper.text, gone.text)) return null
  const tags = union([keeper, gone], (each) => each.tags)
  return {
    ...emptyCleanup,
    key: `repeats ${keeper.id} ${gone.id}`,
    reason: 'drop a repetition',
    notes: [`dropped: ${quote(gone.text)}, as it says no more than ${quote(keeper.text)}`],
    removedPassages: [
      { passageId: gone.id, text: gone.text, keptBy: keeper.id, saidBy: keeper.text },
    ],
    taggedPassages:
      tags.length === keeper.tags.length ? [] : [{ passageId: keeper.id, text: keeper.text, tags }],
  }
}

function dropLine(gone: RecordedLine, keeper: RecordedLine): Cleanup | null {
  const { block, line } = gone
  if (block.id !== keeper.block.id || line === keeper.line) return null
  if (!mayRepeat(keeper.line, line)) return null
  const lines = block.value.split('\n')
  const value = lines.filter((_, index) => index !== lines.indexOf(line)).join('\n')
  const hash = createHash('sha256').update(`${line}\n${keeper.line}`).digest('hex')
  return {
    ...emptyCleanup,
    key: `repeats ${block.id} ${hash}`,
    reason: 'drop a repetition',
    notes: [
      `dropped from ${block.label}: ${quote(line)}, as it says no more than ${quote(keeper.line)}`,
    ],
    blocks: [{ blockId: block.id, expectedVersion: block.version, value }],
    removedLines: [{ text: line.trim(), keptBy: block.id, saidBy: keeper.line.trim() }],
  }
}

function quote(text: string): string {
  return JSON.stringify(clipToCharacters(text, 120))
}
