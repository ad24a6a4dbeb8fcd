import { hash } from 'node:crypto'
import type { SearchEntry } from '../contract/search-entry.ts'
import {
  countedUpTo,
  type ScopeVersion,
  type SearchDocument,
  type SearchStatistics,
  type StoredText,
  type TextPage,
  type TextRead,
} from '../contract/search-store.ts'
import { fromIndexToken, toIndexToken } from './search-tokens.ts'
import { asInteger, asOptionalInteger, asOptionalText, asText, type SqlRow } from './sql-value.ts'

/** After how long a silence a new part of a conversation begins, in milliseconds. */
export const sessionGap = 3_600_000

/** Tokens as a column keeps them. */
export function toTokenText(tokens: readonly string[]): string {
  return tokens.map(toIndexToken).join(' ')
}

/** The tokens that {@link toTokenText} joined. */
export function fromTokenText(text: string): string[] {
  return text === '' ? [] : text.split(' ').map(fromIndexToken)
}

/** What stands for the name of a part of a history, which a person may have written. */
export function toSessionLabel(session: string | null): string | null {
  return session === null ? null : hash('sha256', session, 'hex').slice(0, 32)
}

/** The columns of `search_documents` that hold an entry, in the order of {@link toEntryValues}. */
export const entryColumns =
  'tokens, token_count, speaker, dates, word_count, is_question, is_temporal, listener_share'

/** A question mark for each of {@link entryColumns}. */
export const entryPlaces = entryColumns.replaceAll(/[a-z_]+/g, '?')

/** The values of an entry for {@link entryColumns}. */
export function toEntryValues(entry: SearchEntry): (number | string)[] {
  return [
    toTokenText(entry.tokens),
    entry.tokens.length,
    toTokenText(entry.speaker),
    toTokenText(entry.dates),
    entry.wordCount,
    entry.isQuestion ? 1 : 0,
    entry.isTemporal ? 1 : 0,
    entry.listenerShare,
  ]
}

/** The columns of the table `d` by which {@link toFoundBy} tells a text from what it was. */
export const foundByColumns = 'd.tokens, d.speaker, d.dates, d.word_count'

/** What stands for the words of a text as they are now: another value once any of them was changed or cut. */
export function toFoundBy(row: SqlRow): string {
  return hash('sha256', JSON.stringify(row), 'hex').slice(0, 32)
}

/** The columns that {@link toStoredText} reads, of the table `d`, but for the sequence and the eligibility before them. */
export const documentColumns =
  'd.item_id, d.created_at, d.role, d.tokens, d.token_count, d.speaker, d.dates, d.word_count, d.is_question, d.is_temporal, d.thread, d.place, d.session, d.listener_share'

/** How many columns rows have that begin with the sequence and the eligibility. */
export const documentWidth = 2 + documentColumns.split(',').length

/**
 * Texts from rows of their sequence, their eligibility (0 or 1) and {@link documentColumns}, the oldest first, ties by
 * id, however an engine came by them.
 */
export function toDocuments(rows: readonly SqlRow[]): readonly SearchDocument[] {
  const documents = rows.map((row) => ({ ...toStoredText(row), isEligible: row[1] === 1 }))
  return documents.sort(
    (left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1),
  )
}

/** A text from such a row. A choice has some thousand of them, so columns are read by their places. */
export function toStoredText(row: SqlRow): StoredText {
  const dates = asText(row[8])
  return {
    id: asText(row[2]),
    createdAt: asInteger(row[3]),
    sequence: asInteger(row[0]),
    role: asOptionalText(row[4]),
    tokens: asText(row[5]),
    length: asInteger(row[6]),
    speaker: asText(row[7]),
    dates,
    dateLength: countTokens(dates),
    wordCount: asInteger(row[9]),
    isQuestion: row[10] === 1,
    isTemporal: row[11] === 1,
    thread: asText(row[12]),
    place: asOptionalInteger(row[13]),
    session: asOptionalInteger(row[14]),
    listenerShare: asInteger(row[15]),
  }
}

/** The places of texts whose thread is in one column and the place in the next; none for those that stand nowhere. */
export function toPlaces(
  rows: readonly SqlRow[],
  column: number,
): readonly { readonly thread: string; readonly place: number }[] {
  return rows
    .filter((row) => row[column + 1] !== null)
    .map((row) => ({ thread: asText(row[column]), place: asInteger(row[column + 1]) }))
}

