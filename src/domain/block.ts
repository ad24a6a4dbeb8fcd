import type { JsonObject } from '../util/json.ts'

/** How long a block may be when its creator names no limit, in Unicode code points. */
export const defaultBlockLimit = 100_000

/** Core memory: a labelled text of limited size that is always in the prompt. Versioned; may be shared by agents. */
export interface Block {
  /** `block-<uuid4>`. */
  readonly id: string
  /** The name the model knows the block by; unique per agent, not per tenant. */
  readonly label: string
  /** The text itself, at most {@link Block.limit} code points. */
  readonly value: string
  /** The longest value allowed, in Unicode code points. */
  readonly limit: number
  /** What the block is for, shown to the model. */
  readonly description: string | null
  /** Whether the agent's own tools are refused to edit it; people may. */
  readonly readOnly: boolean
  /** Anything the creator wants to keep with it. */
  readonly metadata: JsonObject
  /** Free labels to find it by. */
  readonly tags: readonly string[]
  /** Whether default listings leave it out. */
  readonly hidden: boolean
  /** Fields of the wire that this product stores and returns but gives no meaning (templates, projects). */
  readonly extra: JsonObject
  /** Counts up by one with each change; the number compare-and-swap compares. Starts at 1. */
  readonly version: number
  /** When it was created, in epoch milliseconds. */
  readonly createdAt: number
  /** When it was last changed, in epoch milliseconds. */
  readonly updatedAt: number
  /** Who created it (`user-…`), if known. */
  readonly createdById: string | null
  /** Who changed it last, if known. */
  readonly updatedById: string | null
}

/** Who made a change to memory. */
export interface Actor {
  /** A person or program with a key, an agent through a tool call, or the product itself. */
  readonly kind: 'user' | 'agent' | 'system' | 'import'
  /** `user-…`, `agent-…` or the name of the internal job. */
  readonly id: string
}

/** Why a change was made: who, in words, and the messages that caused it. */
export interface ChangeCause {
  readonly actor: Actor
  /** A short phrase such as `memory_replace` or `PATCH /v1/blocks`. */
  readonly reason: string
  /** The messages that led to the change; empty when there are none. */
  readonly sourceMessageIds: readonly string[]
}

/** What describes a block besides its text and how it may be edited. */
export type BlockDetails = Pick<Block, 'metadata' | 'tags' | 'hidden' | 'extra'>

/** One entry of a block's history. Version 1 is its creation. */
export interface BlockVersion extends ChangeCause {
  readonly blockId: string
  readonly version: number
  readonly label: string
  readonly value: string
  readonly description: string | null
  readonly limit: number
  readonly readOnly: boolean
  /** Null = not known, as of versions that are older than this field. */
  readonly details: BlockDetails | null
  readonly createdAt: number
}

/** The number of Unicode code points in `text`: the unit of every limit on stored text. */
export function countCodePoints(text: string): number {
  let count = text.length
  for (let index = 0; index < text.length - 1; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const next = text.charCodeAt(index + 1)
    if (next >= 0xdc00 && next <= 0xdfff) {
      count -= 1
      index += 1
    }
  }
  return count
}

/** A block as an edit of memory makes it: all that the edit does not say is as by default. */
export function newBlock(
  { label, value, description }: Pick<Block, 'label' | 'value' | 'description'>,
  { id, at, userId }: { readonly id: string; readonly at: number; readonly userId: string | null },
): Block {
  return {
    id,
    label,
    value,
    description,
    limit: defaultBlockLimit,
    readOnly: false,
    metadata: {},
    tags: [],
    hidden: false,
    extra: {},
    version: 1,
    createdAt: at,
    updatedAt: at,
    createdById: userId,
    updatedById: userId,
  }
}
