import type { Agent } from '../../domain/agent.ts'
import type { Archive, Passage } from '../../domain/archive.ts'
import type { Block, BlockDetails, ChangeCause } from '../../domain/block.ts'
import type { EndJob } from '../../domain/consolidation.ts'
import type {
  Conversation,
  ConversationItem,
  MessageItem,
  PromptPrefix,
  TailItem,
} from '../../domain/conversation.ts'
import type { Fact } from '../../domain/fact.ts'
import type { Message } from '../../domain/message.ts'
import type {
  ApprovalWait,
  Run,
  RunEvent,
  RunEventBody,
  RunStatus,
  Step,
  StopReason,
  ToolJournalEntry,
  Turn,
} from '../../domain/run.ts'
import type { SystemScope, TenantScope } from '../../domain/scope.ts'
import type { JsonObject } from '../../util/json.ts'
import type { FactWrite } from './fact-store.ts'
import type { NewMessage } from './new-message.ts'
import type { SearchEntry } from './search-entry.ts'

/**
 * The durable turn: accept, claim, step commits, tool results, end.
 *
 * Every operation that takes a {@link LeaseProof} rejects with `lease_lost` and writes nothing when the lease has
 * another owner or fence by then. The time of the lease is the `at` of the caller; on engines whose processes do not
 * share a clock, the database's clock decides.
 */
export interface TurnStore {
  /**
   * Accepts input: stores the messages (not yet in the conversation), one inbox entry at the next position, the turn
   * (`queued`) and the run (`created`). When an `otid` of these messages was accepted in the conversation before, or
   * `retryOf` matches, nothing is written and the earlier run is returned with `duplicate: true`; `gone` when its turn was
   * forgotten.
   * `not_found` when the conversation does not exist; `conversation_busy` (data: `run_id`) when `rejectBusy` is set
   * and a turn is open; `pending_approval` (data: `run_id`, `message_id`) when the conversation waits for an answer;
   * `place_changed` when the agent or the conversation is not what the input was `checkedAgainst`.
   * With `claim`, what was accepted is claimed in the same transaction as {@link TurnStore.claimWork} does; that the
   * lease is not to be had keeps no input from being accepted.
   */
  acceptInput(scope: TenantScope, input: AcceptInput): Promise<AcceptedInput>
  /**
   * Takes or renews the lease of a conversation. Succeeds when it is free, expired at `at`, held by `owner` itself, or
   * held by `deadOwner`. Returns null when somebody else holds it (`holder` tells who through {@link TurnStore.readLease}).
   */
  claimLease(scope: TenantScope, input: LeaseClaim): Promise<LeaseProof | null>
  /**
   * Takes the lease of a conversation as {@link TurnStore.claimLease} does and begins its next work as
   * {@link TurnStore.beginWork} does, in one transaction. Without open work nothing is taken or written.
   */
  claimWork(scope: TenantScope, input: WorkClaimRequest): Promise<WorkClaim>
  /** Moves the end of a lease; `lease_lost` when it is gone. */
  renewLease(
    scope: TenantScope,
    input: { readonly lease: LeaseProof; readonly until: number },
  ): Promise<void>
  /** Gives a lease back; nothing happens when it is gone. */
  releaseLease(scope: TenantScope, input: { readonly lease: LeaseProof }): Promise<void>
  /** Who holds the lease of a conversation, or null. */
  readLease(
    scope: TenantScope,
    input: { readonly conversationId: string },
  ): Promise<LeaseState | null>
  /**
   * What the runner of a conversation has to do next, with all it needs for it, in one read; null when nothing is open,
   * and then the lease is given back in the same transaction.
   * When no turn is executing or waiting and the conversation is not paused, the oldest inbox entry is begun: its messages
   * get positions (two are left free before them, for a tail item), the turn becomes `executing`, the run `running`. A
   * turn that was begun before (retried, answered) keeps its positions.
   */
  beginWork(
    scope: TenantScope,
    input: {
      readonly lease: LeaseProof
      readonly at: number
      /** Only items with a greater position are returned: the runner still has the others. 0 = the whole view. */
      readonly itemsAfter: number
    },
  ): Promise<TurnWork | null>
  /**
   * Commits a finished model call: the step, the assistant message with its item, its tool calls as intents, tail item,
   * prefix, shown blocks and events; with `end` also the end of the run, and of the turn unless it waits. When the
   * end leaves nothing to begin, the lease is given back, too (so with `commitTool` and `endTurn`).
   * Returns the placed messages (null when the step has none) and the events with their numbers.
   * The tail item takes its place first; the message follows the last position then taken, the request the message.
   */
  commitStep(scope: TenantScope, input: StepCommit): Promise<CommitResult>
  /** Marks tool calls as started, before they run. */
  startTools(
    scope: TenantScope,
    input: {
      readonly lease: LeaseProof
      readonly stepId: string
      readonly indexes: readonly number[]
      readonly at: number
    },
  ): Promise<void>
  /**
   * Commits the result of one tool call with its memory edits and events. `conflict` (nothing written) when a block or
   * fact is no longer at the version its edit was computed from, when a block to detach is not attached, when a label is
   * taken on an agent that has the block, or when a passage is a text that the archive has with these tags or more (`reason: 'stored'`). When it was the last open call of the step, `toolMessage` is stored and placed in the conversation, at `position` or at its end. Its events go to the turn's present run.
   */
  commitTool(scope: TenantScope, input: ToolCommit): Promise<CommitResult>
  /** Ends the turn and the run without a further step: failed, cancelled, refused. `conflict` when it has ended. */
  endTurn(
    scope: TenantScope,
    input: { readonly lease: LeaseProof; readonly end: TurnEnd },
  ): Promise<CommitResult>
  /**
   * Opens an ended turn again under a new run (`created`), as the next inbox entry, without messages: its input, steps
   * and `tailPosition` are kept, and `beginWork` returns it with its last committed step.
   * `not_found` when the run does not exist; `conflict` when its turn is open, is not the newest of its conversation, or
   * has ended well and `completed` does not allow that.
   */
  retryTurn(
    scope: TenantScope,
    input: {
      readonly runId: string
      readonly run: Run
      /** Whether a turn that ended well may be opened too, because its answer was only a quotation. */
      readonly completed: boolean
      readonly at: number
    },
  ): Promise<AcceptResult>
  /**
   * The conversations with something to do, each with its oldest open turn, oldest first: what a server looks at when
   * it starts and whenever it is woken. Turns that rest until after `at`, what queues behind them, and queued turns of a
   * paused conversation are left out. Crosses tenants.
   */
  listOpenWork(
    scope: SystemScope,
    input: { readonly at: number; readonly limit: number },
  ): Promise<readonly OpenWork[]>
}

