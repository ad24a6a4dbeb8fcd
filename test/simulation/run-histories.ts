// Plays many simulated histories on all processors: `npm run simulate -- --count 5000 --from 301`. The last line counts.
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
const end = first + Number(values.count)

/** Plays every n-th history from a seed on. */
async function play(start: number, step: number): Promise<Share> {
  const schedules: string[] = []
  const failures: string[] = []
  for (let seed = start; seed < end; seed += step) {
    const { problems, faults } = await simulate(seed)
    schedules.push(faults.join('; '))
    if (problems.length > 0) {
      failures.push(`seed ${seed}: ${problems.join('; ')} (${faults.join('; ')})`)
    }
  }
  return { schedules, failures }
}

/** Has a process of its own play a share; rejects when it ends without an answer. */
async function playElsewhere(start: number, step: number): Promise<Share> {
  const options = ['--from', String(start), '--count', String(end - start), '--every', String(step)]
  const child = fork(import.meta.filename, options)
  // The channel closes after the last message; the end of the process may be noticed before it.
  const closed = once(child, 'disconnect').then(() => {
    throw new Error(`The process that plays from seed ${start} ended without an answer`)
  })
  closed.catch(() => undefined)
  const [share] = (await Promise.race([once(child, 'message'), closed])) as [Share]
  return share
}

async function playAll(): Promise<void> {
  const processes = Math.max(1, Math.min(Number(values.processes), end - first))
  const shares = await Promise.all(
    Array.from({ length: processes }, (_, index) => playElsewhere(first + index, processes)),
  )
  const failures = shares.flatMap((share) => share.failures)
  const schedules = shares.flatMap((share) => share.schedules)
  for (const failure of failures) process.stdout.write(`${failure}\n`)
  process.stdout.write(`${new Set(schedules).size} distinct schedules of faults\n`)
  process.stdout.write(
    `${schedules.length - failures.length} passed, ${failures.length} failed, 0 skipped\n`,
  )
  process.exitCode = failures.length === 0 ? 0 : 1
}

if (process.send === undefined) {
  await playAll()
} else {
  process.send(await play(first, Number(values.every)), () => process.disconnect?.())
}
