import { type Clock, sleepUnlessAborted } from '../util/clock.ts'
import type { LanguageModel, ModelFailure, ModelPart, ModelRequest } from './model.ts'

/** How failed calls are tried again. */
export interface RetryOptions {
  readonly clock: Clock
  /** How often at most; 0 = never. */
  readonly maxRetries: number
  /** Spreads the waits; returns a number from 0 up to 1. */
  readonly random: () => number
}

/** The first wait in milliseconds; each further one is twice as long. */
const firstWaitMs = 500
/** A dead endpoint is to be reported while the person still looks: 2 retries, well under a second in all. */
const firstWaitUnreachableMs = 200
const longestWaitMs = 20_000
/** A provider that asks for a longer wait than this is not waited for, in milliseconds. */
const longestAskedWaitMs = 60_000

/** Failures that are tried again less often than others. */
const fewRetries: Partial<Record<ModelFailure['code'], number>> = {
  llm_unreachable: 2,
  llm_timeout: 1,
  llm_empty_response: 1,
}

/**
 * Tries a failed call again as long as it has produced nothing.
 *
 * Once a part has been passed on the failure is passed on too: only the runtime can take back what was shown. Waits
 * grow, are spread by `random`, and are at least as long as the provider asks, up to a minute; a longer one ends the
 * call at once. An abort ends a wait.
 */
export function withRetry(model: LanguageModel, options: RetryOptions): LanguageModel {
  return {
    handle: model.handle,
    info: model.info,
    async *stream(request) {
      for (let attempt = 1; ; attempt += 1) {
        const failure: ModelFailure | null = yield* passOn(model.stream(request))
        if (failure === null) return
        const waitMs = retryWaitMs({ failure, attempt, options })
        if (waitMs === null || request.signal.aborted) {
          yield { type: 'error', error: failure }
          return
        }
        if (!(await waited(options.clock, waitMs, request))) {
          yield { type: 'error', error: cancelledCall(model.handle) }
          return
        }
      }
    },
  }
}

/** What is reported for a call that was aborted. */
export function cancelledCall(handle: string): ModelFailure {
  return {
    code: 'cancelled',
    message: `The call of ${handle} was cancelled.`,
    detail: '',
    retryable: false,
    retryAfterMs: null,
  }
}

/** Passes parts on; returns the failure instead when it is the first of them, else null. */
async function* passOn(
  parts: AsyncIterable<ModelPart>,
): AsyncGenerator<ModelPart, ModelFailure | null> {
  let isFirst = true
  for await (const part of parts) {
    if (isFirst && part.type === 'error') return part.error
    isFirst = false
    yield part
  }
  return null
}

function retryWaitMs(input: {
  readonly failure: ModelFailure
  readonly attempt: number
  readonly options: RetryOptions
}): number | null {
  const { failure, attempt, options } = input
  const limit = Math.min(options.maxRetries, fewRetries[failure.code] ?? options.maxRetries)
  if (!failure.retryable || attempt > limit) return null
  const asked = failure.retryAfterMs ?? 0
  if (asked > longestAskedWaitMs) return null
  const first = failure.code === 'llm_unreachable' ? firstWaitUnreachableMs : firstWaitMs
  const grown = Math.min(first * 2 ** (attempt - 1), longestWaitMs)
  return Math.max(asked, Math.round(grown * (0.5 + options.random() / 2)))
}

async function waited(clock: Clock, waitMs: number, request: ModelRequest): Promise<boolean> {
  const { signal } = request
  await sleepUnlessAborted(clock, waitMs, { signal, keepAlive: true })
  return !signal.aborted
}