/** A new input. */
export interface AcceptInput {
  readonly conversationId: string
  /** In order; roles user, system or assistant. */
  readonly messages: readonly NewMessage[]
  readonly turn: Turn
  readonly run: Run
  /** The `otid`s the client itself gave, in order; empty when it gave none. */
  readonly clientOtids: readonly string[]
  /** A hash of route, key and body, stored with the run; null = none. */
  readonly requestHash: string | null
  /** Attach to a run with the same hash accepted since this time whose response was not delivered; null = do not. */
  readonly retryOf: { readonly since: number } | null
  /** Refuse with `conversation_busy` instead of queueing. */
  readonly rejectBusy: boolean
  /** What it was checked against, when that was not read just before; absent = that does not matter. */
  readonly checkedAgainst?: CheckedPlace
  /** A wish to begin with it at once; absent = it is left to whoever claims it. */
  readonly claim?: Omit<WorkClaimRequest, 'conversationId'>
  readonly at: number
}

/** What of an agent and a conversation decides whether an input can be sent to a model. */
export interface CheckedPlace {
  readonly agent: Pick<Agent, 'updatedAt' | 'model' | 'contextWindow'>
  readonly conversation: Pick<Conversation, 'model' | 'contextWindow'>
}

/** What became of an input. */
export interface AcceptResult {
  readonly run: Run
  readonly turn: Turn
  /** Whether this is an earlier run with the same otid or request. */
  readonly duplicate: boolean
  /** The stored messages with their sequence; empty for a duplicate. */
  readonly messages: readonly Message[]
}

