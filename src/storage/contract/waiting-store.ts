import type { Conversation } from '../../domain/conversation.ts'
import type { Run, RunEvent, StopRequest, TimedWait } from '../../domain/run.ts'
import type { SystemScope, TenantScope } from '../../domain/scope.ts'
import type { Signal } from '../../domain/signal.ts'
import type { LeaseProof, TurnEnd } from './turn-store.ts'

/**
 * Ending, pausing, parking and waking open turns, from any process.
 *
 * A turn that rests (`waiting`, `paused`) keeps its place at the head of its conversation: later inputs queue behind it.
 * {@link TurnStore.claimWork} and {@link TurnStore.beginWork} carry on a `waiting` turn once its `wakeAt` has come, and
 * rest an executing one whose conversation was paused: at the end of its step, or at once when that was asked for.
 */
export interface WaitingStore {
  /**
   * Asks for the end of a run. One whose turn was not begun is ended with `end` here and now, and its input gets no place in
   * the conversation; one that was begun is marked for its runner (`stopRequest`), and one that rests is opened for
   * whoever claims it. Nothing happens to one that has ended. `not_found` when there is none.
   */
  requestCancel(scope: TenantScope, input: CancelInput): Promise<CancelOutcome>
  /**
   * Pauses a conversation: nothing is begun in it, and the turn under way rests. A turn that nobody runs rests at once;
   * with `now` its runner is asked to stop in the middle of its step. Idempotent. `not_found` when there is none.
   */
  pauseConversation(
    scope: TenantScope,
    input: { readonly id: string; readonly now: boolean; readonly at: number },
  ): Promise<PauseOutcome>
  /** Ends a pause: the turn that rested is executing again. Idempotent. `not_found` when there is none. */
  resumeConversation(
    scope: TenantScope,
    input: { readonly id: string; readonly at: number },
  ): Promise<Conversation>
  /**
   * Lets an executing turn rest until its time or signal comes, unless that has happened: then nothing is written and the
   * answer says which. `conflict` when the turn is not executing.
   */
  parkTurn(scope: TenantScope, input: ParkInput): Promise<ParkOutcome>
  /**
   * Stores a signal and wakes the turn that waits for its name. A signal with an id that the conversation has had is not
   * stored again. `not_found` when there is no such conversation.
   */
  sendSignal(
    scope: TenantScope,
    input: { readonly signal: Signal; readonly at: number },
  ): Promise<SignalOutcome>
  /** The turns whose runners were asked to stop. Crosses tenants. */
  listStopRequests(
    scope: SystemScope,
    input: { readonly limit: number },
  ): Promise<readonly PendingStop[]>
  /** The first time after `after` at which a resting turn goes on by itself, or null. Crosses tenants. */
  nextWakeAt(scope: SystemScope, input: { readonly after: number }): Promise<number | null>
}

/** A wish to end a run. */
export interface CancelInput {
  readonly runId: string
  /** How the run ends if it was not begun. */
  readonly end: TurnEnd
  readonly at: number
}

/** What came of {@link WaitingStore.requestCancel}. */
export interface CancelOutcome {
  /** The run as it is now. */
  readonly run: Run
  /** Whether the run is open and its runner has been asked. */
  readonly isRequested: boolean
  /** The events of a run that was ended here. */
  readonly events: readonly RunEvent[]
}

/** What came of {@link WaitingStore.pauseConversation}. */
export interface PauseOutcome {
  readonly conversation: Conversation
  /** The run of the turn that was begun, or null. */
  readonly runId: string | null
  /** Whether a process still runs that turn, up to where it may rest. */
  readonly isRunning: boolean
}

/** What a turn is to wait for. */
export interface ParkInput {
  readonly lease: LeaseProof
  readonly turnId: string
  readonly wait: TimedWait
  readonly at: number
}

/** What came of {@link WaitingStore.parkTurn}. */
export type ParkOutcome =
  | { readonly state: 'parked' }
  /** Its time has come. */
  | { readonly state: 'due' }
  /** The oldest signal of that name, to be used up by the commit of the call's return. */
  | { readonly state: 'signalled'; readonly signal: Signal }
  /** Somebody asked for the end of the turn. */
  | { readonly state: 'cancelled' }

/** What came of {@link WaitingStore.sendSignal}. */
export interface SignalOutcome {
  readonly signal: Signal
  /** Whether it had come before. */
  readonly duplicate: boolean
  /** The run that waited for it, or null: then it is kept for the next wait for its name. */
  readonly runId: string | null
}

/** A turn that is to stop. */
export interface PendingStop {
  readonly conversationId: string
  readonly runId: string
  readonly request: StopRequest
}
