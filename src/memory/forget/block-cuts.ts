import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { diffTokens, toWords } from '../versions/diff-text.ts'
import { numberIn, textIn, type TextSource } from './forget-plan.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { isTelling, trimSigns } from './needles.ts'
import { versionKey, type RemovalSet } from './removal-set.ts'

/** What a change brought into a block that goes again: the words, from the version on that brought them. */
export interface BlockCut {
  readonly from: number
  readonly matcher: Matcher
  /** The lines that came from elsewhere: they stood there before, or came later while what was brought stayed as it was. */
  readonly kept: ReadonlySet<string>
}

/** A cut while the later versions of its block are looked at. */
interface OpenCut extends BlockCut {
  readonly kept: Set<string>
  /** The lines that were brought, and those that may be rewritings of them. */
  readonly brought: Set<string>
}

/**
 * Works out what the versions that go brought into their blocks. Words that tell where they come from are looked for
 * everywhere. All others are looked for in the lines that were brought, and in those that came when one of these went: a line
 * may have been rewritten. A line that came while all of them stayed, or stood there before, is about something else.
 */
export async function findBlockCuts(
  source: TextSource,
  set: RemovalSet,
): Promise<ReadonlyMap<string, readonly BlockCut[]>> {
  const cuts = new Map<string, OpenCut[]>()
  let before: StoredTextRow | null = null
  for await (const row of source.rows('block_versions')) {
    const blockId = textIn(row, 'block_id')
    const version = numberIn(row, 'version')
    const previous = before !== null && textIn(before, 'block_id') === blockId ? before : null
    before = row
    const earlier = previous === null ? '' : textIn(previous, 'value')
    const value = textIn(row, 'value')
    const known = cuts.get(blockId) ?? []
    for (const cut of known) follow(cut, earlier, value)
    if (!set.derivedVersions.has(versionKey(blockId, version))) continue
    const added = addedWords(earlier, value)
    set.pieces.push(...added.filter(isTelling))
    cuts.set(blockId, [...known, openCut({ from: version, added, earlier, value })])
  }
  return cuts
}

function openCut(change: {
  readonly from: number
  readonly added: readonly string[]
  readonly earlier: string
  readonly value: string
}): OpenCut {
  const { from, added, earlier, value } = change
  const kept = new Set(earlier.split('\n'))
  const brought = new Set(value.split('\n').filter((line) => !kept.has(line)))
  return { from, matcher: createMatcher(added), kept, brought }
}

/** Looks at the next version of the block. */
function follow({ kept, brought }: OpenCut, earlier: string, value: string): void {
  const [old, lines] = [new Set(earlier.split('\n')), new Set(value.split('\n'))]
  const isRewritten = [...old].some((line) => brought.has(line) && !lines.has(line))
  for (const line of lines.difference(old)) {
    if (isRewritten && !kept.has(line)) brought.add(line)
    else if (!brought.has(line)) kept.add(line)
  }
}

/** Whether there may be a word of its own: two letters, a digit, a sign of a script without blanks, an emoji. */
function saysSomething(words: string): boolean {
  return /\p{L}{2}|[\p{N}\p{Lo}\p{Extended_Pictographic}]/u.test(words)
}

/** The stretches of words that one text has and the one before had not, line by line. */
function addedWords(before: string, after: string): readonly string[] {
  return diffTokens(toWords(before), toWords(after)).flatMap(({ tokens }) =>
    tokens.join('').split('\n').map(trimSigns).filter(saysSomething),
  )
}

/**
 * A block's text without what a matcher finds anywhere and what its own cuts find in lines that they brought; lines of which
 * nothing is left go, too.
 */
export function cutBlock(value: string, matcher: Matcher, own: readonly BlockCut[]): string {
  const before = value.split('\n')
  const lines = before.flatMap((line) => {
    const applied = own.filter(({ kept }) => !kept.has(line)).map((cut) => cut.matcher)
    const cut = cutAll(line, [matcher, ...applied])
    if (cut === line) return [line]
    const tidy = cut.replaceAll(/(?<=\S)[^\S\n]{2,}/gu, ' ').trimEnd()
    return /[\p{L}\p{N}]/u.test(tidy) ? [tidy] : []
  })
  // Words that go on over a line break.
  const applied = own.filter(({ kept }) => !before.some((line) => line !== '' && kept.has(line)))
  return cutAll(lines.join('\n'), [matcher, ...applied.map((cut) => cut.matcher)])
}

function cutAll(value: string, matchers: readonly Matcher[]): string {
  return matchers.reduce((text, matcher) => matcher.cut(text, ''), value)
}
