import type { z } from 'zod'
import type { Block } from '../domain/block.ts'
import type { MessageItem } from '../domain/conversation.ts'
import type { Origin } from '../domain/archive.ts'
import type { StatedFact } from '../domain/fact.ts'
import type { FactEdit, FactRequest } from '../memory/facts/place-fact.ts'
import type { PassagePiece } from '../memory/split-passage.ts'
import type { AgentSearch } from '../memory/search/agent-search.ts'
import type { JsonObject } from '../util/json.ts'

/** A tool the product carries or an operator registers. */
export type Tool<Arguments = unknown> =
  | MemoryTool<Arguments>
  | ActionTool<Arguments>
  | WaitTool<Arguments>

/** What every tool says about itself. */
export interface ToolBase<Arguments> {
  /** The name the model calls it by. */
  readonly name: string
  /** What the model reads about it. */
  readonly description: string
  /** The arguments; its JSON Schema is what the model sees, and calls that do not fit are refused with a reason. */
  readonly parameters: z.ZodType<Arguments>
  /** The wire's `tags`. */
  readonly tags: readonly string[]
  /** The wire's `tool_type`, such as `letta_core` or `letta_sleeptime_core`. */
  readonly toolType: string
  /** Whether it may run beside other calls of the same step. */
  readonly parallel: boolean
  /** The longest return in characters before it is cut. */
  readonly returnLimit: number
  /** Whether it is of use only where a summary stands for messages: elsewhere the model is not told of it. Default: false. */
  readonly onlyWithSummary?: boolean
  /** Whether agents get the rule that calls have to be allowed by a person when it is attached. Default: false. */
  readonly requiresApproval?: boolean
}

/**
 * A tool that changes the agent's memory: a pure function from what is stored to edits and a text.
 *
 * The runtime writes the edits by compare-and-swap in the transaction of the result; when a block changed in between,
 * `edit` is called again with fresh values (up to five times). So each edit happens exactly once or not at all.
 */
export interface MemoryTool<Arguments> extends ToolBase<Arguments> {
  readonly kind: 'memory'
  /** The slots whose facts the edit has to see (`memory/facts`). Default: none. */
  factSlots?(input: Arguments): readonly string[]
  /**
   * Computes the edit.
   *
   * @throws AppError (`invalid_argument`, `validation_failed`, `block_read_only`, `block_limit_exceeded`, `not_found`): nothing is written
   * and the model reads the message as the error of its call.
   */
  edit(input: Arguments, memory: MemorySnapshot): MemoryEdit
}

/** What a memory tool sees. */
export interface MemorySnapshot {
  /** The agent's blocks in prompt order, as stored now. */
  readonly blocks: readonly Block[]
  /**
   * What the model was last shown of blocks that somebody else changed since, by block id. An edit that speaks of places or
   * of the whole text is meant for this text and has to be rebased on the stored one. Default: none.
   */
  readonly seen?: SeenValues
  /** What is known of the slots that the tool asked for. Default: nothing. */
  readonly facts?: FactSnapshot
  /** The current time in epoch milliseconds. */
  readonly now: number
}

/** What a memory tool sees of facts. */
export interface FactSnapshot {
  readonly agentId: string
  /** IANA zone that dates are read and told in. */
  readonly timezone: string
  /** What is known of the slots that the tool asked for. */
  readonly known: readonly StatedFact[]
  /** The user's messages of the running turn. */
  readonly sourceMessageIds: readonly string[]
  /** What the user said in them. */
  readonly userText: string
  /** What tools from outside returned, as far as it is in view. */
  readonly returned: readonly string[]
}

/** A snapshot without facts, for tools that are called outside of a turn. */
export const noFacts: FactSnapshot = {
  agentId: '',
  timezone: 'UTC',
  known: [],
  sourceMessageIds: [],
  userText: '',
  returned: [],
}

/** Texts of blocks by block id. */
export type SeenValues = Readonly<Record<string, string>>

