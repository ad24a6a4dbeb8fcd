import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { diffTokens, toWords } from '../versions/diff-text.ts'
import { numberIn, textIn, type TextSource } from './forget-plan.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { isTelling, trimSigns } from './needles.ts'
import { versionKey, type RemovalSet } from './removal-set.ts'

/** What changes brought into a block that goes again: the words, from the version on that brought them. */
export interface BlockCut {
  readonly from: number
  readonly matcher: Matcher
  /** The lines that stood there before: what they say came from elsewhere, and stays. */
  readonly kept: ReadonlySet<string>
}

/**
 * Works out what the versions that go brought into their blocks. Words that tell where they come from are looked for
 * everywhere, all of them in the later versions of their own block, but for the lines that stood in it before.
 */
export async function findBlockCuts(
  source: TextSource,
  set: RemovalSet,
): Promise<ReadonlyMap<string, readonly BlockCut[]>> {
  const cuts = new Map<string, BlockCut[]>()
  let before: StoredTextRow | null = null
  for await (const row of source.rows('block_versions')) {
    const blockId = textIn(row, 'block_id')
    const version = numberIn(row, 'version')
    const previous = before !== null && textIn(before, 'block_id') === blockId ? before : null
    before = row
    if (!set.derivedVersions.has(versionKey(blockId, version))) continue
    const earlier = previous === null ? '' : textIn(previous, 'value')
    const added = addedWords(earlier, textIn(row, 'value'))
    set.pieces.push(...added.filter(isTelling))
    const known = cuts.get(blockId) ?? []
    cuts.set(blockId, [
      ...known,
      { from: version, matcher: createMatcher(added), kept: new Set(earlier.split('\n')) },
    ])
  }
  return cuts
}

/** The stretches of words that one text has and the one before had not, line by line. */
function addedWords(before: string, after: string): readonly string[] {
  return diffTokens(toWords(before), toWords(after)).flatMap(({ tokens }) =>
    tokens
      .join('')
      .split('\n')
      .map(trimSigns)
      .filter((words) => /[\p{L}\p{N}]{2}/u.test(words)),
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
