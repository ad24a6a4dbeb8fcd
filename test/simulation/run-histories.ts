// Plays histories on all processors until `--count` different schedules of faults were met:
// `npm run simulate -- --count 5000 --from 301`. The last line counts.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

/** What one process found. */
interface Share {
  /** The schedules of faults it played. */
  readonly schedules: readonly string[]
  /** One line for each history that broke a promise. */
  readonly failures: readonly string[]
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    from: { type: 'string', default: '301' },
    processes: { type: 'string', default: String(availableParallelism()) },
    /** Only every n-th seed; what a process of its own is given. */
    every: { type: 'string', default: '1' },
  },
})
const first = Number(values.from)
const count = Number(values.count)
/** More seeds than this for each schedule asked for are not tried. */
const mostSeedsPerSchedule = 2

/** Some seeds, in the steps of one process. */
interface Seeds {
  readonly from: number
  readonly until: number
  readonly step: number
}

/** Plays the history of each seed. */
async function play({ from, until, step }: Seeds): Promise<Share> {
  const schedules: string[] = []
  const failures: string[] = []
  for (let seed = from; seed < until; seed += step) {
    const { problems, faults } = await simulate(seed)
    schedules.push(faults.join('; '))
    if (problems.length > 0) {
      failures.push(`seed ${seed}: ${problems.join('; ')} (${faults.join('; ')})`)
    }
  }
  return { schedules, failures }
}

/** Has a process of its own play a share; rejects when it ends without an answer. */
async function playElsewhere({ from, until, step }: Seeds): Promise<Share> {
  const options = ['--from', String(from), '--count', String(until - from), '--every', String(step)]
  const child = fork(import.meta.filename, options)
  // The channel closes after the last message; the end of the process may be noticed before it.
  const closed = once(child, 'disconnect').then(() => {
    throw new Error(`The process that plays from seed ${from} ended without an answer`)
  })
  closed.catch(() => undefined)
  const [share] = (await Promise.race([once(child, 'message'), closed])) as [Share]
  return share
}

/** Plays the seeds of a range on several processes. */
async function playRange(from: number, until: number): Promise<readonly Share[]> {
  const processes = Math.max(1, Math.min(Number(values.processes), until - from))
  return await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      playElsewhere({ from: from + index, until, step: processes }),
    ),
  )
}

/** Plays histories until as many different schedules of faults as were asked for have been seen. */
async function playAll(): Promise<void> {
  const shares: Share[] = []
  const distinct = new Set<string>()
  const end = first + count * mostSeedsPerSchedule
  for (let next = first; distinct.size < count && next < end;) {
    // Some of the new ones will be known, too.
    const until = Math.min(end, next + Math.ceil((count - distinct.size) * 1.1))
    shares.push(...(await playRange(next, until)))
    for (const { schedules } of shares) for (const schedule of schedules) distinct.add(schedule)
    next = until
  }
  const failures = shares.flatMap((share) => share.failures)
  const played = shares.reduce((sum, { schedules }) => sum + schedules.length, 0)
  for (const failure of failures) process.stdout.write(`${failure}\n`)
  process.stdout.write(`${played} histories, ${distinct.size} distinct schedules of faults\n`)
  const missing = Math.max(0, count - distinct.size)
  if (missing > 0) process.stdout.write(`${missing} schedules short of the ${count} asked for\n`)
  const failed = failures.length + missing
  process.stdout.write(`${played - failures.length} passed, ${failed} failed, 0 skipped\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

if (process.send === undefined) {
  await playAll()
} else {
  const seeds = { from: first, until: first + count, step: Number(values.every) }
  process.send(await play(seeds), () => process.disconnect?.())
}
