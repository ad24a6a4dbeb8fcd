import { readFileSync } from 'node:fs'

/** Processor time since some moment, in steps of a hundredth of a second. */
interface ProcessorTimes {
  /** What the machine had to give: busy and idle, all cores. */
  readonly all: number
  readonly busy: number
  /** What this process and the children that have ended used of it. */
  readonly own: number
}

/** Tells, when the measuring is over, how much of the machine other programs used meanwhile. */
export interface ProcessorWatch {
  /** A share from 0 to 1; null where the system does not tell. Children must have ended. */
  shareOfOthers(): number | null
}

/** Begins to watch. */
export function watchProcessor(): ProcessorWatch {
  const before = readTimes()
  return {
    shareOfOthers() {
      const after = readTimes()
      if (before === null || after === null) return null
      const others = after.busy - before.busy - (after.own - before.own)
      return Math.max(0, others) / Math.max(1, after.all - before.all)
    },
  }
}

function readTimes(): ProcessorTimes | null {
  if (process.platform !== 'linux') return null
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, ...rest] = toNumbers(line).slice(1)
  const busy = user + nice + system + rest.slice(0, 3).reduce((sum, value) => sum + value, 0)
  const self = readFileSync('/proc/self/stat', 'utf8')
  // After the program's name, which may hold spaces: numbers 14 to 17 are utime, stime, cutime and cstime.
  const fields = toNumbers(self.slice(self.lastIndexOf(')') + 2))
  const own = fields.slice(11, 15).reduce((sum, value) => sum + value, 0)
  return { all: busy + idle + wait, busy, own }
}

function toNumbers(text: string): number[] {
  return text.trim().split(/\s+/).map(Number)
}
