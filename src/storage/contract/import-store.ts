import type { Conversation } from '../../domain/conversation.ts'
import type { ImportedBatch, ImportSummary } from '../../domain/import.ts'
import type { MemoryChange } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { MemoryWrite } from './memory-store.ts'
import type { NewMessage } from './new-message.ts'

/** Histories that were brought in from elsewhere. Each lies in a conversation of its own, whose id names the import. */
export interface ImportStore {
  /**
   * Stores messages of a history at the end of its conversation, without those whose otid this agent has imported
   * before. With `start` the conversation is made first, unless every message is known. They are found at once.
   * `otid_reused` (data: `otids`), and nothing is stored, when one says something else than its otid stands for.
   * `not_found` for the agent and, without `start`, for an import that does not exist; `conflict` while a process
   * runs the conversation.
   */
  importMessages(scope: TenantScope, input: ImportBatch): Promise<ImportedBatch>
  /** The imports of an agent, newest first. `not_found` for the agent. */
  listImports(
    scope: TenantScope,
    input: { readonly agentId: string },
  ): Promise<readonly ImportSummary[]>
  /**
   * Removes an import: its conversation with all that was said there, then and since. Memory that goes with it is changed first, in
   * the same transaction. `not_found`, and what `changeMemory` throws.
   */
  deleteImport(
    scope: TenantScope,
    input: {
      readonly agentId: string
      readonly importId: string
      /** Absent = memory stays. */
      readonly memory?: MemoryWrite
    },
  ): Promise<readonly MemoryChange[]>
}

/** Messages of a history on their way into the store. */
export interface ImportBatch {
  readonly agentId: string
  /** The conversation they go to. */
  readonly importId: string
  /** The conversation as it begins, with its system message; null = it exists. */
  readonly start: {
    readonly conversation: Conversation
    readonly messages: readonly NewMessage[]
  } | null
  /** In the order they were said. */
  readonly messages: readonly NewMessage[]
  readonly at: number
}
