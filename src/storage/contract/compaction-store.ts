import type { MessageItem } from '../../domain/conversation.ts'
import type { RunEventBody } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { NewMessage } from './new-message.ts'
import type { CommitResult, LeaseProof } from './turn-store.ts'

/** Summaries of what has left the view of a conversation. The messages themselves are never touched. */
export interface CompactionStore {
  /**
   * Stores a summary at the end of the conversation with pointers to every message it covers, moves the beginning of the
   * view behind them, and forgets the stored prefix, all at once.
   *
   * Covered are the messages of the view before `viewFrom`, the system message not, and the summary `earlierId`.
   * `lease_lost` when the lease is gone; `conflict` when the view begins at `viewFrom` or later already.
   */
  commitCompaction(scope: TenantScope, input: CompactionCommit): Promise<CommitResult>
  /**
   * The messages that a summary covers, at their places, ascending; among them the earlier summary that it took up.
   * `not_found` when there is no such summary.
   */
  listSummarySources(
    scope: TenantScope,
    input: {
      readonly summaryId: string
      /** Only messages at a greater position. */
      readonly after: number
      readonly limit: number
    },
  ): Promise<readonly MessageItem[]>
}

/** A compaction of a view. */
export interface CompactionCommit {
  readonly lease: LeaseProof
  /** A message of role `summary`. */
  readonly summary: NewMessage
  /** The summary that stood for the beginning of the view so far; null = none did. */
  readonly earlierId: string | null
  /** The new first position of the view. */
  readonly viewFrom: number
  /** The run whose log says so; null = none, and then `events` is empty. */
  readonly runId: string | null
  readonly events: readonly RunEventBody[]
  readonly at: number
}
