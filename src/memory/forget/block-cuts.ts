import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { diffTokens, toWords } from '../versions/diff-text.ts'
import { numberIn, textIn, type TextSource } from './forget-plan.ts'
import { createMatcher, isTelling, trimSigns, type Matcher } from './needles.ts'
import { versionKey, type RemovalSet } from './removal-set.ts'

/** What changes brought into a block that goes again: the words, from the version on that brought them. */
export interface BlockCut {
  readonly from: number
  readonly matcher: Matcher
}

/**
 * Works out what the versions that go brought into their blocks. Words that tell where they come from are looked for
 * everywhere, all of them in the later versions of their own block.
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
    const added = addedWords(
      previous === null ? '' : textIn(previous, 'value'),
      textIn(row, 'value'),
    )
    set.pieces.push(...added.filter(isTelling))
    const known = cuts.get(blockId) ?? []
    cuts.set(blockId, [...known, { from: version, matcher: createMatcher(added) }])
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

/** A block's text without some words; lines of which nothing is left go, too. */
export function cutBlock(value: string, matchers: readonly Matcher[]): string {
  let changed = false
  const lines = value.split('\n').flatMap((line) => {
    const cut = matchers.reduce((text, matcher) => matcher.cut(text, ''), line)
    if (cut === line) return [line]
    changed = true
    const tidy = cut.replaceAll(/(?<=\S)[^\S\n]{2,}/gu, ' ').trimEnd()
    return /[\p{L}\p{N}]/u.test(tidy) ? [tidy] : []
  })
  if (changed) return cutAcrossLines(lines.join('\n'), matchers)
  return cutAcrossLines(value, matchers)
}

/** Words that go on over a line break. */
function cutAcrossLines(value: string, matchers: readonly Matcher[]): string {
  return matchers.reduce((text, matcher) => matcher.cut(text, ''), value)
}
