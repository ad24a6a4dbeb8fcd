import {
  leftOutBy,
  type MemoryAnswer,
  type MemoryAnswers,
  type MemorySearch,
} from './ask-memory.ts'
import { titles } from './explain-search.ts'

const kinds = ['messages', 'passages', 'facts'] as const

/** Which kinds of memory were not searched, and why; a line each. */
export function tellLeftOut(search: Pick<MemorySearch, 'roles' | 'tags'>): readonly string[] {
  const leftOut = leftOutBy(search)
  return kinds.flatMap((kind) => {
    const reason = leftOut[kind]
    return reason === undefined ? [] : [`Not searched: ${titles[kind]}. ${reason}`]
  })
}

/** Why a search by words and meaning went on by words alone; a line for each reason. */
export function tellWordsAlone(answers: MemoryAnswers): readonly string[] {
  const failures = kinds.flatMap((kind) => answers[kind].explanation?.dense?.failure ?? [])
  return [...new Set(failures)].map((failure) => `By words alone: ${failure}`)
}

/**
 * Which results these are of how many, and how to get the next: "3 of 57; next: --skip 3". Empty where all are shown. Kinds are
 * named where there are results of several.
 */
export function tellPage(
  answers: MemoryAnswers,
  { offset, limit }: Pick<MemorySearch, 'offset' | 'limit'>,
): string {
  const hasMore = kinds.some((kind) => answers[kind].has_more)
  if (!hasMore && offset === 0) return ''
  const shown = kinds.filter((kind) => answers[kind].results.length > 0)
  if (shown.length === 0) return ''
  const parts = shown.map((kind) => {
    const name = shown.length > 1 ? `${titles[kind]}: ` : ''
    const { results, ...page } = answers[kind]
    return `${name}${tellPlace({ ...page, count: results.length }, offset)}`
  })
  return [...parts, ...(hasMore ? [`next: --skip ${offset + limit}`] : [])].join('; ')
}

/** One page of one list, as the API tells of it. */
export interface ToldPage extends Pick<MemoryAnswer, 'total' | 'cut' | 'has_more'> {
  /** How many are on it. */
  readonly count: number
}

/** The same for a list of one kind. */
export function tellListPage(
  page: ToldPage,
  { offset, limit }: Pick<MemorySearch, 'offset' | 'limit'>,
): string {
  if (page.count === 0 || (!page.has_more && offset === 0)) return ''
  const next = page.has_more ? `; next: --skip ${offset + limit}` : ''
  return `${tellPlace(page, offset)}${next}`
}

function tellPlace({ count, total, cut, has_more: hasMore }: ToldPage, offset: number): string {
  const last = offset + count
  const which = offset === 0 ? String(last) : `${offset + 1} to ${last}`
  if (total === null) return hasMore ? `${which} and more` : which
  return `${which} of ${cut ? `the ${total} best` : total}`
}
