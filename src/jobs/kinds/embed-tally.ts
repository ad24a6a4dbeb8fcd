import { isAppError } from '../../errors/app-error.ts'
import { JobGivenUp, type JobOutcome } from '../job-kind.ts'

/** How long after all is done to look again, in milliseconds. */
const everyMs = 2000

/** How long to wait while no model is named, or no endpoint serves any of them: vectors are brought by clients, or a setting is missing. */
const withoutEndpointMs = 60_000

/** How long a model that fails waits at most, in milliseconds: one that fails at once, and one whose attempts cost something. */
const longestWaitMs = 60_000
const longestWaitLateMs = 10 * 60_000

/** What went wrong with a model, and when it is to be tried again. */
export interface EmbedFailure {
  readonly error: Error
  /** How often it failed, without any success in between. */
  readonly count: number
  /** In epoch milliseconds. */
  readonly retryAt: number
}

/** What came of the models in one run of the job. */
export interface EmbedTally {
  /** How many vectors were stored. */
  stored: number
  /** Why no endpoint serves a model. */
  readonly skipped: Map<string, string>
  /** What went wrong, now or before, where it is not time yet to try again. */
  readonly failed: Map<string, EmbedFailure>
}

/** What there was to do when nothing was left that could be done. */
export interface EmbedRest {
  readonly owners: number
  readonly models: readonly string[]
  /** How many texts were passed over that the endpoints refuse. */
  readonly refused: number
  readonly now: number
}

/** A failure, and how long to wait: as long as the endpoint says, else two seconds, then twice as long each time. */
export function toFailure(error: Error, count: number, now: number): EmbedFailure {
  const asked = isAppError(error) ? error.data['retryAfterMs'] : null
  const isCostly = isFinal(error) || isAppError(error, 'llm_timeout')
  const longest = isCostly ? longestWaitLateMs : longestWaitMs
  const waitMs =
    typeof asked === 'number'
      ? Math.min(longestWaitLateMs, Math.max(everyMs, asked))
      : Math.min(longest, everyMs * 2 ** (count - 1))
  return { error, count, retryAt: now + waitMs }
}

/**
 * When the job is to be done again: soon, as long as there is a model that can be used, else when the first of those that fail may be
 * tried again. Throws {@link JobGivenUp} where trying again is no use for any of them.
 */
export function toOutcome({ stored, skipped, failed }: EmbedTally, rest: EmbedRest): JobOutcome {
  const { owners, models, refused, now } = rest
  const failures = failed.values().toArray()
  const isNone = models.length === skipped.size + failed.size
  const [first] = failures
  if (isNone && first !== undefined && failures.every(({ error }) => isFinal(error))) {
    throw first.error
  }
  const usual = isNone && failed.size === 0 ? now + withoutEndpointMs : now + everyMs
  const retryAt = Math.min(...failures.map((failure) => failure.retryAt))
  return {
    result: {
      stored,
      owners,
      ...(skipped.size > 0 && { skipped: Object.fromEntries(skipped) }),
      ...(failed.size > 0 && { failed: toMessages(failed) }),
      ...(refused > 0 && { refused }),
    },
    again: isNone && failed.size > 0 ? Math.max(usual, retryAt) : usual,
  }
}

/** Whether trying again is no use until somebody has done something. */
export function isFinal(error: Error): boolean {
  return error instanceof JobGivenUp
}

function toMessages(failed: ReadonlyMap<string, EmbedFailure>): Record<string, string> {
  return Object.fromEntries([...failed].map(([model, { error }]) => [model, error.message]))
}
