import { applyHunks, diffTokens, toLines, toWords, type Hunk, type Tokenizer } from './diff-text.ts'

/** Two edits of one text by two writers. */
export interface TwoEdits {
  /** What both started from. */
  readonly base: string
  /** What the edit to be rebased made of it. */
  readonly mine: string
  /** What the text is now. */
  readonly theirs: string
}

/** What came of a rebase. */
export type Rebase =
  | { readonly ok: true; readonly text: string }
  /** Both changed the same place; `theirs` is what the other writer made of it, empty when it was deleted. */
  | { readonly ok: false; readonly theirs: string }

/**
 * Makes one edit on top of another: both, when they changed different places.
 *
 * Places are compared line by line, and where that is too coarse, word by word. Two edits that made the same change count as
 * one; edits that replaced common text, or inserted different texts at one place, overlap. Swapping the two edits gives
 * the same text.
 */
export function rebaseText(edits: TwoEdits): Rebase {
  const { base, mine, theirs } = edits
  if (mine === theirs || theirs === base) return { ok: true, text: mine }
  if (mine === base) return { ok: true, text: theirs }
  const byLine = rebaseTokens(edits, toLines)
  if (byLine.ok) return byLine
  const byWord = rebaseTokens(edits, toWords)
  return byWord.ok ? byWord : byLine
}

function rebaseTokens({ base, mine, theirs }: TwoEdits, tokenize: Tokenizer): Rebase {
  const tokens = tokenize(base)
  const ours = diffTokens(tokens, tokenize(mine))
  const others = diffTokens(tokens, tokenize(theirs))
  const clash = others.find((other) => ours.some((own) => overlap(own, other)))
  if (clash !== undefined) return { ok: false, theirs: clash.tokens.join('') }
  const added = ours.filter((own) => !others.some((other) => isSame(own, other)))
  const hunks = [...others, ...added].toSorted((a, b) => a.from - b.from || a.to - b.to)
  return { ok: true, text: applyHunks(tokens, hunks).join('') }
}

/** Hunks that touch do not overlap: what is inserted before or after a replaced stretch has its place. */
function overlap(left: Hunk, right: Hunk): boolean {
  if (isSame(left, right)) return false
  if (left.from === left.to && right.from === right.to) return left.from === right.from
  return Math.max(left.from, right.from) < Math.min(left.to, right.to) || isInside(left, right)
}

/** Whether one is an insertion within what the other replaced. */
function isInside(left: Hunk, right: Hunk): boolean {
  return (
    (left.from === left.to && right.from < left.from && left.from < right.to) ||
    (right.from === right.to && left.from < right.from && right.from < left.to)
  )
}

function isSame(left: Hunk, right: Hunk): boolean {
  return (
    left.from === right.from &&
    left.to === right.to &&
    left.tokens.length === right.tokens.length &&
    left.tokens.every((token, index) => token === right.tokens[index])
  )
}
