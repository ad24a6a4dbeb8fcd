/** How much of a line an error quotes, in characters. */
const quotedLength = 200

/** The 1-based numbers of the lines of `text` in which an occurrence of `part` begins; occurrences do not overlap. */
export function occurrenceLines(text: string, part: string): readonly number[] {
  const lines: number[] = []
  let line = 1
  let counted = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
    line += countBreaks(text.slice(counted, at))
    counted = at
    lines.push(line)
  }
  return lines
}

/** The line of `text` that is most like `wanted`. */
export interface ClosestLine {
  /** From 1. */
  readonly number: number
  /** The line as a JSON string, so that blanks and escapes show; cut when long. */
  readonly quoted: string
}

/**
 * The line that shares most with the first line of `wanted` that has words, or null when none shares anything.
 * Likeness is the share of common character pairs, without regard to case.
 */
export function closestLine(text: string, wanted: string): ClosestLine | null {
  const target = wanted.split('\n').find((line) => line.trim() !== '') ?? ''
  const targetPairs = characterPairs(target)
  let best: { readonly number: number; readonly line: string; readonly likeness: number } | null =
    null
  for (const [index, line] of text.split('\n').entries()) {
    const likeness = pairLikeness(targetPairs, characterPairs(line))
    if (likeness > (best?.likeness ?? 0)) best = { number: index + 1, line, likeness }
  }
  return best === null ? null : { number: best.number, quoted: quoteLine(best.line) }
}

/** A text as a JSON string, cut when long. */
export function quoteLine(line: string): string {
  const shown = line.length > quotedLength ? `${line.slice(0, quotedLength).toWellFormed()}…` : line
  return JSON.stringify(shown)
}

function countBreaks(text: string): number {
  return text.split('\n').length - 1
}

function characterPairs(line: string): ReadonlySet<string> {
  const normal = line.trim().toLowerCase().replaceAll(/\s+/g, ' ').slice(0, 2000)
  const pairs = new Set<string>()
  for (let index = 0; index + 1 < normal.length; index += 1) {
    pairs.add(normal.slice(index, index + 2))
  }
  return pairs
}

function pairLikeness(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  if (left.size === 0 || right.size === 0) return 0
  const common = left.intersection(right).size
  return (2 * common) / (left.size + right.size)
}
