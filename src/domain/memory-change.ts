import type { JsonObject } from '../util/json.ts'
import type { Passage } from './archive.ts'
import type { Block, BlockDetails, ChangeCause } from './block.ts'
import type { FactKind, StatedFact } from './fact.ts'

/** Whether an agent's edits of its memory count at once (`auto`) or wait until a person applies them (`review`). */
export type MemoryMode = 'auto' | 'review'

/** What a change is about. */
export type MemorySubject = 'block' | 'passage' | FactKind

/** What happened to a block, a passage, a fact or an instruction. `attach` and `detach` put a block into an agent's memory and take it out. */
export type MemoryAction = 'create' | 'edit' | 'delete' | 'attach' | 'detach'

/** One change of memory: who changed what, why, and from which messages. What it was before and after are versions. */
export interface MemoryChange extends ChangeCause {
  /** Runs through the whole tenant from 1, so that a change has one name whoever looks; people write `m-12`. */
  readonly number: number
  readonly subject: MemorySubject
  /** The block, passage or fact. */
  readonly itemId: string
  /** What decides who sees the change: the block itself, the archive of the passage, or the agent of the fact. */
  readonly ownerId: string
  /** The block's label after the change, or what the fact is about; null for passages. */
  readonly label: string | null
  readonly action: MemoryAction
  /** The version the item has with the change; the one before it was one less, unless nothing but an attachment changed. */
  readonly version: number
  /** SHA-256 of the text before, null when there was none, or it is not known (changes from before version 0.1). */
  readonly beforeHash: string | null
  /** SHA-256 of the text after, null when there is none, or it is not known. */
  readonly afterHash: string | null
  /** The agent whose tool made it, or whose attachment it is; null for changes made over the API. */
  readonly agentId: string | null
  /** The run it was made in. */
  readonly runId: string | null
  /** The change it takes back. */
  readonly undoes: number | null
  /** The place among the agent's blocks that a block had when it was detached or deleted; null for other changes. */
  readonly position: number | null
  readonly createdAt: number
}

/** What a block, a passage or a fact was at one version. */
export type MemoryState =
  | {
      readonly subject: 'block'
      readonly version: number
      readonly block: Pick<Block, 'id' | 'label' | 'value' | 'description' | 'limit' | 'readOnly'> &
        // Not known of versions that are older than this.
        Partial<BlockDetails>
    }
  | { readonly subject: 'passage'; readonly version: number; readonly passage: Passage }
  | { readonly subject: FactKind; readonly version: number; readonly fact: StatedFact }

/** An edit of an agent in review mode, waiting for a person. */
export interface MemoryProposal extends ChangeCause {
  /** From the same sequence as changes; people write `m-12`. */
  readonly number: number
  readonly agentId: string
  readonly runId: string | null
  readonly state: 'open' | 'applied' | 'rejected'
  /** What the agent wants done, as the tool computed it. */
  readonly edit: JsonObject
  readonly createdAt: number
  /** When it was applied or rejected. */
  readonly settledAt: number | null
  /** Who applied or rejected it. */
  readonly settledById: string | null
}

/** The name people type for a change or a proposal. */
export function changeName(number: number): string {
  return `m-${number}`
}

/** The number in a name such as `m-12`; null when it is none. */
export function parseChangeName(name: string): number | null {
  const match = /^m-([1-9]\d{0,14})$/.exec(name.trim().toLowerCase())
  return match === null ? null : Number(match[1])
}
