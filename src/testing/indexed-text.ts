import type { SearchEntry } from '../storage/contract/search-entry.ts'
import type { StoredText } from '../storage/contract/search-store.ts'
import { toTokenText } from '../storage/engine/search-rows.ts'

/** Where a text stands, and what it is a text of. */
export type TextPlace = Pick<
  StoredText,
  'id' | 'createdAt' | 'sequence' | 'role' | 'thread' | 'place' | 'session'
>

/** A text as the index gives it back, for what is ranked without a store. */
export function indexedText(entry: SearchEntry, place: TextPlace): StoredText {
  return {
    ...entry,
    tokens: toTokenText(entry.tokens),
    length: entry.tokens.length,
    speaker: toTokenText(entry.speaker),
    dates: toTokenText(entry.dates),
    dateLength: entry.dates.length,
    ...place,
  }
}