/** What a memory tool wants done. */
export interface MemoryEdit {
  /** Changes of blocks, each with the version it was computed from; at most one for a block. */
  readonly blocks: readonly BlockEdit[]
  /** Blocks to create and attach at the end. Default: none. */
  readonly newBlocks?: readonly NewBlockDraft[]
  /** Blocks to take out of the agent's memory; they and their history stay stored. Default: none. */
  readonly detachedBlocks?: readonly DetachedBlock[]
  /** Texts to add to archival memory. */
  readonly passages: readonly PassageDraft[]
  /** Changes of facts: what is wanted, and what that means for what is known. Default: none. */
  readonly facts?: {
    readonly requests: readonly FactRequest[]
    readonly edits: readonly FactEdit[]
  }
  /** Whether a person has to allow it whatever the agent's mode is. Default: false. */
  readonly needsReview?: boolean
  /** What the model reads. May hold {@link passageIdPlaceholder}, replaced by the ids of the new passages. */
  readonly text: string
}

/** Stands in a {@link MemoryEdit.text} for the identifiers that the new passages get. */
export const passageIdPlaceholder = '{passage_ids}'

/** What changes of one block; what is absent stays. */
export interface BlockEdit {
  readonly blockId: string
  readonly expectedVersion: number
  readonly value?: string
  readonly label?: string
  readonly description?: string
}

/** A block that has no identifier yet. */
export interface NewBlockDraft {
  readonly label: string
  readonly value: string
  readonly description: string
}

/** A block to detach, as it was when that was decided. */
export interface DetachedBlock {
  readonly blockId: string
  readonly expectedVersion: number
}

/** A passage that has no identifier yet. */
export interface PassageDraft {
  readonly text: string
  readonly tags: readonly string[]
  readonly origin: Origin
  /** Which piece of a text it is that is too long for one passage. Absent = all of it. */
  readonly piece?: PassagePiece
  /** Passages that are the same text, and beside which it is stored all the same. Absent = none. */
  readonly repeats?: readonly string[]
}

/** A tool that reads, computes or acts outside the agent's memory. */
export interface ActionTool<Arguments> extends ToolBase<Arguments> {
  readonly kind: 'action'
  /**
   * What may happen when a crash leaves it unknown whether the call took effect: `read-only` and `idempotent` calls
   * are made again, `once` calls are reported to the model as interrupted.
   */
  readonly replay: 'read-only' | 'idempotent' | 'once'
  /** Whether its returns quote stored text; such returns are kept out of search, so that no quotation is ever found. */
  readonly quotesMemory: boolean
  /**
   * Runs the call and returns what the model reads. Anything thrown becomes the error of the call.
   * Must end soon after `context.signal` aborts.
   */
  run(input: Arguments, context: ToolContext): Promise<ToolOutput>
}

/**
 * A tool whose call ends when a time or a signal has come. Meanwhile the turn holds rows only: no process, no lease.
 * Its calls are made after all others of their step.
 */
export interface WaitTool<Arguments> extends ToolBase<Arguments> {
  readonly kind: 'wait'
  /**
   * What to wait for; pure.
   *
   * @throws AppError (`invalid_argument`, `validation_failed`): the model reads the message as the error of its call.
   */
  plan(input: Arguments, context: { readonly now: number; readonly timezone: string }): WaitPlan
}

/** What a call waits for. */
export type WaitPlan =
  | { readonly kind: 'timer'; readonly until: number }
  | { readonly kind: 'signal'; readonly name: string; readonly until: number | null }

/** What an action tool returns. */
export interface ToolOutput {
  /** What the model reads. */
  readonly text: string
  readonly stdout?: readonly string[]
  readonly stderr?: readonly string[]
}

/** The summaries of one agent. */
export interface SummaryReader {
  /** The summary that the view of the running turn's conversation begins with; null = all of it is in view. */
  readonly currentId: string | null
  /** The messages a summary stands for, in order; `not_found` when this agent has no such summary. */
  sources(page: {
    readonly summaryId: string
    /** Only messages at a greater position. */
    readonly after: number
    readonly limit: number
  }): Promise<readonly MessageItem[]>
}

/** What an action tool may use. */
export interface ToolContext {
  readonly agentId: string
  readonly conversationId: string
  /** IANA zone that dates are shown in. */
  readonly timezone: string
  /** The current time in epoch milliseconds. */
  readonly now: number
  /** Aborts when the run is cancelled or the process stops. */
  readonly signal: AbortSignal
  /** The messages of the running turn so far: what was just said is not something to be found. */
  readonly turnMessageIds: readonly string[]
  /** Search over what this agent said and stored. */
  readonly search: AgentSearch
  /** The summaries of what has left the views of this agent's conversations. */
  readonly summaries: SummaryReader
}

/** The schema of a tool's arguments as the model and the wire see it. */
export interface ToolSchema {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}
