import { hash } from 'node:crypto'
import type { SearchEntry } from '../contract/search-entry.ts'
import type { SearchDocument, SearchStatistics } from '../contract/search-store.ts'
import { fromIndexToken, toIndexToken } from './search-tokens.ts'
import { asInteger, asText, type SqlRow } from './sql-value.ts'

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
  'tokens, token_count, speaker, dates, word_count, is_question, is_temporal'

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
  ]
}

/** The columns that {@link toDocument} reads, of the table `d`, but for the sequence and the eligibility before them. */
export const documentColumns =
  'd.item_id, d.created_at, d.role, d.tokens, d.token_count, d.speaker, d.dates, d.word_count, d.is_question, d.is_temporal, d.thread, d.place, d.session'

/** A term of a query as {@link toDocuments} looks for it in a column of tokens. */
interface Needle {
  readonly term: string
  /** Between spaces, so that no other token holds it. */
  readonly text: string
}

/**
 * Texts from rows of their sequence, their eligibility (0 or 1) and {@link documentColumns}, as a query sees them, the
 * oldest first, ties by id, however an engine came by them. Only the query's terms are looked for: what else a text says
 * is never taken apart.
 */
export function toDocuments(
  rows: readonly SqlRow[],
  terms: readonly string[],
): readonly SearchDocument[] {
  const needles = [...new Set(terms)]
    .filter((term) => term !== '')
    .map((term): Needle => ({ term, text: ` ${toIndexToken(term)} ` }))
  return rows
    .map((row) => toDocument(row, needles))
    .sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
}

function toDocument(row: SqlRow, needles: readonly Needle[]): SearchDocument {
  const [sequence, isEligible, id, createdAt, role, tokens, length, speaker, dates] = row
  const [wordCount, isQuestion, isTemporal, thread, place, session] = row.slice(9)
  const dateTokens = asText(dates)
  return {
    id: asText(id),
    createdAt: asInteger(createdAt),
    sequence: asInteger(sequence),
    role: role === null ? null : asText(role),
    matches: findTerms(asText(tokens), needles),
    length: asInteger(length),
    speaker: fromTokenText(asText(speaker)),
    dateMatches: findTerms(dateTokens, needles),
    dateLength: countTokens(dateTokens),
    wordCount: asInteger(wordCount),
    isQuestion: asInteger(isQuestion) === 1,
    isTemporal: asInteger(isTemporal) === 1,
    thread: asText(thread),
    place: place === null ? null : asInteger(place),
    session: session === null ? null : asInteger(session),
    isEligible: asInteger(isEligible) === 1,
  }
}

/** The terms that a column of tokens holds, in its order and as often as it holds them. */
function findTerms(tokenText: string, needles: readonly Needle[]): readonly string[] {
  const padded = ` ${tokenText} `
  const found: { readonly term: string; readonly position: number }[] = []
  for (const { term, text } of needles) {
    let position = padded.indexOf(text)
    while (position !== -1) {
      found.push({ term, position })
      // The space after a token is the one before the next.
      position = padded.indexOf(text, position + text.length - 1)
    }
  }
  if (found.length > 1) found.sort((left, right) => left.position - right.position)
  return found.map(({ term }) => term)
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
const walkLimit = 5000

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
