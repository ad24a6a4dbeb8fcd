import { describe, expect, it } from 'vitest'
import type { MissedPolicy, ScheduleTiming } from '../domain/schedule.ts'
import { firstTime, mostMissed, planFiring } from './schedule-times.ts'

const cron = (expression: string, timezone = 'UTC'): ScheduleTiming => ({
  type: 'cron',
  expression,
  timezone,
})
const every = (minutes: number): ScheduleTiming => ({
  type: 'every',
  milliseconds: minutes * 60_000,
})
const at = (text: string): number => Date.parse(text)
const show = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().replace(':00.000Z', 'Z')

/** The times of a schedule one after the other, each found when the one before was due. */
function series(timing: ScheduleTiming, from: string, count: number): (string | null)[] {
  const times: (number | null)[] = [firstTime(timing, at(from))]
  while (times.length < count) {
    const dueAt = times.at(-1)
    if (dueAt === null || dueAt === undefined) break
    times.push(planFiring(timing, 'once', { dueAt, now: dueAt + 5 }).nextAt)
  }
  return times.map(show)
}

describe('firstTime()', () => {
  it.each<[string, ScheduleTiming, string]>([
    ['an expression that never fires', cron('0 0 30 2 *'), '"0 0 30 2 *" never fires'],
    ['a minute that does not exist', cron('61 * * * *'), 'is no cron expression'],
    ['an expression with too few fields', cron('* * *'), 'is no cron expression'],
    ['an expression with seconds', cron('* * * * * *'), 'is no cron expression'],
    ['a time zone that does not exist', cron('0 9 * * *', 'Mars/Olympus'), 'is no time zone'],
    ['a time that is over', { type: 'once', at: at('2026-01-01T00:00Z') }, 'is over'],
    ['an interval of one second', { type: 'every', milliseconds: 1000 }, 'too short'],
  ])('refuses %s', (_name, timing, message) => {
    expect(() => firstTime(timing, at('2026-06-01T00:00Z'))).toThrow(message)
  })
})

describe('planFiring()', () => {
  it.each<[string, ScheduleTiming, string, string[]]>([
    [
      'by the clock of the zone, also over the change to summer time',
      cron('0 9 * * *', 'Europe/Berlin'),
      '2026-03-28T00:00Z',
      ['2026-03-28T08:00Z', '2026-03-29T07:00Z', '2026-03-30T07:00Z'],
    ],
    [
      'once at a time that the change skips',
      cron('30 2 * * *', 'Europe/Berlin'),
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'once at a time that the change repeats',
      cron('30 2 * * *', 'Europe/Berlin'),
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'on the leap day',
      cron('0 0 29 2 *'),
      '2026-01-01T00:00Z',
      ['2028-02-29T00:00Z', '2032-02-29T00:00Z'],
    ],
    [
      'at intervals that do not drift',
      every(1),
      '2026-01-01T00:00Z',
      ['2026-01-01T00:01Z', '2026-01-01T00:02Z', '2026-01-01T00:03Z'],
    ],
    [
      'once',
      { type: 'once', at: at('2026-01-02T00:00Z') },
      '2026-01-01T00:00Z',
      ['2026-01-02T00:00Z'],
    ],
  ])('fires %s', (_name, timing, from, expected) => {
    expect(series(timing, from, expected.length)).toEqual(expected)
  })

  const hourly = [cron('0 * * * *'), every(60)] as const
  it.each<[MissedPolicy, string | null, string, number]>([
    ['skip', null, '2026-01-01T13:00Z', 4],
    ['once', '2026-01-01T12:00Z', '2026-01-01T13:00Z', 3],
    ['all', '2026-01-01T09:00Z', '2026-01-01T10:00Z', 0],
  ])(
    'with the policy "%s" sends for %s and goes on at %s after a morning without a server',
    (policy, fireFor, nextAt, missed) => {
      const time = { dueAt: at('2026-01-01T09:00Z'), now: at('2026-01-01T12:30Z') }
      for (const timing of hourly) {
        const firing = planFiring(timing, policy, time)
        expect({ ...firing, fireFor: show(firing.fireFor), nextAt: show(firing.nextAt) }).toEqual({
          fireFor,
          nextAt,
          missed,
        })
      }
    },
  )

  it('sends late when it is only a little late, whatever the policy', () => {
    const time = { dueAt: at('2026-01-01T09:00Z'), now: at('2026-01-01T09:00Z') + 30_000 }
    for (const policy of ['skip', 'once', 'all'] as const) {
      for (const timing of hourly) expect(planFiring(timing, policy, time).fireFor).toBe(time.dueAt)
    }
  })

  it('sends for the newest of very many missed times only', () => {
    const dueAt = at('2026-01-01T09:00Z')
    for (const timing of hourly) {
      const firing = planFiring(timing, 'all', { dueAt, now: dueAt + 500 * 3_600_000 })
      expect(firing.fireFor).toBe(dueAt + (501 - mostMissed) * 3_600_000)
      expect(firing.missed).toBe(mostMissed)
    }
  })

  it('goes on from the time it was due at when the clock has jumped back', () => {
    const time = { dueAt: at('2026-01-01T09:00Z'), now: at('2026-01-01T03:00Z') }
    for (const timing of hourly) {
      const firing = planFiring(timing, 'once', time)
      expect([show(firing.fireFor), show(firing.nextAt), firing.missed]).toEqual([
        '2026-01-01T09:00Z',
        '2026-01-01T10:00Z',
        0,
      ])
    }
  })
})