/** What became of an input that may have been claimed, too. */
export interface AcceptedInput extends AcceptResult {
  /** What came of the wish to begin with it; null = there was none, it is a duplicate, or the claim is left to `claimWork`. */
  readonly claim: WorkClaim | null
}

/** A wish for a lease. */
export interface LeaseClaim {
  readonly conversationId: string
  readonly owner: string
  readonly at: number
  readonly until: number
  /** An owner known to be dead; its lease may be taken although it has not expired. */
  readonly deadOwner?: string
}

/** A wish for a lease with the next work. */
export interface WorkClaimRequest extends LeaseClaim {
  /** The items the runner still has from its last lease; they count only when nobody else had it since. */
  readonly known: KnownItems | null
}

/** Proof of a lease, passed to every write of a turn. */
export interface LeaseProof {
  readonly conversationId: string
  readonly owner: string
  /** Grows with every claim by another owner. */
  readonly fence: number
}

/** Up to where a runner has read a conversation, under which lease. */
export interface KnownItems {
  /** The position of the last item it has. */
  readonly through: number
  /** The fence of the lease it had then. */
  readonly fence: number
}

/** What came of {@link TurnStore.claimWork}. */
export type WorkClaim =
  /** Nothing is open. */
  | { readonly state: 'idle' }
  /** Another owner holds the lease. */
  | { readonly state: 'held' }
  | {
      readonly state: 'claimed'
      readonly lease: LeaseProof
      readonly work: TurnWork
      /** Whether `work.items` continue the known ones; else they are the whole view. */
      readonly continues: boolean
    }

/** Who holds a lease until when. */
export interface LeaseState extends LeaseProof {
  readonly until: number
}

/** How many facts a turn is given; far more than a prompt has room for. */
export const promptFacts = 150

/** Everything the next step of a turn needs. */
export interface TurnWork {
  readonly turn: Turn
  readonly run: Run
  readonly agent: Agent
  readonly conversation: Conversation
  /** The agent's blocks in prompt order. */
  readonly blocks: readonly Block[]
  /** What holds of the agent's facts: instructions first, then what became known last, up to {@link promptFacts}. */
  readonly facts: readonly Fact[]
  /** The items of the view after `itemsAfter` by position; the turn's own input included, the system message not. */
  readonly items: readonly ConversationItem[]
  /** The first of the two positions kept free before the turn's input, for its tail item; the same in every step of the turn. */
  readonly tailPosition: number
  /** The last committed step of this turn, or null. */
  readonly lastStep: Step | null
  /** The tool calls of the last successful step in order; all `done` or empty means that the model is next. */
  readonly toolCalls: readonly ToolJournalEntry[]
  /** The returns of the `done` and `answered` ones, by index. */
  readonly toolReturns: readonly (JournaledReturn | null)[]
  /** The agent's messages in all conversations, for the memory statistics. */
  readonly messageCount: number
  /** The passages of the agent's archive. */
  readonly passageCount: number
  /** When the conversation's last message before this turn was said; null = this is the first. */
  readonly lastActivityAt: number | null
}

/** A stored tool return. */
export interface JournaledReturn {
  readonly status: 'success' | 'error'
  readonly text: string
  readonly stdout: readonly string[] | null
  readonly stderr: readonly string[] | null
}

/** A finished model call. */
export interface StepCommit {
  readonly lease: LeaseProof
  readonly step: Step
  /** Null when the step failed before it said anything, or only asks for an answer. */
  readonly message: NewMessage | null
  /** The message of role `approval` with the calls that wait for an answer; then `end` says so. Null = none wait. */
  readonly request: NewMessage | null
  readonly toolCalls: readonly ToolJournalEntry[]
  /** The tail item sent with this step, at `tailPosition`; null = none, or stored before. */
  readonly tail: TailItem | null
  /** The prefix sent, when it was rebuilt or its shown blocks changed. */
  readonly prefix: PromptPrefix | null
  readonly events: readonly RunEventBody[]
  /** Present when the step ends the run. */
  readonly end: TurnEnd | null
  readonly at: number
}

