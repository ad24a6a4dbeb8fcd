import { setTimeout as sleep } from 'node:timers/promises'
import type { Letta } from '@letta-ai/letta-client'
import type { SeenSchedule } from './observation.ts'

/** How many messages are scheduled for each kill. */
const perKill = 2
/** About how long one life of the server is, in milliseconds. */
const lifeMs = 1000
/** The first time that is asked for, in milliseconds from now. */
const firstMs = 1000
/** How long what is due after the last kill may take, in milliseconds. */
const settleDeadlineMs = 60_000

/** Messages that are scheduled for moments while the server is killed again and again. */
export interface Ticker {
  readonly agentId: string
  /** Waits until every schedule has come to its end, for a limited time; resolves with what became of them. */
  finish(letta: Letta): Promise<readonly SeenSchedule[]>
}

/** Schedules messages to an agent of its own. */
export async function createTicker(letta: Letta, kills: number): Promise<Ticker> {
  const { id: agentId } = await letta.agents.create({
    name: 'Ticker',
    model: 'openai/gpt-4o-mini',
    memory_blocks: [{ label: 'human', value: '' }],
    include_base_tools: false,
  })
  const begun = Date.now() + firstMs
  const ids: string[] = []
  for (let index = 0; index < kills * perKill; index += 1) {
    const { id } = await letta.post<Schedule>('/v1/conversations/default/schedules', {
      body: {
        agent_id: agentId,
        at: new Date(begun + (index * lifeMs) / perKill).toISOString(),
        messages: [{ role: 'user', content: `TALK #tick-${index}` }],
      },
    })
    ids.push(id)
  }

  async function read(client: Letta): Promise<readonly Schedule[]> {
    const schedules: Schedule[] = []
    for (const id of ids) schedules.push(await client.get<Schedule>(`/v1/schedules/${id}`))
    return schedules
  }

  return {
    agentId,
    async finish(client) {
      const deadline = Date.now() + settleDeadlineMs
      let schedules = await read(client)
      while (schedules.some(({ state }) => state !== 'finished') && Date.now() < deadline) {
        await sleep(200)
        schedules = await read(client)
      }
      return schedules.map((schedule) => ({
        id: schedule.id,
        agentId,
        state: schedule.state,
        firedCount: schedule.fired_count,
      }))
    },
  }
}

/** What is read of a schedule on the wire. */
interface Schedule {
  readonly id: string
  readonly state: string
  readonly fired_count: number
}
