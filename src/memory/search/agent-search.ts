import type { Passage } from '../../domain/archive.ts'
import type { Fact, FactKind } from '../../domain/fact.ts'
import type { Message } from '../../domain/message.ts'
import type { SearchAnswer } from '../../domain/search.ts'

/** The search an agent's tools use; the scope is fixed by whoever made it. */
export interface AgentSearch {
  /** Messages of all of the agent's conversations, best first. */
  messages(query: MessageQuery): Promise<SearchAnswer<Message>>
  /** Passages of the agent's archives, best first. */
  passages(query: PassageQuery): Promise<SearchAnswer<Passage>>
  /** Facts and instructions of the agent, best first. */
  facts(query: FactSearchQuery): Promise<SearchAnswer<FoundFact>>
}

/** A fact with the time that its hits are dated by: when it began to be true. */
export type FoundFact = Fact & { readonly createdAt: number }

/** The roles whose messages can be found. */
export type SearchableRole = 'user' | 'assistant' | 'tool'

/** What to look for among messages. */
export interface MessageQuery {
  /** Words to look for; blank or null = the newest messages that pass the filters. */
  readonly text: string | null
  /** Only these roles; empty = user and assistant. */
  readonly roles: readonly SearchableRole[]
  /** Not before, in epoch milliseconds, inclusive. */
  readonly from: number | null
  /** Not after, in epoch milliseconds, inclusive. */
  readonly until: number | null
  /** Only what was first said in this conversation. Default: in any. */
  readonly conversationId?: string
  /** Messages to leave out: what the model sees anyway. */
  readonly excludeIds: readonly string[]
  /** The most hits to return. */
  readonly limit: number
  /** How many of the best hits to pass over. Default: 0. */
  readonly offset?: number
  /**
   * Whether of several messages with the same role and text only the newest is a hit, so that a question asked every
   * day does not crowd out its answer. Default: false.
   */
  readonly distinct?: boolean
}

/** What to look for among passages. */
export interface PassageQuery {
  /** Words to look for; blank = the newest passages that pass the filters. */
  readonly text: string
  /** Tags to have; empty = no filter. */
  readonly tags: readonly string[]
  /** Whether one of the tags suffices. */
  readonly tagMatch: 'any' | 'all'
  /** Not before, in epoch milliseconds, inclusive. */
  readonly from: number | null
  /** Not after, in epoch milliseconds, inclusive. */
  readonly until: number | null
  /** The most hits to return. */
  readonly limit: number
  /** How many of the best hits to pass over. Default: 0. */
  readonly offset?: number
}

/** What to look for among facts. */
export interface FactSearchQuery {
  /** Words to look for; blank = all that pass the filters, by what they are about. */
  readonly text: string
  /** Default: both. */
  readonly kind?: FactKind
  /** Only facts of these slots. Default: of any. */
  readonly slots?: readonly string[]
  /** Only what holds at this time in the world, in epoch milliseconds; null = at any. */
  readonly validAt: number | null
  /** As it was known at this time; null = as it is known now. */
  readonly knownAt: number | null
  /** What began to be true not before, in epoch milliseconds, inclusive. */
  readonly from: number | null
  /** Not after, in epoch milliseconds, inclusive. */
  readonly until: number | null
  /** The most hits to return. */
  readonly limit: number
  /** How many of the best hits to pass over. Default: 0. */
  readonly offset?: number
  /** Whether to say how many there are, at the price of reading all. Default: false. */
  readonly counts?: boolean
}