/** A block at the version a change was computed from. */
export interface ExpectedBlock {
  readonly blockId: string
  readonly expectedVersion: number
}

/** What changes of one block; what is absent stays. */
export interface BlockEdit extends ExpectedBlock {
  readonly value?: string
  readonly label?: string
  readonly description?: string | null
  readonly limit?: number
  readonly readOnly?: boolean
  readonly metadata?: BlockDetails['metadata']
  readonly tags?: BlockDetails['tags']
  readonly hidden?: boolean
  readonly extra?: BlockDetails['extra']
}

/** The result of one tool call. */
export interface ToolCommit {
  readonly lease: LeaseProof
  readonly stepId: string
  readonly index: number
  readonly result: JournaledReturn
  /** Changes of blocks, compare-and-swap. */
  readonly blockEdits: readonly BlockEdit[]
  /** Blocks to create and attach to the agent, at the end and in order. */
  readonly newBlocks: readonly Block[]
  /** Blocks to detach from the agent, compare-and-swap; what is detached frees its label for the rest of the commit. */
  readonly detachedBlocks: readonly ExpectedBlock[]
  /** New passages with what search finds them by, for the agent's archive. */
  readonly passages: readonly {
    readonly passage: Omit<Passage, 'archiveId'>
    readonly entry: SearchEntry
    /** Passages that are the same text, and beside which it is stored all the same. Absent = none. */
    readonly repeats?: readonly string[]
  }[]
  /** Changes of the agent's facts and instructions, compare-and-swap. Absent = none. */
  readonly facts?: readonly FactWrite[]
  /** Created and attached when the agent has no archive yet; null when `passages` is empty. */
  readonly archive: Archive | null
  readonly cause: ChangeCause
  /** The message with all returns of the step; required with the last open call, else null. */
  readonly toolMessage: NewMessage | null
  /** The place that was kept free for the tool message; null = the end of the conversation. */
  readonly position: number | null
  /** The prefix with what the return showed of edited blocks; null = unchanged. */
  readonly prefix: PromptPrefix | null
  readonly events: readonly RunEventBody[]
  /** The edits as a proposal, instead of the edits themselves (those are empty then); absent = the edits count at once. */
  readonly proposal?: JsonObject
  /** Present when the call ends the turn (a terminal tool, or the last call of a cancelled turn). */
  readonly end: TurnEnd | null
  /** Present when the call was a wait, which is over with this; its signal is used up (`conflict` when it was before). */
  readonly wait?: { readonly signalId: string | null }
  readonly at: number
}

/** How a run ends, and its turn with it unless that waits. */
export interface TurnEnd {
  readonly turnId: string
  readonly runId: string
  readonly status: RunStatus
  readonly stopReason: StopReason
  /** What the turn waits for, which then becomes `waiting` and keeps its place in the inbox; null = the turn ends, too. */
  readonly waitingFor: ApprovalWait | null
  /** Merged into the run's metadata, such as `error`. */
  readonly metadata: JsonObject
  readonly timeToFirstTokenNs: number | null
  /** Written after the other events of the same commit; must hold the one `run-ended`. */
  readonly events: readonly RunEventBody[]
  /** Jobs to store with the end of the turn, each when it is its turn. Absent = none. */
  readonly jobs?: readonly EndJob[]
  readonly at: number
}

/** What a commit stored. */
export interface CommitResult {
  /** The message at its place in the conversation; null when the commit had none. */
  readonly item: MessageItem | null
  /** The message that asks for an answer, at its place; null when the commit had none. */
  readonly request: MessageItem | null
  readonly events: readonly RunEvent[]
  /** Whether the lease was given back in the same transaction, because the end of a turn left nothing to begin. */
  readonly released: boolean
}

/** An open turn that some process has to carry on. */
export interface OpenWork {
  readonly scope: TenantScope
  readonly conversationId: string
  readonly turnId: string
  readonly runId: string
  /** Null when nobody holds the conversation. */
  readonly lease: LeaseState | null
}
