import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import { toError } from '../errors/to-error.ts'
import type { AcceptedInput } from '../storage/contract/turn-store.ts'
import {
  knownItems,
  runConversation,
  type RunnerContext,
  type RunnerStart,
  startOf,
} from './conversation-runner.ts'
import { wishForWork, type WorkWish } from './lease-keeper.ts'
import type { SubmitRequest } from './runtime.ts'
import type { TurnTaker, Urgency } from './turn-slots.ts'
import { RunGivenUp } from './turn-state.ts'

/**
 * The conversations this process runs now: at most one runner each, at most `concurrentTurns` at once, the most urgent first.
 */
export class RunnerPool {
  readonly #context: RunnerContext
  readonly #runners = new Map<string, Runner>()
  #isClosed = false

  constructor(context: RunnerContext) {
    this.#context = context
  }

  /**
   * Sees to it that everything now open in a conversation is carried on; resolves with the number of turns that ended
   * when nothing is open there any more. Rejects when this process could not carry them on. `urgency` says why, by default
   * because somebody asked for it.
   */
  async run(
    scope: TenantScope,
    conversationId: string,
    urgency: Urgency = 'asked',
  ): Promise<number> {
    const present = this.#runners.get(conversationId)
    if (present !== undefined) {
      present.again = true
      this.#context.slots.raise(present, urgency)
      return await present.done
    }
    return await this.#begin(scope, conversationId, newRunner(urgency))
  }

  /** Enters a runner, whose `done` is set before anybody else can ask for it. */
  #begin(scope: TenantScope, conversationId: string, runner: Runner): Promise<number> {
    this.#runners.set(conversationId, runner)
    runner.done = this.#context.slots
      .enter(runner)
      .then(() =>
        this.#runUntilQuiet(scope, startOf(this.#context, conversationId, runner), runner),
      )
    return runner.done
  }

  /**
   * Accepts an input with a wish to begin with it in the same transaction, and carries on with what was claimed. There is
   * no wish when a runner is at work on the conversation, or no place for one is free. Resolves with what became of the
   * input, rejects as `accept` does; what goes wrong afterwards is logged.
   */
  async accepting(
    scope: TenantScope,
    { conversationId, urgency = 'asked' }: Pick<SubmitRequest, 'conversationId' | 'urgency'>,
    accept: (wish: WorkWish | null) => Promise<AcceptedInput>,
  ): Promise<AcceptedInput> {
    const runner = newRunner(urgency)
    if (this.#runners.has(conversationId) || !this.#context.slots.tryEnter(runner)) {
      return await accept(null)
    }
    const start = startOf(this.#context, conversationId, runner)
    const accepted = accept(wishForWork(this.#context.parts, knownItems(start)))
    this.#runners.set(conversationId, runner)
    runner.done = accepted.then(
      async ({ claim }) => {
        if (claim?.state === 'claimed') {
          return await this.#runUntilQuiet(scope, { ...start, claimed: claim }, runner)
        }
        runner.again ||= claim !== null
        return await this.#withdraw(scope, conversationId, runner)
      },
      () => this.#withdraw(scope, conversationId, runner),
    )
    this.#logFailure(runner.done, conversationId)
    return await accepted
  }

  /** Ends a runner that had nothing to run, for another one where something came in meanwhile. */
  async #withdraw(scope: TenantScope, conversationId: string, runner: Runner): Promise<number> {
    this.#runners.delete(conversationId)
    this.#context.slots.leave(runner)
    return runner.again ? await this.run(scope, conversationId, runner.urgency) : 0
  }

  /**
   * Does something in a conversation while no turn runs there in this process: after those that are under way, and before
   * those that come meanwhile.
   */
  async exclusively<Result>(
    scope: TenantScope,
    conversationId: string,
    task: () => Promise<Result>,
  ): Promise<Result> {
    for (
      let present = this.#runners.get(conversationId);
      present !== undefined;
      present = this.#runners.get(conversationId)
    ) {
      await present.done.catch(() => 0)
    }
    const result = task()
    const runner = newRunner('asked')
    this.#runners.set(conversationId, runner)
    runner.done = result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(async () => {
        this.#runners.delete(conversationId)
        return runner.again ? await this.run(scope, conversationId) : 0
      })
    // Whoever waits for it hears what goes wrong; nobody need.
    runner.done.catch(() => undefined)
    return await result
  }

  /**
   * As {@link RunnerPool.run}, for callers that do not wait: what goes wrong is logged. A pool that is closed leaves the
   * conversation to whoever starts next.
   */
  wake(scope: TenantScope, conversationId: string, urgency: Urgency = 'asked'): void {
    if (this.#isClosed) return
    this.#logFailure(this.run(scope, conversationId, urgency), conversationId)
  }

  /** As {@link RunnerPool.wake}, for a conversation that any process may carry on: one that another one has is left to it. */
  offer(scope: TenantScope, conversationId: string): void {
    if (this.has(conversationId)) return
    this.wake(scope, conversationId, 'offered')
  }

  #logFailure(done: Promise<number>, conversationId: string): void {
    done.catch((error: unknown) => {
      if (error instanceof RunGivenUp || isAppError(error, 'lease_lost')) return
      const { logger } = this.#context.parts
      logger.error(
        { err: error, conversationId },
        'Cannot carry on a conversation; it stays open and is tried again',
      )
    })
  }

  /** How many more conversations would begin at once if they were offered. */
  get room(): number {
    return this.#context.slots.roomForOffered
  }

  /** Gives up what is remembered of conversations that have rested for a while. */
  forgetIdle(): void {
    this.#context.cache.forgetIdle()
  }

  /** Whether a runner is at work on the conversation. */
  has(conversationId: string): boolean {
    return this.#runners.has(conversationId)
  }

  /**
   * Begins nothing more that is woken or offered; resolves when no runner is left. One that began afterwards would have
   * nobody who waits for it, and its lease would stand until it ran out.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#runners.size > 0) {
      await Promise.allSettled([...this.#runners.values()].map((runner) => runner.done))
    }
  }

  /** Runs in a place that was taken for it, and gives that back. */
  async #runUntilQuiet(scope: TenantScope, start: RunnerStart, runner: Runner): Promise<number> {
    const { conversationId } = start
    let ended = 0
    try {
      let next = start
      do {
        runner.again = false
        ended += await runConversation(this.#context, scope, next)
        next = startOf(this.#context, conversationId, runner)
      } while (runner.again)
      // Nothing is open here any more: a run that did not end in this process was carried on by another one.
      this.#context.hub.handOver(conversationId)
      return ended
    } catch (error) {
      const { hub } = this.#context
      // Whoever reads here goes on in the store, where the process that has the lease now writes.
      if (isAppError(error, 'lease_lost')) hub.handOver(conversationId)
      else hub.fail(conversationId, toError(error, 'carry on the conversation'))
      throw error
    } finally {
      this.#runners.delete(conversationId)
      this.#context.slots.leave(runner)
    }
  }
}

interface Runner extends TurnTaker {
  /** Whether something came in since the runner last looked. */
  again: boolean
  done: Promise<number>
}

function newRunner(urgency: Urgency): Runner {
  return { again: false, urgency, done: Promise.resolve(0) }
}
