import { countCodePoints, type Block } from '../../domain/block.ts'
import { AppError } from '../../errors/app-error.ts'
import { unquoteData } from '../quote.ts'
import { rebaseText } from '../versions/rebase-text.ts'
import { closestLine, findDivergence, occurrenceLines, quoteLine } from './find-text.ts'

/** What an edit needs of a block. */
export type EditableBlock = Pick<Block, 'label' | 'value' | 'limit' | 'readOnly'>

/** A text to replace and what to put in its place. */
export interface Replacement {
  readonly oldText: string
  readonly newText: string
}

/**
 * The block with a label, ready to be edited by the agent.
 *
 * @throws AppError `not_found` (lists the labels there are), `block_read_only` (holds the sentence of the original
 * server, which clients match).
 */
export function findEditableBlock<Item extends EditableBlock>(
  blocks: readonly Item[],
  label: string,
): Item {
  const block = blocks.find((candidate) => candidate.label === label)
  if (block === undefined) {
    const labels = blocks.map((candidate) => JSON.stringify(candidate.label)).join(', ')
    throw new AppError(
      'not_found',
      `Cannot edit memory block ${JSON.stringify(label)}: there is no block of that label. ` +
        (labels === '' ? 'You have no memory blocks.' : `Use one of: ${labels}.`),
    )
  }
  if (block.readOnly) throw readOnlyError(block)
  return block
}

/** The value with `text` added on a new line at its end. */
export function appendText(block: EditableBlock, text: string): string {
  if (text === '') throw unusable(block, 'the text to add is empty', 'Give the text to add.')
  return checked(block, block.value === '' ? text : `${block.value}\n${text}`)
}

/** The value with every occurrence of a text replaced. `invalid_argument` when there is none. */
export function replaceAllText(block: EditableBlock, given: Replacement): string {
  const { oldText, newText } = findReplacement(block, given)
  if (occurrenceLines(block.value, oldText).length === 0) {
    throw unusable(
      block,
      `Old content ${quoteLine(oldText)} not found in memory block ${quoteLine(block.label)}`,
      nearestHint(block, oldText),
    )
  }
  return checked(block, block.value.split(oldText).join(newText))
}

/** The value with the one occurrence of a text replaced. `invalid_argument` when there is none, or more than one. */
export function replaceOnce(block: EditableBlock, given: Replacement): string {
  const { oldText, newText } = findReplacement(block, given)
  const lines = occurrenceLines(block.value, oldText)
  if (lines.length === 0) {
    throw unusable(
      block,
      `No replacement was performed, ${quoteLine(oldText)} did not appear verbatim in it`,
      nearestHint(block, oldText),
    )
  }
  if (lines.length > 1) {
    throw unusable(
      block,
      `No replacement was performed, ${quoteLine(oldText)} appears ${lines.length} times, in lines ${[...new Set(lines)].join(', ')}`,
      'Give more of the text around the one you mean, so that it is unique.',
    )
  }
  return checked(
    block,
    block.value.replace(oldText, () => newText),
  )
}

/**
 * The value with `text` inserted after line `line`: 0 = before the first line, -1 = at the end.
 * `invalid_argument` (names the range) when there is no such line.
 */
export function insertText(block: EditableBlock, text: string, line: number): string {
  rejectLineNumbers(block, text)
  const lines = block.value === '' ? [] : block.value.split('\n')
  if (line < -1 || line > lines.length) {
    throw unusable(
      block,
      `insert_line ${line} is outside of it`,
      `It has ${lines.length} lines: use 0 for its beginning, 1 to ${lines.length} for after that line, -1 for its end.`,
    )
  }
  const at = line === -1 ? lines.length : line
  return checked(block, [...lines.slice(0, at), text, ...lines.slice(at)].join('\n'))
}

/** The whole value replaced. */
export function rethinkText(block: EditableBlock, text: string): string {
  rejectLineNumbers(block, text)
  return checked(block, text)
}

/**
 * An edit that was meant for the text `seen`, made on the text that is there now: `edit` computes it on the one, and it is
 * rebased on the other.
 *
 * @throws AppError what `edit` throws; `invalid_argument` when somebody else changed the same place meanwhile (quotes
 * what it is now), `block_limit_exceeded`.
 */
