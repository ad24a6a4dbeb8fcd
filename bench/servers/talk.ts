import { setTimeout as sleep } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { sendJson, toServer } from '../harness/api.ts'
import type { Cluster } from './serve.ts'

/** How a load is put on a cluster. */
export interface LoadOptions {
  readonly agentIds: readonly string[]
  readonly seconds: number
  /** Ends one server without warning after this share of the time; absent = none. */
  readonly killAfter?: number
}

/** What a load brought about. */
export interface LoadResult {
  readonly turnsPerSecond: number
  readonly turnMs: readonly number[]
  /** Processor time of all servers for one turn, in milliseconds. */
  readonly processorMsPerTurn: number
  /** Messages that were sent again to another server, with the same otid. */
  readonly repeated: number
}

/** Talks in all conversations at once, each bound to one server while that lives. */
export async function putLoad(cluster: Cluster, options: LoadOptions): Promise<LoadResult> {
  const { agentIds, seconds, killAfter } = options
  const alive = new Set(cluster.servers.keys())
  const turnMs: number[] = []
  let repeated = 0
  const processorBefore = cluster.processorMs()
  const begun = performance.now()
  const end = begun + seconds * 1000

  async function talk(agentId: string, index: number): Promise<void> {
    while (performance.now() < end) {
      const otid = randomUUID()
      const turnBegun = performance.now()
      while (!(await sayOnce({ agentId, index, otid }))) {
        repeated += 1
        await sleep(50)
      }
      turnMs.push(performance.now() - turnBegun)
    }
  }

  async function sayOnce(message: {
    readonly agentId: string
    readonly index: number
    readonly otid: string
  }): Promise<boolean> {
    const living = [...alive]
    const chosen = living[message.index % living.length] ?? 0
    const server = cluster.servers[chosen]
    if (server === undefined) throw new Error('no server is left')
    try {
      const body = { messages: [{ role: 'user', content: 'Hello there.', otid: message.otid }] }
      await sendJson(toServer(server.url), `/v1/agents/${message.agentId}/messages`, body)
      return true
    } catch (error) {
      if (alive.has(chosen)) throw error
      return false
    }
  }

  async function killOne(): Promise<void> {
    if (killAfter === undefined) return
    await sleep(seconds * 1000 * killAfter)
    const victim = cluster.servers.length - 1
    alive.delete(victim)
    await cluster.kill(victim)
  }

  await Promise.all([...agentIds.map(talk), killOne()])
  const elapsed = (performance.now() - begun) / 1000
  return {
    turnsPerSecond: turnMs.length / elapsed,
    turnMs,
    processorMsPerTurn: (cluster.processorMs() - processorBefore) / turnMs.length,
    repeated,
  }
}
