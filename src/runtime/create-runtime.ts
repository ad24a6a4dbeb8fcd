import type { Conversation } from '../domain/conversation.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Run } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError, isAppError } from '../errors/app-error.ts'
import { offlineHandle } from '../llm/offline/offline-info.ts'
import type { AcceptedInput, AcceptResult } from '../storage/contract/turn-store.ts'
import { answerApproval } from './answer-approval.ts'
import { cancelApproval } from './cancel-approval.ts'
import type { PauseOutcome, SignalOutcome } from '../storage/contract/waiting-store.ts'
import {
  compactConversation,
  type CompactOutcome,
  type CompactRequest,
} from './compact-conversation.ts'
import { runClaimLoop } from './claim-loop.ts'
import type { RunnerContext } from './conversation-runner.ts'
import { Deliveries } from './deliveries.ts'
import { EditQueue } from './edit-queue.ts'
import { EventHub } from './event-hub.ts'
import { followRun } from './follow-run.ts'
import { ItemCache } from './item-cache.ts'
import { findDeadOwner } from './lease-keeper.ts'
import { RunControls } from './run-controls.ts'
import { RunnerPool } from './runner-pool.ts'
import { requireNothingNew } from './repeated-input.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type {
  AnswerRequest,
  FollowRequest,
  PauseRequest,
  Runtime,
  RunFrame,
  SignalRequest,
  Submission,
  SubmitRequest,
} from './runtime.ts'
import { StopWatch } from './stop-watch.ts'
import {
  acceptInput,
  type CheckedInput,
  checkInput,
  checkModel,
  newRetryRun,
  recallCheck,
} from './submit-input.ts'
import { createCancelledEnd } from './turn-end.ts'
import { TurnSlots, type Urgency } from './turn-slots.ts'
import { RunGivenUp } from './turn-state.ts'

/** How long {@link Runtime.cancel} waits for the end of a run, in milliseconds. */
const cancelWaitMs = 10_000

/** How long {@link Runtime.stop} lets running steps finish, in milliseconds, when nothing else is said. */
const stopDeadlineMs = 5_000

/** Builds the runtime; nothing runs until an input is submitted or `start` is called. */
export function createRuntime(parts: RuntimeParts): Runtime {
  return new DurableRuntime(parts)
}

class DurableRuntime implements Runtime {
  readonly #parts: RuntimeParts
  readonly #hub = new EventHub()
  readonly #controls = new RunControls()
  readonly #pool: RunnerPool
  readonly #deliveries: Deliveries
  /** Ends claiming at once, and running steps when their time is over. */
  readonly #claiming = new AbortController()
  readonly #stopping = new AbortController()
  /** The claim loop; null = it was not started. */
  #looking: Promise<void> | null = null
  readonly #cache: ItemCache

