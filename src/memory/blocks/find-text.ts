/** How much of a line an error quotes, in characters. */
const quotedLength = 200

/** How many lines of a text that is not there are compared at each place. */
const comparedLines = 200

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

/** Where a text of several lines goes on otherwise than it was given. */
export interface Divergence {
  /** The last line, from 1, up to which the text is there. */
  readonly until: number
  /** The line that follows, quoted; null = the text ends there. */
  readonly found: string | null
  /** What was given in its place, quoted. */
  readonly given: string
}

/**
 * Where `text` goes on otherwise than `wanted`, at the place that has most of its lines from the first one on; the first
 * may be the end of a line. Null when the first lines with words are nowhere, or only one line is wanted.
 */
export function findDivergence(text: string, wanted: string): Divergence | null {
  const lines = text.split('\n')
  const wantedLines = wanted.split('\n').slice(0, comparedLines)
  let best = { start: 0, shared: 0 }
  for (const start of lines.keys()) {
    const shared = sharedLines({ lines, start }, wantedLines)
    if (shared > best.shared) best = { start, shared }
  }
  const given = wantedLines[best.shared]
  const hasWords = wantedLines.slice(0, best.shared).some((line) => line.trim() !== '')
  if (!hasWords || given === undefined) return null
  const until = best.start + best.shared
  const found = lines[until]
  return { until, found: found === undefined ? null : quoteLine(found), given: quoteLine(given) }
}

function sharedLines(
  { lines, start }: { readonly lines: readonly string[]; readonly start: number },
  wanted: readonly string[],
): number {
  const [first = '', ...rest] = wanted
  if (lines[start]?.endsWith(first) !== true) return 0
  const differing = rest.findIndex((line, index) => lines[start + index + 1] !== line)
  return differing === -1 ? wanted.length : differing + 1
}

/**
 * The line that shares most with the first line of `wanted` that has words and is not in `text`, or null when none shares
 * anything. Likeness is the share of common character pairs, without regard to case.
 */
export function closestLine(text: string, wanted: string): ClosestLine | null {
  const worded = wanted.split('\n').filter((line) => line.trim() !== '')
  const target = worded.find((line) => !text.includes(line)) ?? worded[0] ?? ''
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
