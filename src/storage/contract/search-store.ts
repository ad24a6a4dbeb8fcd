import type { TenantScope } from '../../domain/scope.ts'
import type { SearchEntry } from './search-entry.ts'

/**
 * Candidates for the search pipeline, not results: the engine finds what shares a term with the query and what was said
 * around it; the scoring is the same code for every engine (`memory/`).
 *
 * `terms` are normalised tokens (see `memory/analysis`), combined with OR. What was written by an operation that has
 * resolved is found (read-your-writes).
 *
 * A scope of up to `completeUpTo` texts is given whole, whatever the terms. Of a larger one come the best `limit` texts
 * that pass the filters and hold a term, by the engine's own ranking, each with its neighbours. Terms that are in very
 * many texts are left out of that choice, see `asked`.
 */
export interface SearchStore {
  /** Messages of one agent. Those stored as not searchable are never found. `not_found` for the agent. */
  searchMessages(scope: TenantScope, input: MessageSearch): Promise<Candidates>
  /** Passages of an agent's archive, or of one archive. `not_found` for either. */
  searchPassages(scope: TenantScope, input: PassageSearch): Promise<Candidates>
  /** Facts and instructions of an agent that are known now, whether they hold or not. `not_found` for the agent. */
  searchFacts(scope: TenantScope, input: FactSearch): Promise<Candidates>
}

/** How much of a scope is looked at. */
export interface CandidateChoice {
  /** The most texts that are chosen by their terms. */
  readonly limit: number
  /** Up to how many texts of a scope all of them are given. Default: 0. */
  readonly completeUpTo?: number
  /** How many neighbours to give before and after each chosen text. Default: 0. */
  readonly neighbours?: number
}

/** A search among messages. */
export interface MessageSearch extends CandidateChoice {
  readonly agentId: string
  readonly terms: readonly string[]
  readonly roles: readonly ('user' | 'assistant' | 'tool')[]
  readonly conversationId?: string
  /** Both inclusive, epoch milliseconds. */
  readonly from: number | null
  readonly until: number | null
  /** Messages that are neither found nor given as neighbours. */
  readonly excludeIds: readonly string[]
}

/** A search among passages. */
export interface PassageSearch extends CandidateChoice {
  readonly agentId?: string
  readonly archiveId?: string
  readonly terms: readonly string[]
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
  readonly from: number | null
  readonly until: number | null
}

/** A search among facts. */
export interface FactSearch extends CandidateChoice {
  readonly agentId: string
  readonly terms: readonly string[]
  /** What began to be true in this stretch, both ends inclusive, epoch milliseconds. */
  readonly from: number | null
  readonly until: number | null
}

/** What the engine found, with what is needed to score it. */
export interface Candidates {
  /** The oldest first, ties by id, on every engine: sums over them come out the same. */
  readonly documents: readonly SearchDocument[]
  /** Whether these are all texts of the scope (but for excluded ones), not a choice. */
  readonly isComplete: boolean
  /** The terms the choice was made by; those left out are in too many texts to tell any apart. */
  readonly asked: readonly string[]
  readonly statistics: SearchStatistics
}

/** One text with what its score is made of. */
export interface SearchDocument extends Omit<SearchEntry, 'tokens' | 'dates' | 'session'> {
  /** The message, passage or fact. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Grows with each text stored in its scope. */
  readonly sequence: number
  /** Of a message; null for a passage or fact. */
  readonly role: string | null
  /** Its own tokens that are terms of the query, with repetitions. */
  readonly matches: readonly string[]
  /** How many tokens of its own it has. */
  readonly length: number
  /** The tokens of its dates that are terms of the query. */
  readonly dateMatches: readonly string[]
  /** How many tokens its dates have. */
  readonly dateLength: number
  /** What its places are counted in: the conversation of a message, an empty text for passages and facts. */
  readonly thread: string
  /** Where it stands in its thread, from 0; null for the messages of tools, which stand nowhere. */
  readonly place: number | null
  /** The place at which its part of the thread begins. */
  readonly session: number | null
  /** Whether it passes the filters; others are given only because they stand near. */
  readonly isEligible: boolean
}

/** Statistics of the whole scope (all searchable messages of the agent, or all passages of the archive), filters aside. */
export interface SearchStatistics {
  readonly documentCount: number
  /** The own tokens of all documents together. */
  readonly tokenCount: number
  /** In how many documents each of the query's terms occurs; 0 for those that occur nowhere. */
  readonly documentFrequency: Readonly<Record<string, number>>
}
