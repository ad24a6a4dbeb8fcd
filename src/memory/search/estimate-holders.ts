import { countedUpTo, type Candidates } from '../../storage/contract/search-store.ts'
import type { TermCounts } from './count-term.ts'
import { documentFrequency } from './coverage.ts'
import { nearCount, type TextTable } from './text-table.ts'

/** What is known of a scope of which a table holds a choice. */
export type ChosenFrom = Pick<Candidates, 'statistics' | 'asked'>

/** In how many texts of a whole scope a term stands. */
export interface ScopeHolders {
  /** Itself: as a word, in a name or in a date. */
  readonly own: number
  /** Or in the context. */
  readonly withContext: number
}

/**
 * Estimates what counting all texts would give: the index knows in how many texts a term stands itself, the ranking wants to
 * know in the context of how many. Without that the terms of a choice are weighed otherwise than where all texts are scored.
 *
 * Around the texts that were chosen by a term its whole context is in the table, so what it adds there holds for the others.
 * Terms that nothing was chosen by are in very many texts; these are taken to stand anywhere, independently of each other, and
 * where the engine stopped counting them, in as large a part of the scope as of the table.
 */
export function createHoldersEstimate(
  table: TextTable,
  { statistics, asked }: ChosenFrom,
): (term: string, counts: TermCounts) => ScopeHolders {
  const total = Math.max(1, statistics.documentCount)
  const isAsked = new Set(asked)
  const near = usualNear(table)
  return (term, counts) => {
    const counted = documentFrequency(statistics, term)
    if (isAsked.has(term)) {
      const spread = countTexts(counts) / Math.max(1, counts.holders)
      return { own: counted, withContext: Math.min(total, counted * spread) }
    }
    const shared = Math.round((total * counts.holders) / Math.max(1, table.size))
    const own = counted < countedUpTo ? counted : Math.max(counted, shared)
    return { own, withContext: total * (1 - (1 - own / total) ** (1 + near)) }
  }
}

/** The texts of a table for which a term counts. */
export function countTexts({ texts, weighted }: TermCounts): number {
  let count = 0
  for (const text of texts) if ((weighted[text] ?? 0) > 0) count += 1
  return count
}

/** How many neighbours a text has whose context counts: as many as any has in the table, where those of most are missing. */
function usualNear(table: TextTable): number {
  let [inContext, most] = [0, 0]
  for (let text = 0; text < table.size; text += 1) {
    if (table.contextShares[text] === 0) continue
    inContext += 1
    if (most < nearCount) most = Math.max(most, countNear(table, text))
  }
  return (most * inContext) / Math.max(1, table.size)
}

function countNear({ near }: TextTable, text: number): number {
  let count = 0
  for (let index = 0; index < nearCount; index += 1) {
    if (near[text * nearCount + index] !== -1) count += 1
  }
  return count
}
