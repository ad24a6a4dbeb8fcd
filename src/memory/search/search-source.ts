import type { TenantScope } from '../../domain/scope.ts'
import type { ArchiveStore } from '../../storage/contract/archive-store.ts'
import type { ConversationStore } from '../../storage/contract/conversation-store.ts'
import type { SearchStore } from '../../storage/contract/search-store.ts'

/** What search reads of the store. */
export type SearchSource = SearchStore &
  Pick<ConversationStore, 'listMessages' | 'getMessages'> &
  Pick<ArchiveStore, 'listPassages'>

/** Whose memory to search. */
export interface AgentSearchOptions {
  readonly store: SearchSource
  readonly scope: TenantScope
  readonly agentId: string
}
