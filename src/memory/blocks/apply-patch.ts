import { checked, nearestHint, rejectLineNumbers, unusable } from './edit-block.ts'
import { quoteLine } from './find-text.ts'
import {
  createInDraft,
  detachInDraft,
  editInDraft,
  renameInDraft,
  type DraftBlock,
  type MemoryDraft,
} from './memory-draft.ts'
import { unquoteData } from '../quote.ts'
import type { PatchAction, PatchHunk } from './parse-patch.ts'

/** Applies a patch as a whole, each action on what the earlier ones left. Throws what the first impossible one throws. */
export function applyPatch(draft: MemoryDraft, actions: readonly PatchAction[]): MemoryDraft {
  return actions.reduce(applyAction, draft)
}

function applyAction(draft: MemoryDraft, action: PatchAction): MemoryDraft {
  if (action.kind === 'add') return createInDraft(draft, action)
  if (action.kind === 'delete') return detachInDraft(draft, action.label)
  const edited = editInDraft(draft, action.label, (block) => applyHunks(block, action.hunks))
  return action.moveTo === null ? edited : renameInDraft(edited, action.label, action.moveTo)
}

function applyHunks(block: DraftBlock, hunks: readonly PatchHunk[]): string {
  const lines = hunks.reduce(
    (current, hunk) => applyHunk({ ...block, value: current.join('\n') }, hunk),
    toLines(block.value),
  )
  return checked(block, lines.join('\n'))
}

function applyHunk(block: DraftBlock, hunk: PatchHunk): readonly string[] {
  const { before, after } = asStored(block, hunk)
  for (const line of after) rejectLineNumbers(block, line)
  const lines = toLines(block.value)
  if (before.length === 0) return [...lines, ...after]
  const places = placesOf(lines, before)
  const [place] = places
  if (place === undefined) {
    throw unusable(
      block,
      `the lines ${quoteLine(before.join('\n'))} of the patch are not in it`,
      nearestHint(block, before.join('\n')),
    )
  }
  if (places.length > 1) {
    throw unusable(
      block,
      `the lines ${quoteLine(before.join('\n'))} of the patch are in it ${places.length} times, at lines ${places.map((at) => at + 1).join(', ')}`,
      'Give more of the lines around the place you mean.',
    )
  }
  return [...lines.slice(0, place), ...after, ...lines.slice(place + before.length)]
}

/**
 * The hunk as its lines stand in the block: those that are not in it but are once the quotation of tags is taken back
 * were copied from the prompt, as a text to replace may be.
 */
function asStored(block: DraftBlock, hunk: PatchHunk): PatchHunk {
  const lines = toLines(block.value)
  if (placesOf(lines, hunk.before).length > 0) return hunk
  const before = hunk.before.map(unquoteData)
  return placesOf(lines, before).length === 0
    ? hunk
    : { before, after: hunk.after.map(unquoteData) }
}

/** Where some lines stand one after another. */
function placesOf(lines: readonly string[], wanted: readonly string[]): readonly number[] {
  return lines.flatMap((_, at) =>
    wanted.every((line, offset) => lines[at + offset] === line) ? [at] : [],
  )
}

function toLines(value: string): readonly string[] {
  return value === '' ? [] : value.split('\n')
}
