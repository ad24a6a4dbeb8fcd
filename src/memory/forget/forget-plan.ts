import type { ForgetCounts, ForgetItem, ForgetTarget } from '../../domain/forget.ts'
import type {
  ForgetRemovals,
  ForgottenBlock,
  StoredTextRow,
  TextEdit,
} from '../../storage/contract/forget-store.ts'
import type { TextTableName } from '../../storage/stored-texts.ts'
import type { Matcher } from './matcher.ts'

/** What is to be forgotten. */
export interface ForgetWish {
  readonly targets: readonly ForgetTarget[]
  /** Words: what holds them is a target too, or with `cutOnly` loses just them. Null = targets only. */
  readonly query: string | null
  readonly cutOnly: boolean
  /** Whether texts that quote what goes keep their words. */
  readonly keepQuotes: boolean
  /** Texts that are cut wherever they stand: what an earlier pass of the same forgetting looked for. Default: none. */
  readonly pieces?: readonly string[]
}

/** Where a plan reads the stored rows that it is about. */
export interface TextSource {
  /** Every row of a table, page by page, in its order. */
  rows(table: TextTableName): AsyncIterable<StoredTextRow>
}

/** Everything one forgetting does, worked out and not yet done. */
export interface ForgetPlan {
  readonly removals: ForgetRemovals
  readonly edits: readonly TextEdit[]
  readonly blocks: readonly ForgottenBlock[]
  /** Changes of memory whose hashes go. */
  readonly unhashed: readonly number[]
  /** Messages and passages whose words were cut: their rows as they will be. */
  readonly rewritten: readonly {
    readonly table: 'messages' | 'passages'
    readonly row: StoredTextRow
  }[]
  /** Facts that are known no more: they leave the search index. */
  readonly unindexed: readonly string[]
  /** What a person is shown. */
  readonly items: readonly ForgetItem[]
  readonly counts: ForgetCounts
  /** Finds what must not be left. */
  readonly matcher: Matcher
}

/** A column of a row that always holds text. */
export function textIn(row: StoredTextRow, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : ''
}

/** A column of a row that always holds a number. */
export function numberIn(row: StoredTextRow, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : 0
}

/** The identifiers in a column that holds a JSON list of them. */
export function idsIn(row: StoredTextRow, column: string): readonly string[] {
  const value = row[column]
  return typeof value === 'string' && value !== '' ? (JSON.parse(value) as string[]) : []
}
