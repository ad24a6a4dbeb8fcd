import { isAppError } from '../../errors/app-error.ts'
import { JobGivenUp, type JobOutcome } from '../job-kind.ts'

/** How long after all is done to look again, in milliseconds. */
const everyMs = 2000

/** How long to wait while no model is named, or no endpoint serves any of them: vectors are brought by clients, or a setting is missing. */
const withoutEndpointMs = 60_000

/** An endpoint that asks to be left alone for longer is asked again all the same, after so many milliseconds. */
const longestAskedMs = 10 * 60_000

/** What came of the models in one run of the job. */
export interface EmbedTally {
  /** How many vectors were stored. */
  readonly stored: Map<string, number>
  /** Why no endpoint serves a model. */
  readonly skipped: Map<string, string>
  /** What went wrong. */
  readonly failed: Map<string, Error>
}

/** What there was to do when nothing was left that could be done. */
export interface EmbedRest {
  readonly owners: number
  readonly models: readonly string[]
  /** How many texts were passed over that the endpoints refuse. */
  readonly refused: number
  readonly now: number
}

/**
 * When the job is to be done again. Throws what failed, so that it is tried again later and later or given up where it is all there is;
 * but not where each model that failed got on before, or its endpoint said how long to leave it alone.
 */
export function toOutcome({ stored, skipped, failed }: EmbedTally, rest: EmbedRest): JobOutcome {
  const { owners, models, refused, now } = rest
  const isNone = models.length === skipped.size + failed.size
  const asked: number[] = []
  for (const [model, error] of failed) {
    if (error instanceof JobGivenUp) throw isNone ? error : withoutGivingUp(error)
    const waitMs = askedWait(error) ?? ((stored.get(model) ?? 0) > 0 ? everyMs : null)
    if (waitMs === null) throw error
    asked.push(waitMs)
  }
  const usual = isNone && failed.size === 0 ? withoutEndpointMs : everyMs
  const waitMs = isNone && asked.length > 0 ? Math.min(...asked) : usual
  return {
    result: {
      stored: stored.values().reduce((sum, count) => sum + count, 0),
      owners,
      ...(skipped.size > 0 && { skipped: Object.fromEntries(skipped) }),
      ...(failed.size > 0 && { failed: toMessages(failed) }),
      ...(refused > 0 && { refused }),
    },
    again: now + Math.min(longestAskedMs, Math.max(everyMs, waitMs)),
  }
}

function askedWait(error: Error): number | null {
  const waitMs = isAppError(error) ? error.data['retryAfterMs'] : null
  return typeof waitMs === 'number' ? waitMs : null
}

function withoutGivingUp(error: JobGivenUp): Error {
  return new Error(error.message, { cause: error })
}

function toMessages(failed: ReadonlyMap<string, Error>): Record<string, string> {
  return Object.fromEntries([...failed].map(([model, { message }]) => [model, message]))
}
