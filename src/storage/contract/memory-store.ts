import type { Origin, Passage } from '../../domain/archive.ts'
import type { Block, ChangeCause } from '../../domain/block.ts'
import type {
  MemoryChange,
  MemoryProposal,
  MemoryState,
  MemorySubject,
} from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ExpectedFact, FactWrite } from './fact-store.ts'
import type { SearchEntry } from './search-entry.ts'
import type { BlockEdit, ExpectedBlock } from './turn-store.ts'

/**
 * The history of an agent's memory, and changes that people make to it as a whole.
 *
 * To an agent belong the changes of the blocks and the archive that it has now, and those made in its name. Every operation
 * that changes memory, here or elsewhere, records its changes in the same transaction.
 */
export interface MemoryStore {
  /** Changes, newest first. `not_found` when there is no such agent. */
  listMemoryChanges(scope: TenantScope, query: MemoryChangeQuery): Promise<readonly MemoryChange[]>
  /**
   * What items were at versions, in the order asked for; null where that is no longer stored, never was, or does not
   * belong to the agent. `not_found` when there is no such agent.
   */
  getMemoryStates(
    scope: TenantScope,
    input: { readonly agentId: string; readonly versions: readonly ItemVersion[] },
  ): Promise<readonly (MemoryState | null)[]>
  /**
   * Changes an agent's memory: all of it or nothing. Returns the changes, in order. `not_found`; `conflict` when
   * something is no longer at the version expected or as it was seen, a label is taken, or the proposal is not open.
   */
  changeMemory(scope: TenantScope, input: MemoryWrite): Promise<readonly MemoryChange[]>
  /** The proposals of an agent, newest first. `not_found` when there is no such agent. */
  listProposals(
    scope: TenantScope,
    input: {
      readonly agentId: string
      readonly state?: MemoryProposal['state']
      readonly runId?: string
      readonly number?: number
      readonly limit: number
    },
  ): Promise<readonly MemoryProposal[]>
  /**
   * Stores edits that wait for a person, under the next numbers and in order. `not_found` when there is no such agent;
   * `conflict` when memory is not as it was seen, or there is a newer proposal than was known.
   */
  proposeMemory(scope: TenantScope, input: NewProposals): Promise<readonly MemoryProposal[]>
  /** Rejects an open proposal. `not_found`, `conflict` when it is settled. */
  rejectProposal(
    scope: TenantScope,
    input: { readonly agentId: string; readonly number: number; readonly at: number },
  ): Promise<MemoryProposal>
  /**
   * Removes the past of a block, passage or fact: every earlier version and every change. When it was deleted, nothing of it
   * remains. `not_found` when the agent has no change of it.
   */
  forgetHistory(
    scope: TenantScope,
    input: { readonly agentId: string; readonly itemId: string },
  ): Promise<void>
}

/** Which changes; absent fields do not filter. */
export interface MemoryChangeQuery {
  readonly agentId: string
  readonly itemId?: string
  readonly runId?: string
  readonly number?: number
  /** Only smaller numbers. */
  readonly before?: number
  /** Only those made after this time. */
  readonly since?: number
  readonly limit: number
}

/** A block, passage or fact at a version. */
export interface ItemVersion {
  readonly subject: MemorySubject
  readonly itemId: string
  readonly version: number
}

/** Changes of an agent's memory that belong together; made in the order of the fields. */
export interface MemoryWrite {
  readonly agentId: string
  readonly detachedBlocks: readonly ExpectedBlock[]
  readonly blockEdits: readonly BlockEdit[]
  readonly newBlocks: readonly Block[]
  /**
   * Deleted blocks to bring back under their identifier, as the version after their deletion: attached to the agent and to
   * all that they were taken from, each in the place it had there. `conflict` when one of those has its label by now.
   */
  readonly restoredBlocks: readonly Block[]
  /** Blocks to attach, in the place they had when they were last taken from the agent. */
  readonly attachedBlockIds: readonly string[]
  readonly deletedPassages: readonly ExpectedPassage[]
  readonly passageEdits: readonly PassageEdit[]
  /** New passages, or deleted ones to bring back under their identifier. */
  readonly passages: readonly { readonly passage: Passage; readonly entry: SearchEntry }[]
  /** Changes of facts and instructions. Absent = none. */
  readonly facts?: readonly FactWrite[]
  /** What this was planned from and does not change itself. Absent = nothing is compared. */
  readonly seen?: SeenMemory
  readonly cause: ChangeCause
  /** The change that this takes back. */
  readonly undoes: number | null
  /** The open proposal that this applies. */
  readonly applies: number | null
  /** Its edit as it was read: a forgetting may have cut some of it since. Absent = it is not compared. */
  readonly appliedEdit?: JsonObject
  readonly at: number
}

/** A write to memory that changes nothing yet. */
export const emptyWrite: Omit<MemoryWrite, 'agentId' | 'cause' | 'at'> = {
  detachedBlocks: [],
  blockEdits: [],
  newBlocks: [],
  restoredBlocks: [],
  attachedBlockIds: [],
  deletedPassages: [],
  passageEdits: [],
  passages: [],
  undoes: null,
  applies: null,
}

/** Edits that nobody makes before a person has seen them. */
export interface NewProposals {
  readonly agentId: string
  readonly edits: readonly JsonObject[]
  /** What they were made from, so that nothing is stored that was forgotten since. Absent = nothing is compared. */
  readonly seen?: SeenMemory
  /** The newest proposal that was known of when they were made, 0 = there was none. Absent = it does not matter. */
  readonly newest?: number
  readonly cause: ChangeCause
  readonly at: number
}

/** Memory as somebody saw it who planned a change of it. */
export interface SeenMemory {
  readonly blocks: readonly ExpectedBlock[]
  /** By their words, as a forgetting cuts some out of a text without a new version. */
  readonly passages: readonly { readonly passageId: string; readonly text: string }[]
  /** As they are known now. */
  readonly facts: readonly ExpectedFact[]
  /** What items were at past versions, as `getMemoryStates` told it: a forgetting may have taken it since. Absent = none. */
  readonly states?: readonly (ItemVersion & { readonly state: MemoryState | null })[]
}

/** A passage at the version a change was computed from. */
export interface ExpectedPassage {
  readonly passageId: string
  readonly expectedVersion: number
}

/** A new text or new tags of a passage, its sources, or whom it is trusted as from now on. */
export interface PassageEdit extends ExpectedPassage {
  readonly text: string
  readonly tags: readonly string[]
  /** Absent = it stays. */
  readonly origin?: Origin
  /** Absent = they stay. */
  readonly sourceMessageIds?: readonly string[]
  readonly entry: SearchEntry
}
