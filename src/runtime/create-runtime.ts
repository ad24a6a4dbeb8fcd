import type { Run } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError } from '../errors/app-error.ts'
import { offlineHandle } from '../llm/offline/offline-info.ts'
import type { AcceptResult } from '../storage/contract/turn-store.ts'
import { answerApproval } from './answer-approval.ts'
import { cancelApproval } from './cancel-approval.ts'
import { runClaimLoop } from './claim-loop.ts'
import type { RunnerContext } from './conversation-runner.ts'
import { EditQueue } from './edit-queue.ts'
import { EventHub } from './event-hub.ts'
import { followRun } from './follow-run.ts'
import { ItemCache } from './item-cache.ts'
import { RunControls } from './run-controls.ts'
import { RunnerPool } from './runner-pool.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type {
  AnswerRequest,
  FollowRequest,
  Runtime,
  RunFrame,
  Submission,
  SubmitRequest,
} from './runtime.ts'
import { acceptInput, checkModel, newRetryRun } from './submit-input.ts'
import { RunGivenUp } from './turn-state.ts'

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
  /** Ends claiming at once, and running steps when their time is over. */
  readonly #claiming = new AbortController()
  readonly #stopping = new AbortController()
  #started = false

  constructor(parts: RuntimeParts) {
    this.#parts = parts
    const context: RunnerContext = {
      parts,
      hub: this.#hub,
      edits: new EditQueue(),
      cache: new ItemCache(),
      controls: this.#controls,
      stopping: this.#stopping.signal,
    }
    this.#pool = new RunnerPool(context)
  }

  async submit(scope: TenantScope, request: SubmitRequest): Promise<Submission> {
    this.#refuseWhenStopping()
    const accepted = await acceptInput(this.#parts, scope, request)
    return this.#carryOn(scope, accepted)
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
    return followRun({ store, clock, hub: this.#hub }, scope, request)
  }

  async cancel(scope: TenantScope, request: { readonly runId: string }): Promise<Run> {
    const { store } = this.#parts
    const run = await store.getRun(scope, { id: request.runId })
    if (run.completedAt !== null) {
      const isEnded = await cancelApproval(this.#parts, scope, run)
      if (isEnded) this.#pool.wake(scope, run.conversationId)
      return run
    }
    this.#controls.cancel(run.id)
    try {
      await this.#pool.run(scope, run.conversationId)
    } finally {
      this.#controls.forget(run.id)
    }
    return await store.getRun(scope, { id: run.id })
  }

  async recover(scope: TenantScope, request: { readonly conversationId: string }): Promise<number> {
    return await this.#pool.run(scope, request.conversationId)
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    runClaimLoop(this.#parts, this.#pool, this.#claiming.signal).catch((error: unknown) => {
      this.#parts.logger.error(
        { err: error },
        'The claim loop ended; open turns wait for the next start',
      )
    })
  }

  async stop(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#claiming.abort(new RunGivenUp())
    const settled = this.#pool.settled()
    const timeUp = new AbortController()
    const deadline = this.#parts.clock
      .sleep(options.deadlineMs ?? stopDeadlineMs, { signal: timeUp.signal, keepAlive: true })
      .catch(() => undefined)
    await Promise.race([settled, deadline])
    timeUp.abort()
    this.#stopping.abort(new RunGivenUp())
    await settled
  }

  #carryOn(scope: TenantScope, accepted: AcceptResult): Submission {
    const { run, turn, duplicate } = accepted
    // The frames are kept from the first one on, so that a reader who comes at once finds them in memory.
    if (!duplicate) {
      this.#hub.open(run.id, run.conversationId)
      this.#pool.wake(scope, run.conversationId)
    } else if (run.completedAt === null) {
      this.#pool.wake(scope, run.conversationId)
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