  constructor(parts: RuntimeParts) {
    this.#parts = parts
    const { clock, settings } = parts
    this.#cache = new ItemCache({ clock, idleMs: settings.cacheLifetimeMs })
    const context: RunnerContext = {
      parts,
      hub: this.#hub,
      edits: new EditQueue(),
      cache: this.#cache,
      controls: this.#controls,
      stopWatch: new StopWatch(parts, (stop) => {
        if (this.#pool.has(stop.conversationId)) this.#controls.stop(stop.runId, stop.request)
      }),
      slots: new TurnSlots(settings.concurrentTurns),
      stopping: this.#stopping.signal,
    }
    this.#pool = new RunnerPool(context)
    this.#deliveries = new Deliveries(parts)
  }

  async submit(scope: TenantScope, request: SubmitRequest): Promise<Submission> {
    this.#refuseWhenStopping()
    if (request.isRetry) await this.#deliveries.flush()
    const accepted = await this.#accept(scope, request)
    if (accepted.duplicate) {
      await requireNothingNew(this.#parts, scope, { ...request, run: accepted.run })
    }
    const { urgency } = request
    return this.#carryOn(scope, accepted, { isClaimed: accepted.claim !== null, urgency })
  }

  /** Stores an input, checked by what is remembered of the place it goes to if that can tell. */
  async #accept(scope: TenantScope, request: SubmitRequest): Promise<AcceptedInput> {
    const { conversationId } = request
    const accept = async (input: CheckedInput): Promise<AcceptedInput> => {
      // Whoever stops waits for the runners that were there by then.
      this.#refuseWhenStopping()
      return await this.#pool.accepting(scope, request, (wish) =>
        acceptInput(this.#parts, scope, { ...input, wish }),
      )
    }
    const place = this.#cache.get(conversationId)?.place ?? null
    const recalled = await recallCheck(this.#parts, scope, { request, place })
    if (recalled !== null) {
      try {
        return await accept(recalled)
      } catch (error) {
        if (!isAppError(error, 'place_changed')) throw error
      }
    }
    return await accept(await checkInput(this.#parts, scope, request))
  }

  async answer(scope: TenantScope, request: AnswerRequest): Promise<Submission> {
    this.#refuseWhenStopping()
    return this.#carryOn(scope, await answerApproval(this.#parts, scope, request))
  }

  async retry(scope: TenantScope, request: { readonly runId: string }): Promise<Submission> {
    this.#refuseWhenStopping()
    const earlier = await this.#parts.store.getRun(scope, { id: request.runId })
    await checkModel(this.#parts, scope, earlier)
    const run = newRetryRun(this.#parts, earlier)
    const accepted = await this.#parts.store.retryTurn(scope, {
      runId: earlier.id,
      run,
      completed: await this.#onlyQuoted(scope, earlier),
      at: run.createdAt,
    })
    return this.#carryOn(scope, accepted)
  }

  /** Whether a run ended with an answer of a model that only quotes. */
  async #onlyQuoted(scope: TenantScope, run: Run): Promise<boolean> {
    const { store } = this.#parts
    const page = { limit: 1, order: 'desc' } as const
    const [step] = await store.listSteps(scope, { runId: run.id, page })
    return step?.model === offlineHandle
  }

  follow(scope: TenantScope, request: FollowRequest): AsyncIterable<RunFrame> {
    const { store, clock } = this.#parts
    const frames = followRun({ store, clock, hub: this.#hub }, scope, request)
    // Without the claim loop nobody else wakes a turn whose time has come.
    return this.#looking !== null ? frames : this.#wakeWhileRead(scope, request, frames)
  }

  async *#wakeWhileRead(
    scope: TenantScope,
    { runId }: FollowRequest,
    frames: AsyncIterable<RunFrame>,
  ): AsyncGenerator<RunFrame, void, undefined> {
    const over = new AbortController()
    void this.#wakeInTime(scope, runId, over.signal)
    try {
      yield* frames
    } finally {
      over.abort('nobody reads any more')
    }
  }

  async #wakeInTime(scope: TenantScope, runId: string, signal: AbortSignal): Promise<void> {
    const { store, clock, logger, settings } = this.#parts
    try {
      while (true) {
        await clock.sleep(settings.claimEveryMs, { signal, keepAlive: true })
        const { turnId, conversationId } = await store.getRun(scope, { id: runId })
        const { wakeAt, state } = await store.getTurn(scope, { id: turnId })
        const isDue = wakeAt !== null && wakeAt <= clock.now()
        // Another process may have taken it over, and may be gone by now.
        const isLeft = state === 'executing' && !this.#pool.has(conversationId)
        if (isDue || isLeft) this.#pool.wake(scope, conversationId)
      }
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, runId }, 'Cannot look when a turn goes on')
    }
  }

  async cancel(scope: TenantScope, request: { readonly runId: string }): Promise<Run> {
    const { store, clock } = this.#parts
    const run = await store.getRun(scope, { id: request.runId })
    if (run.completedAt !== null) {
      const isEnded = await cancelApproval(this.#parts, scope, run)
      if (isEnded) this.#pool.wake(scope, run.conversationId)
      return run
    }
    const at = clock.now()
    const { events, isRequested } = await store.requestCancel(scope, {
      runId: run.id,
      end: createCancelledEnd(run, at),
      at,
    })
    this.#hub.publish(
      run.id,
      events.map((event) => ({ event, message: null })),
    )
    if (isRequested) {
      if (this.#pool.has(run.conversationId)) this.#controls.stop(run.id, 'cancel')
      this.#pool.wake(scope, run.conversationId)
      await this.#untilEnded(scope, run.id)
    }
    return await store.getRun(scope, { id: run.id })
  }

  /** Waits until a run has ended, here or elsewhere, but no longer than {@link cancelWaitMs}. */
  async #untilEnded(scope: TenantScope, runId: string): Promise<void> {
    const late = new AbortController()
    const ended = new AbortController()
    this.#parts.clock.sleep(cancelWaitMs, { signal: ended.signal, keepAlive: true }).then(
      () => late.abort(),
      () => undefined,
    )
    try {
      // Nothing comes after the last number: this only waits for the end.
      const after = Number.MAX_SAFE_INTEGER
      for await (const _ of this.follow(scope, { runId, after, signal: late.signal })) continue
    } catch (error) {
      // The request is stored; whoever runs the conversation next ends the run.
      if (!late.signal.aborted && !(error instanceof RunGivenUp)) {
        this.#parts.logger.warn({ err: error, runId }, 'Cannot wait for the end of a cancelled run')
      }
    } finally {
      ended.abort('the waiting is over')
    }
  }

