import { textTable, textTableNames } from '../../storage/stored-texts.ts'
import { cutValue, type Cutter } from './cut-value.ts'
import { textIn, type TextSource } from './forget-plan.ts'

/** What a search for words found. */
export interface Remains {
  /** How many rows were looked through. */
  readonly searched: number
  /** How many of them hold the words. */
  readonly found: number
}

/** How many rows of a source still hold what a matcher finds. */
export async function countRemains(
  source: TextSource,
  matcher: Cutter['matcher'],
): Promise<Remains> {
  const cutter = { matcher, removedIds: new Set<string>() }
  let searched = 0
  let found = 0
  for (const table of textTableNames) {
    const { texts, wholeTexts = [] } = textTable(table)
    for await (const row of source.rows(table)) {
      searched += 1
      const holds =
        wholeTexts.some((column) => matcher.matches(textIn(row, column))) ||
        Object.entries(texts).some(([column, kind]) => {
          const value = row[column]
          return typeof value === 'string' && cutValue(value, kind, cutter) !== value
        })
      if (holds) found += 1
    }
  }
  return { searched, found }
}
