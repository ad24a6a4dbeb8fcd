import type { ItemMemory } from '../context/item-memory.ts'
import { itemsFrom } from '../domain/conversation-items.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { LeaseProof, TurnWork } from '../storage/contract/turn-store.ts'
import type { EditQueue } from './edit-queue.ts'
import type { EventHub } from './event-hub.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** A turn in the hands of its runner: what the steps and tools of one round work with. */
export interface ActiveTurn {
  readonly parts: RuntimeParts
  readonly hub: EventHub
  /** The memory edits of this process. */
  readonly edits: EditQueue
  readonly scope: TenantScope
  readonly lease: LeaseProof
  /** The work as read at the beginning of the round, with the whole view in `items`. */
  readonly work: TurnWork
  /** What earlier calls worked out from the view's items. */
  readonly itemMemory: ItemMemory
  /** Aborts with {@link RunCancelled}, {@link RunPaused}, {@link RunGivenUp}, or what the lease was lost with. */
  readonly signal: AbortSignal
}

/** What a round leaves behind: the items it added to the view. */
export interface RoundResult {
  /** The view after the round. */
  readonly items: readonly ConversationItem[]
  /** Whether the turn has ended. */
  readonly ended: boolean
  /** Whether the store has taken the lease back with the last commit, as nothing is left to do. */
  readonly released: boolean
}

/** The result of a round that stored nothing. */
export function unchanged({ work }: Pick<ActiveTurn, 'work'>): RoundResult {
  return { items: work.items, ended: false, released: false }
}

/** The reason a run's signal aborts with when somebody cancelled the run. */
export class RunCancelled extends Error {
  override readonly name = 'RunCancelled'
  constructor() {
    super('The run was cancelled.')
  }
}

/** The reason a run's signal aborts with when its conversation was paused in the middle of a step. */
export class RunPaused extends Error {
  override readonly name = 'RunPaused'
  constructor() {
    super('The conversation was paused.')
  }
}

/** The reason a run's signal aborts with when this process gives the turn up; another one carries it on. */
export class RunGivenUp extends Error {
  override readonly name = 'RunGivenUp'
  constructor() {
    super(
      'This process stopped before the run had ended; it is carried on when a server runs or the conversation is opened.',
    )
  }
}

/** Throws the reason when this process may not go on with the run: it wants to stop, or it lost the lease. */
export function throwIfGivenUp(signal: AbortSignal): void {
  if (!isCancelled(signal) && !isPaused(signal)) signal.throwIfAborted()
}

/** Whether somebody cancelled the run. */
export function isCancelled(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof RunCancelled
}

/** Whether the run is to rest in the middle of its step. */
export function isPaused(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof RunPaused
}

/** The messages of the running turn: its input and what its steps have said so far. */
export function turnMessageIds(work: Pick<TurnWork, 'items' | 'tailPosition'>): readonly string[] {
  return itemsFrom(work.items, work.tailPosition).flatMap((item) =>
    item.kind === 'message' && item.message.role !== 'summary' ? [item.message.id] : [],
  )
}
