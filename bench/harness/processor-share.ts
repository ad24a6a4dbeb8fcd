import { existsSync, readFileSync } from 'node:fs'

/** Processor time since some moment, in steps of a hundredth of a second. */
interface ProcessorTimes {
  /** What the machine had to give: busy and idle, all cores. */
  readonly all: number
  readonly busy: number
  /** What this process, the children it names and those that have ended used of it. */
  readonly own: number
}

/** The children that run now. */
export interface RunningChildren {
  readonly pids: readonly number[]
}

/** Tells, when the measuring is over, how much of the machine other programs used meanwhile. */
export interface ProcessorWatch {
  /** A share from 0 to 1; null where the system does not tell. */
  shareOfOthers(): number | null
}

/** Begins to watch. Children that run longer than the watching must be among `children`. */
export function watchProcessor(children: RunningChildren = { pids: [] }): ProcessorWatch {
  const before = readTimes(children)
  return {
    shareOfOthers() {
      const after = readTimes(children)
      if (before === null || after === null) return null
      const others = after.busy - before.busy - (after.own - before.own)
      return Math.max(0, others) / Math.max(1, after.all - before.all)
    },
  }
}

function readTimes({ pids }: RunningChildren): ProcessorTimes | null {
  if (process.platform !== 'linux') return null
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, ...rest] = toNumbers(line).slice(1)
  const busy = user + nice + system + sum(rest.slice(0, 3))
  const [ownUser = 0, ownSystem = 0, ...ofEnded] = timesOf('self')
  const ofRunning = pids.map((pid) => sum(timesOf(pid).slice(0, 2)))
  return {
    all: busy + idle + wait,
    busy,
    own: ownUser + ownSystem + sum(ofEnded) + sum(ofRunning),
  }
}

/** utime and stime of a process, and those of its ended children; nothing for a process that is gone. */
function timesOf(pid: number | 'self'): readonly number[] {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  // After the program's name, which may hold spaces: they are the numbers 14 to 17.
  return toNumbers(text.slice(text.lastIndexOf(')') + 2)).slice(11, 15)
}

function toNumbers(text: string): number[] {
  return text.trim().split(/\s+/).map(Number)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