  async pause(scope: TenantScope, request: PauseRequest): Promise<PauseOutcome> {
    const { store, clock } = this.#parts
    const { conversationId: id, now } = request
    const outcome = await store.pauseConversation(scope, { id, now, at: clock.now() })
    if (!outcome.isRunning || outcome.runId === null) return outcome
    if (now && this.#pool.has(id)) this.#controls.stop(outcome.runId, 'pause')
    if ((await findDeadOwner(this.#parts, scope, id)) !== null) this.#pool.wake(scope, id)
    return outcome
  }

  async resume(
    scope: TenantScope,
    request: { readonly conversationId: string },
  ): Promise<Conversation> {
    const { store, clock } = this.#parts
    const { conversationId: id } = request
    const conversation = await store.resumeConversation(scope, { id, at: clock.now() })
    this.#pool.wake(scope, id)
    return conversation
  }

  async signal(scope: TenantScope, request: SignalRequest): Promise<SignalOutcome> {
    const { store, clock, ids } = this.#parts
    const at = clock.now()
    const { conversationId, name, payload } = request
    const id = request.id ?? newIdentifier(ids, 'signal')
    const signal = { id, conversationId, name, payload, createdAt: at, consumedAt: null }
    const outcome = await store.sendSignal(scope, { signal, at })
    if (outcome.runId !== null) this.#pool.wake(scope, conversationId)
    return outcome
  }

  async compact(scope: TenantScope, request: CompactRequest): Promise<CompactOutcome> {
    this.#refuseWhenStopping()
    const signal = AbortSignal.any([request.signal, this.#stopping.signal])
    return await this.#pool.exclusively(scope, request.conversationId, async () => {
      // It may have waited for a turn meanwhile.
      this.#refuseWhenStopping()
      return await compactConversation(this.#parts, scope, { ...request, signal })
    })
  }

  async recover(scope: TenantScope, request: { readonly conversationId: string }): Promise<number> {
    return await this.#pool.run(scope, request.conversationId)
  }

  start(): void {
    this.#looking ??= runClaimLoop(this.#parts, this.#pool, this.#claiming.signal).catch(
      (error: unknown) => {
        this.#parts.logger.error(
          { err: error },
          'The claim loop ended; open turns wait for the next start',
        )
      },
    )
  }

  async stop(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#claiming.abort(new RunGivenUp())
    const settled = this.#pool.close()
    const timeUp = new AbortController()
    const deadline = this.#parts.clock
      .sleep(options.deadlineMs ?? stopDeadlineMs, { signal: timeUp.signal, keepAlive: true })
      .catch(() => undefined)
    await Promise.race([settled, deadline])
    timeUp.abort()
    this.#stopping.abort(new RunGivenUp())
    await settled
    // What it is looking up needs an open store.
    await this.#looking
    await this.#deliveries.flush()
  }

  delivered(scope: TenantScope, { runId }: { readonly runId: string }): void {
    this.#deliveries.note(scope, runId)
  }

  #carryOn(
    scope: TenantScope,
    { run, turn, duplicate }: AcceptResult,
    how: { readonly isClaimed?: boolean; readonly urgency?: Urgency | undefined } = {},
  ): Submission {
    // The frames are kept from the first one on, so that a reader who comes at once finds them in memory.
    if (!duplicate) this.#hub.open(run.id, run.conversationId)
    const isOpen = !duplicate || run.completedAt === null
    if (isOpen && how.isClaimed !== true) {
      this.#pool.wake(scope, run.conversationId, how.urgency)
    }
    return { run, turn, duplicate }
  }

  #refuseWhenStopping(): void {
    if (!this.#claiming.signal.aborted) return
    throw new AppError(
      'storage_closed',
      'Cannot accept the message: the program is stopping. Send it again in a moment.',
    )
  }
}
