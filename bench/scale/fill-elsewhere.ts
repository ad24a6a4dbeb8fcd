import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FillOptions } from './fill.ts'

/** What is to be filled. */
export type FillRequest = Omit<FillOptions, 'progress'>

/**
 * Fills a database as `fill` does, in another process, so that what it takes is not part of this one's memory. Throws when
 * that process fails; what it failed with is on stderr.
 */
export async function fillElsewhere(request: FillRequest): Promise<void> {
  const program = fileURLToPath(new URL('fill-program.ts', import.meta.url))
  const child = fork(program, { serialization: 'advanced' })
  const ended = once(child, 'exit')
  child.send(request)
  const [code] = (await ended) as [number | null]
  if (code !== 0) throw new Error(`Cannot fill ${request.agents} agents: the process has failed.`)
}