/** The counts of a scope as both engines keep them. */
export interface ScopeCounts {
  readonly documentCount: number
  readonly removed: number
}

/** From which sequence on texts are to be read: after what the caller holds, unless something of it was removed. */
export function readAfter(
  { known }: Pick<TextRead, 'known'>,
  scopeToken: string,
  { removed }: ScopeCounts,
): number {
  const isContinued = known?.scopeToken === scopeToken && known.removed === removed
  return isContinued ? known.lastSequence : 0
}

/** Whether the caller holds all there is. */
export function isCurrent(
  { known }: Pick<TextRead, 'known'>,
  scopeToken: string,
  counts: ScopeCounts,
): boolean {
  return (
    known?.scopeToken === scopeToken &&
    known.removed === counts.removed &&
    known.documentCount === counts.documentCount
  )
}

/** A page of texts: `rows` are those after {@link readAfter}, at most `input.limit`. */
export function toTextPage(
  input: TextRead,
  scope: ScopeCounts & { readonly scopeToken: string; readonly tagged: readonly string[] | null },
  rows: readonly SqlRow[],
): TextPage {
  const { scopeToken, documentCount, removed, tagged } = scope
  const after = readAfter(input, scopeToken, scope)
  const texts = rows.map(toStoredText)
  const isLast = rows.length < input.limit
  const version: ScopeVersion = {
    scopeToken,
    removed,
    // As long as texts are missing, the version must not look like one with all of them.
    documentCount: isLast ? documentCount : -1,
    lastSequence: texts.at(-1)?.sequence ?? after,
  }
  return { version, documentCount, isContinued: after > 0, texts, isCurrent: isLast, tagged }
}

/** The statistics of a scope that has no texts. */
export function withoutScope(terms: readonly string[]): SearchStatistics {
  return {
    documentCount: 0,
    tokenCount: 0,
    documentFrequency: Object.fromEntries(terms.map((term) => [term, 0])),
  }
}

/** The page of a scope of which no texts are given: it has none, or too many. */
export function withoutTexts(documentCount: number): TextPage {
  return {
    version: null,
    documentCount,
    isContinued: false,
    texts: [],
    isCurrent: true,
    tagged: null,
  }
}

function countTokens(tokenText: string): number {
  if (tokenText === '') return 0
  let count = 1
  for (
    let index = tokenText.indexOf(' ');
    index !== -1;
    index = tokenText.indexOf(' ', index + 1)
  ) {
    count += 1
  }
  return count
}

/** The most places of the index that a choice of candidates may walk over, unless its rarest term alone needs more. */
export const walkLimit = countedUpTo - 1

/**
 * The terms to choose candidates by: those that occur, the rarest first, as long as the index has few enough texts for
 * all of them together. What is left out is in so many texts that it tells few apart.
 */
export function chooseTerms(
  terms: readonly string[],
  { documentFrequency }: SearchStatistics,
): readonly string[] {
  const frequencyOf = (term: string): number =>
    Object.hasOwn(documentFrequency, term) ? (documentFrequency[term] ?? 0) : 0
  const present = [...new Set(terms)].filter((term) => frequencyOf(term) > 0)
  const rarest = present.toSorted((left, right) => frequencyOf(left) - frequencyOf(right))
  let walked = 0
  return rarest.filter((term, index) => {
    walked += frequencyOf(term)
    return index === 0 || walked <= walkLimit
  })
}

/** A stretch of places of one thread. */
export interface PlaceRange {
  readonly thread: string
  readonly first: number
  readonly last: number
}

/** The places of some texts with so many neighbours on either side, without overlaps. */
export function toPlaceRanges(
  texts: readonly { readonly thread: string; readonly place: number }[],
  neighbours: number,
): readonly PlaceRange[] {
  const ranges: PlaceRange[] = []
  const sorted = texts.toSorted(
    (left, right) =>
      (left.thread < right.thread ? -1 : left.thread > right.thread ? 1 : 0) ||
      left.place - right.place,
  )
  for (const { thread, place } of sorted) {
    const previous = ranges.at(-1)
    const first = place - neighbours
    if (previous?.thread === thread && first <= previous.last + 1) {
      ranges[ranges.length - 1] = { ...previous, last: place + neighbours }
    } else {
      ranges.push({ thread, first, last: place + neighbours })
    }
  }
  return ranges
}
