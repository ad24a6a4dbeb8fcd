import type { Passage } from '../../domain/archive.ts'
import { type Block, countCodePoints } from '../../domain/block.ts'
import { type Fact, factText } from '../../domain/fact.ts'
import { junkReason } from '../admission/junk-reason.ts'
import { analyse } from '../analysis/analyse.ts'
import { plainWords } from '../analysis/plain-words.ts'
import { sameWords } from '../analysis/same-words.ts'
import { findRelativeDates } from '../dates/relative-dates.ts'
import { clipToCharacters } from '../clip-text.ts'
import { comparableGroup, isPiece } from '../comparable-passages.ts'
import { findReplaced, replacedValues } from './replaced-values.ts'

/** What may be wrong with a text in memory. */
export type MemoryFlaw = 'duplicate' | 'junk' | 'stale' | 'undated' | 'full'

/** One text in memory with what may be wrong with it. */
export interface MemoryFinding {
  readonly flaw: MemoryFlaw
  readonly subject: 'block' | 'passage'
  readonly itemId: string
  /** The label of a block; null for a passage. */
  readonly label: string | null
  /** The line of a block, or the passage. */
  readonly text: string
  /** The block or passage that says the same; null for other flaws. */
  readonly otherId: string | null
  /** A sentence. */
  readonly why: string
}

/** What was found in an agent's memory. */
export interface MemoryLint {
  /** How many lines of blocks and passages were looked at. */
  readonly texts: number
  /** How many passages are older than those and were not looked at. */
  readonly unread: number
  /** How many of them have each flaw. */
  readonly counts: Readonly<Record<MemoryFlaw, number>>
  readonly findings: readonly MemoryFinding[]
}

/** How much of the text that says the same is quoted, in characters. */
const quoteLimit = 60

/** What is looked at. */
export interface LintedMemory {
  readonly blocks: readonly Block[]
  readonly passages: readonly Passage[]
  /** How many passages there are besides. */
  readonly unread: number
  /** What is known about any time. */
  readonly facts: readonly Fact[]
  readonly now: number
}

/** Two texts that share fewer words than this say nothing of each other. */
const fewestWords = 2
/** A block is full above this share of its limit. */
const fullShare = 0.9
/** A run of this many characters without a blank is no language, where it is written with blanks. */
const longestWord = 80

/**
 * Looks for what makes memory worse: the same said twice, texts without words or with the wrapping of a prompt, values in
 * core memory that a later fact has replaced, "tomorrow" without a day, blocks that leave no room. Needs no model and
 * changes nothing.
 */
export function lintMemory(memory: LintedMemory): MemoryLint {
  const lines = memory.blocks.flatMap((block) => linesOf(block))
  const texts = [...lines, ...memory.passages.map((passage) => toText(passage))]
  const findings = [
    ...findDuplicates(texts),
    ...texts.flatMap(findJunk),
    ...findStale(lines, memory),
    ...lines.flatMap(findUndated),
    ...memory.blocks.flatMap(findFull),
  ]
  return { texts: texts.length, unread: memory.unread, counts: countFlaws(findings), findings }
}

/** A line of a block or a passage. */
interface LintedText extends Pick<MemoryFinding, 'subject' | 'itemId' | 'label' | 'text'> {
  readonly words: readonly string[]
  /** What it can repeat: texts of the same group; null for pieces of documents, which stay as they are. */
  readonly group: string | null
}

function linesOf({ id, label, value }: Block): readonly LintedText[] {
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((text) => ({
      subject: 'block',
      itemId: id,
      label,
      text,
      words: analyse(text),
      group: 'block',
    }))
}

function toText(passage: Passage): LintedText {
  const { id, text } = passage
  const group = isPiece(passage) ? null : comparableGroup(passage)
  return { subject: 'passage', itemId: id, label: null, text, words: analyse(text), group }
}

function toFinding(
  { subject, itemId, label, text }: LintedText,
  found: Pick<MemoryFinding, 'flaw' | 'why'> & { readonly otherId?: string },
): MemoryFinding {
  const { flaw, why, otherId = null } = found
  return { flaw, subject, itemId, label, text, otherId, why }
}

/**
 * The same words in the same order, whatever their capitals and punctuation: fewer words, or another order of them, may
 * mean the opposite. Of passages only within a group, as tidying does.
 */
function findDuplicates(texts: readonly LintedText[]): readonly MemoryFinding[] {
  const first = new Map<string, LintedText>()
  return texts.flatMap((text) => {
    if (text.group === null || plainWords(text.text).length < fewestWords) return []
    const key = `${text.group} ${sameWords(text.text)}`
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, text)
      return []
    }
    const place = earlier.label === null ? earlier.itemId : `the block ${earlier.label}`
    const said = clipToCharacters(earlier.text, quoteLimit)
    const why = `It says the same as “${said}” in ${place}.`
    return [toFinding(text, { flaw: 'duplicate', otherId: earlier.itemId, why })]
  })
}

function findJunk(text: LintedText): readonly MemoryFinding[] {
  const why = junkReason(text.text) ?? encodedReason(text.text)
  return why === null ? [] : [toFinding(text, { flaw: 'junk', why })]
}

function encodedReason(text: string): string | null {
  const isLong = text
    .split(/\s+/)
    .some((word) => /^[\w+/=.-]+$/.test(word) && word.length > longestWord)
  return isLong ? 'It holds encoded data, which no question finds.' : null
}

/** Lines with a value that another one has replaced by now, and without the one that holds. */
function findStale(
  lines: readonly LintedText[],
  { facts, now }: Pick<LintedMemory, 'facts' | 'now'>,
): readonly MemoryFinding[] {
  const replaced = replacedValues(facts, now)
  return lines.flatMap((line) => {
    const found = findReplaced(line.words, replaced)
    if (found === undefined) return []
    return [toFinding(line, { flaw: 'stale', why: `By now ${factText(found.current)}.` })]
  })
}

/** Core memory has no date, so that "tomorrow" is another day each time it is read. */
function findUndated(line: LintedText): readonly MemoryFinding[] {
  const [date] = findRelativeDates(line.text, 0)
  if (date === undefined) return []
  const why = `It says “${date.phrase}”, and nothing says seen from which day.`
  return [toFinding(line, { flaw: 'undated', why })]
}

function findFull(block: Block): readonly MemoryFinding[] {
  const length = countCodePoints(block.value)
  if (length <= block.limit * fullShare) return []
  const { id: itemId, label } = block
  const why = `${length} of ${block.limit} characters are taken.`
  return [{ flaw: 'full', subject: 'block', itemId, label, text: block.label, otherId: null, why }]
}

function countFlaws(findings: readonly MemoryFinding[]): MemoryLint['counts'] {
  const counts = { duplicate: 0, junk: 0, stale: 0, undated: 0, full: 0 }
  for (const { flaw } of findings) counts[flaw] += 1
  return counts
}