export function editAsSeen<Item extends EditableBlock>(
  block: Item,
  seen: string | undefined,
  edit: (block: Item) => string,
): string {
  if (seen === undefined || seen === block.value) return edit(block)
  const mine = edit({ ...block, value: seen })
  const rebased = rebaseText({ base: seen, mine, theirs: block.value })
  if (rebased.ok) return checked(block, rebased.text)
  throw unusable(
    block,
    `the same place was changed by somebody else since you last saw it; ${
      rebased.theirs.trim() === '' ? 'it was deleted' : `it is now ${quoteLine(rebased.theirs)}`
    }`,
    'Nothing was written. Look at the new text and make the edit again.',
  )
}

/**
 * The pair to replace as it stands in the block. A text that is not in it but is once the quotation of tags
 * (see `quoteAsData`) is taken back was copied from the prompt: then both sides are taken back.
 */
function findReplacement(block: EditableBlock, given: Replacement): Replacement {
  rejectLineNumbers(block, given.oldText)
  rejectLineNumbers(block, given.newText)
  if (given.oldText === '') {
    throw unusable(block, 'the text to replace is empty', 'Give the exact text to replace.')
  }
  if (given.oldText === given.newText) {
    throw unusable(block, 'the old and the new text are equal', 'Nothing needs to be changed.')
  }
  if (block.value.includes(given.oldText)) return given
  const unquoted = unquoteData(given.oldText)
  return block.value.includes(unquoted)
    ? { oldText: unquoted, newText: unquoteData(given.newText) }
    : given
}

const lineNumberPrefix = /^[ \t]*\d+→/m

/** Refuses a text with the line numbers that some prompts show before each line. */
export function rejectLineNumbers(block: Pick<Block, 'label'>, text: string): void {
  const match = lineNumberPrefix.exec(text)
  if (match === null) return
  throw unusable(
    block,
    `the text holds the line number prefix ${quoteLine(match[0])}`,
    'Line numbers are for display only and not part of the memory. Leave them out.',
  )
}

/** What to do about a text that is not in a block: says where it goes on otherwise, or quotes what is most like it. */
export function nearestHint({ value }: Pick<Block, 'value'>, wanted: string): string {
  if (value === '') return 'The block is empty.'
  const divergence = findDivergence(value, wanted)
  if (divergence !== null) {
    const { until, found, given } = divergence
    const there = `The block has the text up to line ${until}, `
    return found === null
      ? `${there}where it ends; you gave ${given} next. Copy the text exactly.`
      : `${there}but line ${until + 1} is ${found} where you gave ${given}. Copy the text exactly.`
  }
  const nearest = closestLine(value, wanted)
  return nearest === null
    ? `Copy the text exactly from the block. It begins with ${quoteLine(value.split('\n')[0] ?? '')}.`
    : `The closest text is line ${nearest.number}: ${nearest.quoted}. Copy the text exactly.`
}

/** Refuses a value beyond the limit; one that is already beyond may be made shorter step by step. */
export function checked(block: EditableBlock, value: string): string {
  const length = countCodePoints(value)
  const current = countCodePoints(block.value)
  if (length <= block.limit || length < current) return value
  throw new AppError(
    'block_limit_exceeded',
    `Cannot edit memory block ${JSON.stringify(block.label)}: its value would be ${length} characters long, ` +
      `${length - block.limit} more than its limit of ${block.limit} (it has ${current} now). ` +
      'Write less, shorten what the block holds first, or keep the details with archival_memory_insert.',
    { data: { limit: block.limit, current, length, excess: length - block.limit } },
  )
}

function readOnlyError({ label }: EditableBlock): AppError {
  return new AppError(
    'block_read_only',
    `Cannot edit memory block ${JSON.stringify(label)}: This block is read-only and cannot be edited. Leave it as it is.`,
  )
}

/** The error for an edit that cannot be made of a block as it is. */
export function unusable({ label }: Pick<Block, 'label'>, state: string, advice: string): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot edit memory block ${JSON.stringify(label)}: ${state}. ${advice}`,
  )
}
