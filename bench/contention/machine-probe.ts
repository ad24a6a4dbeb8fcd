import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the machine itself did meanwhile: no program on it can be faster. In milliseconds. */
export interface MachineFigures {
  /** How late an idle process was woken, every few milliseconds. */
  readonly lateness: readonly number[]
  /** How long a write of 4 kB took to reach the disk, ten times a second. */
  readonly syncs: readonly number[]
}

const wakeEveryMs = 5
const syncEveryMs = 100

/** Starts to look, in this process; the returned function ends it and tells what was seen. */
export function startMachineProbe(folder: string): () => Promise<MachineFigures> {
  const state = { isOver: false }
  const looking = Promise.all([watchWaking(state), watchSyncs(state, folder)])
  return async () => {
    state.isOver = true
    const [lateness, syncs] = await looking
    return { lateness, syncs }
  }
}

interface ProbeState {
  isOver: boolean
}

async function watchWaking(state: ProbeState): Promise<readonly number[]> {
  const late: number[] = []
  while (!state.isOver) {
    const begun = performance.now()
    await sleep(wakeEveryMs)
    late.push(Math.max(0, performance.now() - begun - wakeEveryMs))
  }
  return late
}

async function watchSyncs(state: ProbeState, folder: string): Promise<readonly number[]> {
  const times: number[] = []
  const page = Buffer.alloc(4096, 1)
  await using file = await open(join(folder, 'sync-probe'), 'w')
  while (!state.isOver) {
    const begun = performance.now()
    await file.write(page)
    await file.datasync()
    times.push(performance.now() - begun)
    await sleep(syncEveryMs)
  }
  return times
}
