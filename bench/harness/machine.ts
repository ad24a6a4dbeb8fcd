import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { availableParallelism, loadavg, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { medianOf } from './statistics.ts'

/** Where figures were measured, in words that name no machine. */
export interface Machine {
  readonly date: string
  readonly platform: string
  readonly cores: number
  readonly memoryGb: number
  readonly node: string
  readonly fileSystem: string
  /** The time of one write of 4 kB that reaches the disk, median, in milliseconds. */
  readonly syncMs: number
  /** Processes that wanted to run in the last minute: before and after. */
  readonly load: readonly [before: number, after: number]
  /** The share of the processor that other programs used during the measuring; null where it is not known. */
  readonly others: number | null
}

/** Looks at the machine and at the disk that holds `folder`, after the measuring. */
export function lookAtMachine(
  folder: string,
  loadBefore: number,
  others: number | null = null,
): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    platform: platform(),
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.versions.node,
    fileSystem: fileSystemOf(folder),
    syncMs: measureSync(folder),
    load: [loadBefore, currentLoad()],
    others,
  }
}

/** The load average of the last minute. */
export function currentLoad(): number {
  return loadavg()[0] ?? 0
}

/** The machine in one line. */
export function describeMachine(machine: Machine): string {
  const [before, after] = machine.load
  return (
    `${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}; ` +
    `${machine.fileSystem}, one sync ${machine.syncMs.toFixed(2)} ms; ` +
    `load ${before.toFixed(1)} before, ${after.toFixed(1)} after${describeOthers(machine.others)}`
  )
}

function describeOthers(share: number | null): string {
  return share === null ? '' : `; other programs used ${Math.round(share * 100)} % of the processor`
}

/** The numbers that Linux gives file systems (statfs(2)). */
const fileSystems: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlay'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
])

/** The kind of file system a folder lies on, where the system tells. */
export function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder)
  return fileSystems.get(type) ?? `file system 0x${type.toString(16)}`
}

/** Whether what is written to a folder stays in memory, so that syncing costs nothing there. */
export function isInMemory(folder: string): boolean {
  return ['tmpfs', 'ramfs'].includes(fileSystemOf(folder))
}

function measureSync(folder: string): number {
  const file = join(folder, 'sync-probe')
  const page = Buffer.alloc(4096, 1)
  const descriptor = openSync(file, 'w')
  try {
    const times = Array.from({ length: 60 }, () => {
      const begun = performance.now()
      writeSync(descriptor, page)
      fdatasyncSync(descriptor)
      return performance.now() - begun
    })
    return medianOf(times)
  } finally {
    closeSync(descriptor)
    rmSync(file, { force: true })
  }
}
