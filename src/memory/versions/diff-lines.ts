import { diffTokens } from './diff-text.ts'

/** A line of a text before or after a change. */
export interface DiffLine {
  /** ` ` = in both, `-` = only before, `+` = only after. */
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** A line and the change that caused it. */
export interface BlamedLine<Version> {
  readonly text: string
  readonly version: Version
}

/** Two texts line by line, all of both; an empty text has no lines. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [left, right] = [splitLines(before), splitLines(after)]
  const lines: DiffLine[] = []
  let at = 0
  for (const { from, to, tokens } of diffTokens(left, right)) {
    lines.push(...left.slice(at, from).map((text) => ({ sign: ' ', text }) as const))
    lines.push(...left.slice(from, to).map((text) => ({ sign: '-', text }) as const))
    lines.push(...tokens.map((text) => ({ sign: '+', text }) as const))
    at = to
  }
  return [...lines, ...left.slice(at).map((text) => ({ sign: ' ', text }) as const)]
}

/**
 * The lines of the last version, each with the version that brought it: the one from which on it stood there in all
 * later versions. Versions come oldest first.
 */
export function blameLines<Version extends { readonly value: string }>(
  versions: readonly Version[],
): readonly BlamedLine<Version>[] {
  let lines: readonly BlamedLine<Version>[] = []
  for (const version of versions) {
    const next: BlamedLine<Version>[] = []
    let at = 0
    const hunks = diffTokens(
      lines.map(({ text }) => text),
      splitLines(version.value),
    )
    for (const { from, to, tokens } of hunks) {
      next.push(...lines.slice(at, from), ...tokens.map((text) => ({ text, version })))
      at = to
    }
    lines = [...next, ...lines.slice(at)]
  }
  return lines
}

function splitLines(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n')
}
