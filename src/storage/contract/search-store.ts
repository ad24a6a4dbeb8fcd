import type { TenantScope } from '../../domain/scope.ts'
import type { SearchEntry } from './search-entry.ts'

/**
 * What the search pipeline scores, not results: the engine gives the texts of a scope, or those of a large one that
 * share a term with the query and what was said around them; the scoring is the same code for every engine (`memory/`).
 *
 * A scope is all searchable messages of an agent, all passages of an archive, or all facts of an agent that are known now. `terms` are normalised tokens (see
 * `memory/analysis`), combined with OR. What was written by an operation that has resolved is found (read-your-writes).
 */
export interface SearchStore {
  /**
   * The texts of a scope, or what came to those that the caller holds. Called until the page is current. `not_found`
   * for the agent or archive.
   */
  readTexts(scope: TenantScope, input: TextRead): Promise<TextPage>
  /**
   * The `limit` messages of one agent that pass the filters, hold a term and promise most by the terms in them and around
   * them, each with its neighbours. Terms that are in very many texts are left out of the choice, see `asked`. `not_found` for the agent.
   */
  searchMessages(scope: TenantScope, input: MessageSearch): Promise<Candidates>
  /** The same for passages of an agent's archive, or of one archive. `not_found` for either. */
  searchPassages(scope: TenantScope, input: PassageSearch): Promise<Candidates>
  /** Facts and instructions of an agent that are known now, whether they hold or not. `not_found` for the agent. */
  searchFacts(scope: TenantScope, input: FactSearch): Promise<Candidates>
}

/** Whose texts are read: the messages or facts of an agent, the passages of its archive, or those of an archive. */
export type TextOwner =
  | { readonly kind: 'messages' | 'facts'; readonly agentId: string }
  | { readonly kind: 'passages'; readonly agentId?: string; readonly archiveId?: string }

/** Reading the texts of a scope. */
export interface TextRead {
  readonly owner: TextOwner
  /** What the caller holds, from its last page; null = nothing. */
  readonly known: ScopeVersion | null
  /** Up to how many texts a scope is given; of a larger one only the count is told. */
  readonly completeUpTo: number
  /** The most texts of one page. */
  readonly limit: number
  /** Passages with these tags are told; empty = no matter. */
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
}

/** A state of a scope. Two that are equal stand for the same texts. */
export interface ScopeVersion {
  /** Names the scope; another one when an agent got another archive. */
  readonly scopeToken: string
  readonly documentCount: number
  /** Changes whenever a text was removed. */
  readonly removed: number
  /** Of the last text that was given. */
  readonly lastSequence: number
}

/** Some texts of a scope. */
export interface TextPage {
  /** What the caller holds with this page; null when the scope has no texts or more than `completeUpTo`. */
  readonly version: ScopeVersion | null
  readonly documentCount: number
  /** Whether the texts are to be added to those of `known`, else to none. */
  readonly isContinued: boolean
  /** In the order of their sequence. */
  readonly texts: readonly StoredText[]
  /** Whether no more texts follow. */
  readonly isCurrent: boolean
  /** The passages with the tags that were asked for; null where none were. */
  readonly tagged: readonly string[] | null
}

/** Up to how many documents of a term are counted by every engine. No candidates are chosen by terms with more. */
export const countedUpTo = 5001

/** How many texts are chosen. */
export interface CandidateChoice {
  /** The most texts that are chosen by their terms. */
  readonly limit: number
  /** How many neighbours to give before and after each chosen text. Default: 0. */
  readonly neighbours?: number
  /** Texts of the scope to give in any case, whatever their terms. Default: none. */
  readonly also?: readonly string[]
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
  /** The oldest first, ties by id, on every engine. */
  readonly documents: readonly SearchDocument[]
  /** The terms the choice was made by; those left out are in too many texts to tell any apart. */
  readonly asked: readonly string[]
  readonly statistics: SearchStatistics
}

/** One text with what its score is made of. */
export interface StoredText extends Omit<SearchEntry, 'tokens' | 'speaker' | 'dates' | 'session'> {
  /** Its own tokens in order, each as `toIndexToken` writes it, with a space between. */
  readonly tokens: string
  /** How many tokens of its own it has. */
  readonly length: number
  /** The tokens of the speaker's name, written likewise; empty when it is not known. */
  readonly speaker: string
  /** The tokens of its dates, written likewise. */
  readonly dates: string
  /** How many tokens its dates have. */
  readonly dateLength: number
  /** The message, passage or fact. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Grows with each text stored in its scope. */
  readonly sequence: number
  /** Of a message; null for a passage or fact. */
  readonly role: string | null
  /** What its places are counted in: the conversation of a message, an empty text for passages and facts. */
  readonly thread: string
  /** Where it stands in its thread, from 0; null for the messages of tools, which stand nowhere. */
  readonly place: number | null
  /** The place at which its part of the thread begins. */
  readonly session: number | null
}

/** One candidate. */
export interface SearchDocument extends StoredText {
  /** Whether it passes the filters; others are given only because they stand near. */
  readonly isEligible: boolean
}

/** Statistics of the whole scope (all searchable messages of the agent, or all passages of the archive), filters aside. */
export interface SearchStatistics {
  readonly documentCount: number
  /** The own tokens of all documents together. */
  readonly tokenCount: number
  /**
   * In how many documents each of the query's terms occurs; 0 for those that occur nowhere. At least {@link countedUpTo} where
   * it is more, as counting on is dear on some engines.
   */
  readonly documentFrequency: Readonly<Record<string, number>>
}
