import type { ForgetReceipt } from '../../domain/forget.ts'
import type { Job } from '../../domain/job.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { TextTableName } from '../stored-texts.ts'
import type { SearchEntry } from './search-entry.ts'

/**
 * Removing for good. What is to go is worked out outside, from rows that {@link ForgetStore.listStoredTexts} gives; the
 * store removes exactly that, or nothing when anything is no longer as it was read.
 */
export interface ForgetStore {
  /**
   * Whose rows hang together with the agents, archives and blocks named: the agents that have these archives and blocks,
   * the archives and blocks of all these agents, and the blocks they had. `not_found` for anything named.
   */
  findForgetOwners(scope: TenantScope, owners: ForgetOwners): Promise<ForgetOwners>
  /**
   * The other agents that have, or had, one of the archives and blocks, or wrote to one: what they said may be about the
   * same. `not_found` for anything named.
   */
  findForgetSharers(scope: TenantScope, owners: ForgetOwners): Promise<ForgetSharers>
  /**
   * A mark that changes when words come into any table in these owners' name, or when they get an archive or block.
   * `not_found` for anything named.
   */
  readForgetMark(scope: TenantScope, owners: ForgetOwners): Promise<string>
  /** Rows of one table with words, in the order of their key, after a given one. `not_found` for anything named. */
  listStoredTexts(scope: TenantScope, query: StoredTextQuery): Promise<readonly StoredTextRow[]>
  /**
   * Removes and rewrites what a plan says, stores the receipt and the job that cleans up after it. `not_found` for the
   * owners; `conflict` when the mark or a row is not as it was, with `reason: 'changed'`, and when a process runs one of
   * the agents' conversations, with `reason: 'running'` and the `owner` of its lease (never `besideTurns`); a conversation is
   * named only to callers who see its agent.
   */
  applyForget(scope: TenantScope, write: ForgetWrite): Promise<ForgetReceipt>
  /** Receipts, newest first. */
  listForgets(
    scope: TenantScope,
    query: { readonly limit: number; readonly before?: string },
  ): Promise<readonly ForgetReceipt[]>
  /** `not_found` when there is none. */
  getForget(scope: TenantScope, input: { readonly id: string }): Promise<ForgetReceipt>
  /** Writes into a receipt what was cleaned; one that is done stays as it is. `not_found`. */
  finishForget(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly residue: ForgetReceipt['residue']
      readonly cleaning: ForgetReceipt['cleaning']
      readonly outside: readonly string[]
      readonly at: number
    },
  ): Promise<ForgetReceipt>
}

/** Agents, archives and blocks. */
export interface ForgetOwners {
  readonly agentIds: readonly string[]
  readonly archiveIds: readonly string[]
  readonly blockIds: readonly string[]
}

/** Agents that share archives and blocks with others. */
export interface ForgetSharers {
  /** Those the caller sees, in order. */
  readonly agentIds: readonly string[]
  /** How many more there are. */
  readonly unseen: number
}

/** The values of the columns that name a row. */
export type RowKey = readonly (string | number)[]

/** Which rows. */
export interface StoredTextQuery {
  readonly owners: ForgetOwners
  readonly table: TextTableName
  /** Only rows after this one, by the columns the table is read in the order of. */
  readonly after?: RowKey
  readonly limit: number
}

/** A row as the columns `readColumns` of its table name, by name. */
export type StoredTextRow = Readonly<Record<string, string | number | null>>

/** Columns of a row that get other values, if they hold what was read. */
export interface TextEdit {
  readonly table: TextTableName
  readonly key: RowKey
  readonly before: Readonly<Record<string, string | null>>
  readonly after: Readonly<Record<string, string | null>>
}

/** A row that goes. */
export interface RowRemoval {
  readonly table: TextTableName
  readonly key: RowKey
}

/** What is removed with everything that hangs on it. */
export interface ForgetRemovals {
  readonly messageIds: readonly string[]
  /** Ended turns with their runs, steps, tool calls, events and tail items; their messages are named apart. */
  readonly turnIds: readonly string[]
  /** Runs whose events go; the runs stay. */
  readonly eventsOf: readonly string[]
  readonly passageIds: readonly string[]
  readonly blockIds: readonly string[]
  readonly conversationIds: readonly string[]
  readonly agentIds: readonly string[]
  readonly rows: readonly RowRemoval[]
}

/** A block that goes on without some words, as a new version. */
export interface ForgottenBlock {
  readonly blockId: string
  readonly expectedVersion: number
  readonly value: string
}

/** All that one forgetting changes. */
export interface ForgetWrite {
  /**
   * Whether it may be made while processes run the agents' conversations: then passages alone go, with their history, index
   * and vectors, and nothing that a running turn works with. Default: false.
   */
  readonly besideTurns?: boolean
  readonly owners: ForgetOwners
  /** What {@link ForgetStore.readForgetMark} said before anything else was read; null = what came in since does not matter. */
  readonly mark: string | null
  readonly removals: ForgetRemovals
  readonly edits: readonly TextEdit[]
  readonly blocks: readonly ForgottenBlock[]
  /** What messages and passages whose words were cut are found by from now on; null = by nothing. Their vectors go. */
  readonly entries: readonly { readonly itemId: string; readonly entry: SearchEntry | null }[]
  /** Changes of memory whose hashes go: the numbers. */
  readonly unhashed: readonly number[]
  /** Processes that are known to be dead, whose leases count for nothing. */
  readonly deadOwners: readonly string[]
  readonly receipt: ForgetReceipt
  /** Null = this goes on with a forgetting whose receipt is there: that gets the counts of `receipt`. `not_found`. */
  readonly job: Job | null
  readonly at: number
}
