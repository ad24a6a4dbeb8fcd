import { Cron } from 'croner'
import type { MissedPolicy, ScheduleTiming } from '../domain/schedule.ts'
import { AppError } from '../errors/app-error.ts'

/** A time that passed this long ago counts as missed, in milliseconds; before, the message is merely late. */
export const lateAfterMs = 60_000

/** The most messages that are sent for missed times, and the most missed times that are counted at once. */
export const mostMissed = 100

const shortestMs = 10_000

/** What to do about a schedule that is due. */
export interface Firing {
  /** The time to send a message for; null = none. */
  readonly fireFor: number | null
  /** When it is due next; null = never again. */
  readonly nextAt: number | null
  /** How many times pass without a message; no more than {@link mostMissed} are counted. */
  readonly missed: number
}

/**
 * Refuses a timing that cannot be: an expression that says nothing or never fires, an unknown zone, a time that is over,
 * an interval that is too short.
 *
 * @returns when it fires first.
 * @throws AppError `invalid_argument`.
 */
export function firstTime(timing: ScheduleTiming, now: number): number {
  switch (timing.type) {
    case 'cron': {
      const next = parseCron(timing).nextRun(new Date(now))
      if (next !== null) return next.getTime()
      throw invalid(`"${timing.expression}" never fires`, 'Check the day and the month.')
    }
    case 'every':
      if (timing.milliseconds >= shortestMs) return now + timing.milliseconds
      throw invalid(
        `${timing.milliseconds / 1000} seconds are too short an interval`,
        `Take at least ${shortestMs / 1000} seconds.`,
      )
    case 'once':
      if (timing.at > now) return timing.at
      throw invalid(`${new Date(timing.at).toISOString()} is over`, 'Take a time to come.')
  }
}

/** What to do at `now` about a schedule that was due at `dueAt`. */
export function planFiring(
  timing: ScheduleTiming,
  policy: MissedPolicy,
  time: { readonly dueAt: number; readonly now: number },
): Firing {
  const { dueAt, now } = time
  const times = timesUntil(timing, time)
  const oldest = times[0] ?? dueAt
  const latest = times.at(-1) ?? dueAt
  if (policy === 'all') {
    const missed = countBefore(timing, { dueAt, before: oldest })
    return { fireFor: oldest, nextAt: timeAfter(timing, oldest, oldest), missed }
  }
  const fireFor = policy === 'skip' && now - latest > lateAfterMs ? null : latest
  const missed = fireFor === null ? times.length : times.length - 1
  return { fireFor, nextAt: timeAfter(timing, latest, now), missed }
}

/** When it fires next after one of its times, and after `now`; null = never again. */
function timeAfter(timing: ScheduleTiming, time: number, now: number): number | null {
  switch (timing.type) {
    case 'cron':
      return (
        parseCron(timing)
          .nextRun(new Date(Math.max(time, now)))
          ?.getTime() ?? null
      )
    case 'every':
      return time + timing.milliseconds
    case 'once':
      return null
  }
}

/** How many times from `dueAt` on lie before another; no more than {@link mostMissed}. */
function countBefore(
  timing: ScheduleTiming,
  { dueAt, before }: { readonly dueAt: number; readonly before: number },
): number {
  if (before <= dueAt || timing.type === 'once') return 0
  if (timing.type === 'every') {
    return Math.min(mostMissed, Math.round((before - dueAt) / timing.milliseconds))
  }
  const earlier = parseCron(timing).previousRuns(mostMissed, new Date(before))
  return earlier.filter((date) => date.getTime() >= dueAt).length
}

/** The newest of the times from `dueAt` up to `now`, ascending; `dueAt` itself when the clock has jumped back. */
function timesUntil(
  timing: ScheduleTiming,
  { dueAt, now }: { readonly dueAt: number; readonly now: number },
): readonly number[] {
  if (timing.type === 'once' || now <= dueAt) return [dueAt]
  if (timing.type === 'every') {
    const count = Math.floor((now - dueAt) / timing.milliseconds) + 1
    const latest = dueAt + (count - 1) * timing.milliseconds
    const length = Math.min(count, mostMissed)
    return Array.from({ length }, (_, place) => latest - (length - 1 - place) * timing.milliseconds)
  }
  // The reference itself does not count as earlier.
  const times = parseCron(timing)
    .previousRuns(mostMissed, new Date(now + 1))
    .map((date) => date.getTime())
    .filter((time) => time > dueAt && time <= now)
    .toSorted((one, two) => one - two)
  return times.length === mostMissed ? times : [dueAt, ...times]
}

function parseCron(timing: Extract<ScheduleTiming, { readonly type: 'cron' }>): Cron {
  const { expression, timezone } = timing
  if (!isTimezone(timezone)) {
    throw invalid(
      `"${timezone}" is no time zone`,
      'Take a name of the IANA list, such as Europe/Berlin or UTC.',
    )
  }
  try {
    return new Cron(expression, { timezone, mode: '5-part', paused: true })
  } catch (error) {
    throw invalid(
      `"${expression}" is no cron expression`,
      'It has five fields (minute hour day month weekday), such as "0 9 * * 1-5", or is a word like @daily.',
      error,
    )
  }
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function invalid(state: string, hint: string, cause?: unknown): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot schedule the message: ${state}. ${hint}`,
    cause === undefined ? {} : { cause },
  )
}
