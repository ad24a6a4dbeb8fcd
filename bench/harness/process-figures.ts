import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The kernel's kilobytes of 1,024 bytes in MB of 1,024 of them, as `ps` and `top` count. */
export function toMegabytes(kilobytes: number): number {
  return kilobytes / 1024
}

/** The resident memory of a process, in MB. Linux only. */
export function residentMemory(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return toMegabytes(Number(match?.[1]))
}

/** What this process still holds when its garbage is collected, in MB: objects, and what stands outside of the heap for them. */
export function heldMemory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return toMegabytes((heapUsed + external) / 1024)
}

/** The processor time a process has used on all its threads, in milliseconds, in steps of 10. Linux only. */
export function processorTime(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program's name may hold spaces; fields are counted after it. utime and stime are numbers 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return ticks * 10
}
