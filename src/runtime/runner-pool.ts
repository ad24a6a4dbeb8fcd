import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import { toError } from '../errors/to-error.ts'
import { runConversation, type RunnerContext } from './conversation-runner.ts'
import { RunGivenUp } from './turn-state.ts'

/** The conversations this process runs now: at most one runner each, at most `concurrentTurns` at once. */
export class RunnerPool {
  readonly #context: RunnerContext
  readonly #runners = new Map<string, Runner>()
  readonly #queue: (() => void)[] = []
  #active = 0

  constructor(context: RunnerContext) {
    this.#context = context
  }

  /**
   * Sees to it that everything now open in a conversation is carried on; resolves with the number of turns that ended
   * when nothing is open there any more. Rejects when this process could not carry them on.
   */
  async run(scope: TenantScope, conversationId: string): Promise<number> {
    const present = this.#runners.get(conversationId)
    if (present !== undefined) {
      present.again = true
      return await present.done
    }
    const runner: Runner = { again: false, done: Promise.resolve(0) }
    this.#runners.set(conversationId, runner)
    runner.done = this.#runUntilQuiet(scope, conversationId, runner)
    return await runner.done
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
    const runner: Runner = { again: false, done: Promise.resolve(0) }
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

  /** As {@link RunnerPool.run}, for callers that do not wait: what goes wrong is logged. */
  wake(scope: TenantScope, conversationId: string): void {
    this.run(scope, conversationId).catch((error: unknown) => {
      if (error instanceof RunGivenUp || isAppError(error, 'lease_lost')) return
      const { logger } = this.#context.parts
      logger.error(
        { err: error, conversationId },
        'Cannot carry on a conversation; it stays open and is tried again',
      )
    })
  }

  /** Whether a runner is at work on the conversation. */
  has(conversationId: string): boolean {
    return this.#runners.has(conversationId)
  }

  /** Resolves when no runner is left. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#runners.values()].map((runner) => runner.done))
  }

  async #runUntilQuiet(
    scope: TenantScope,
    conversationId: string,
    runner: Runner,
  ): Promise<number> {
    let ended = 0
    await this.#enter()
    try {
      do {
        runner.again = false
        ended += await runConversation(this.#context, scope, conversationId)
      } while (runner.again)
      // Nothing is open here any more: a run that did not end in this process was carried on by another one.
      this.#context.hub.handOver(conversationId)
      return ended
    } catch (error) {
      this.#context.hub.fail(conversationId, toError(error, 'carry on the conversation'))
      throw error
    } finally {
      this.#runners.delete(conversationId)
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#active < this.#context.parts.settings.concurrentTurns) {
      this.#active += 1
      return
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve))
  }

  #leave(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#active -= 1
    else next()
  }
}

interface Runner {
  /** Whether something came in since the runner last looked. */
  again: boolean
  done: Promise<number>
}
