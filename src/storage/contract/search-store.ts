import type { Passage } from '../../domain/archive.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'

/**
 * Candidates for the search pipeline, not results: the engine finds what shares a term with the query, the scoring is
 * the same code for every engine (`memory/`).
 *
 * `terms` are normalised tokens (see `memory/analysis`), combined with OR. Every hit of the scope is a candidate up to
 * `limit`; beyond it the engine's own ranking chooses. Filters apply before the limit. What was written by an
 * operation that has resolved is found (read-your-writes).
 */
export interface SearchStore {
  /** Messages of one agent. Those stored as not searchable are never found. */
  searchMessages(scope: TenantScope, input: MessageSearch): Promise<Candidates<Message>>
  /** Passages of an agent's archive, or of one archive. */
  searchPassages(scope: TenantScope, input: PassageSearch): Promise<Candidates<Passage>>
}

/** A search among messages. */
export interface MessageSearch {
  readonly agentId: string
  readonly terms: readonly string[]
  readonly roles: readonly ('user' | 'assistant' | 'tool')[]
  readonly conversationId?: string
  /** Both inclusive, epoch milliseconds. */
  readonly from: number | null
  readonly until: number | null
  readonly excludeIds: readonly string[]
  readonly limit: number
}

/** A search among passages. */
export interface PassageSearch {
  readonly agentId?: string
  readonly archiveId?: string
  readonly terms: readonly string[]
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
  readonly from: number | null
  readonly until: number | null
  readonly limit: number
}

/** What the engine found, with what is needed to score it. */
export interface Candidates<Item> {
  readonly items: readonly Candidate<Item>[]
  readonly statistics: SearchStatistics
}

/** One candidate with its stored tokens. */
export interface Candidate<Item> {
  readonly item: Item
  /** The tokens as they were indexed, in order. */
  readonly tokens: readonly string[]
}

/** Statistics of the whole scope (all searchable messages of the agent, or all passages of the archive), filters aside. */
export interface SearchStatistics {
  readonly documentCount: number
  /** The tokens of all documents together. */
  readonly tokenCount: number
  /** In how many documents each of the query's terms occurs; 0 for those that occur nowhere. */
  readonly documentFrequency: Readonly<Record<string, number>>
}
