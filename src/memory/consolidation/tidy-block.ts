import { createHash } from 'node:crypto'
import type { Block } from '../../domain/block.ts'
import { factText } from '../../domain/fact.ts'
import { analyse } from '../analysis/analyse.ts'
import { mayReverse, tellingOf } from '../analysis/may-reverse.ts'
import { plainWords } from '../analysis/plain-words.ts'
import { clipToCharacters } from '../clip-text.ts'
import { findReplaced, type ReplacedValue } from '../lint/replaced-values.ts'
import { type Cleanup, emptyCleanup, type Kept } from './cleanup.ts'
import { sameWords } from '../analysis/same-words.ts'

/** Two lines that share fewer words than this may repeat each other for good reason. */
const fewestWords = 3
/** So short a line without a point may be a heading, under which the same words mean something else. */
const longestHeading = 3

/** Words that the analysis leaves out and that turn a line with an old value into one that may be true. */
const deniesOrIsPast =
  /\b(?:not|no|nor|none|without|was|were|had|did|used|before|until)\b|n['’]t\b/i

/** Tidies a block; null when it is tidy. `replaced` are the values that are over, for a block that is this agent's alone. */
export function tidyBlock(block: Block, replaced: readonly ReplacedValue[]): Cleanup | null {
  const removed: (Kept & { readonly why: string })[] = []
  const lines = block.value.split('\n').map((line) => line.trimEnd())
  const kept = lines.filter((line, index) => {
    const why = isRepeated(lines, index)
      ? { keptBy: block.id, why: 'stands there twice' }
      : overReason(line, replaced)
    if (why === null) return true
    removed.push({ text: line.trim(), ...why })
    return false
  })
  const value = withoutGaps(kept)
  if (value === block.value) return null
  const hash = createHash('sha256').update(value).digest('hex')
  return {
    ...emptyCleanup,
    key: `block ${block.id} ${hash}`,
    reason: 'tidy block',
    notes:
      removed.length === 0
        ? [`tidied: empty lines and blanks of the block ${block.label}`]
        : removed.map(
            ({ text, why }) => `removed from ${block.label}: ${clipToCharacters(text, 60)} ${why}`,
          ),
    blocks: [{ blockId: block.id, expectedVersion: block.version, value }],
    removedLines: removed.map(({ text, keptBy }) => ({ text, keptBy })),
  }
}

/**
 * Whether a line says again what one above it in the same list says; a heading begins another list. Below a line that may
 * take it back it says something new.
 */
function isRepeated(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? ''
  const words = sameWords(line)
  if (words.split(' ').length < fewestWords) return false
  const telling = tellingOf(line)
  for (let above = index - 1; above >= 0; above -= 1) {
    const other = lines[above] ?? ''
    if (markOf(other) === markOf(line) && sameWords(other) === words) return true
    if (mayBeHeading(other, markOf(line)) || mayReverse(tellingOf(other), telling)) return false
  }
  return false
}

/** The blanks and the mark a line of a list begins with. */
function markOf(line: string): string {
  return (/^\s*(?:[-*•+]\s|\d+[.)]\s)?/.exec(line)?.[0] ?? '').replaceAll(/\d+/g, '1')
}

function mayBeHeading(line: string, mark: string): boolean {
  const text = line.trim()
  if (text === '' || text.startsWith('#') || text.endsWith(':')) return true
  if (markOf(line) === mark && mark.trim() !== '') return false
  return !/[.!?;,]/.test(text) && plainWords(text).length <= longestHeading
}

/** Why a line is over: it says nothing but a value that a known fact has replaced. */
function overReason(
  line: string,
  replaced: readonly ReplacedValue[],
): { readonly keptBy: string; readonly why: string } | null {
  if (deniesOrIsPast.test(line)) return null
  const words = analyse(line)
  const found = findReplaced(words, replaced)
  if (found === undefined) return null
  const told = new Set([...found.old, ...found.topic, ...found.subject])
  if (words.some((word) => !told.has(word))) return null
  return { keptBy: found.current.id, why: `is over: ${factText(found.current)}` }
}

/** At most one empty line at a time, and none at the ends. */
function withoutGaps(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/^\n+|\n+$/g, '')
}
