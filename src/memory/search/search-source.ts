import type { TenantScope } from '../../domain/scope.ts'
import type { ArchiveStore } from '../../storage/contract/archive-store.ts'
import type { ConversationStore } from '../../storage/contract/conversation-store.ts'
import type { FactStore } from '../../storage/contract/fact-store.ts'
import type { SearchStore } from '../../storage/contract/search-store.ts'
import type { VectorStore } from '../../storage/contract/vector-store.ts'
import type { DenseSource } from './dense-lane.ts'
import type { QueryMoment } from './query-plan.ts'
import type { TextMemory } from './text-memory.ts'

/** What search reads of the store. */
export type SearchSource = SearchStore &
  Pick<ConversationStore, 'listMessages' | 'getMessages'> &
  Pick<ArchiveStore, 'listPassages' | 'getPassages'> &
  Pick<VectorStore, 'searchMessageVectors' | 'searchPassageVectors' | 'findPassageModel'> &
  Pick<FactStore, 'listFacts'>

/** Where to search, and when. */
export interface SearchPlace extends QueryMoment {
  readonly store: SearchSource
  readonly scope: TenantScope
  /** Holds texts between searches. Default: each search reads what it needs. */
  readonly texts?: TextMemory
  /** What searching by meaning needs. Default: words alone. */
  readonly dense?: DenseSource
  /** Up to how many texts of an agent or archive all are scored. Default: `searchConstants.completeUpTo`. */
  readonly completeUpTo?: number
}

/** Whose memory to search. */
export interface AgentSearchOptions extends SearchPlace {
  readonly agentId: string
}
