import { defaultConversationId } from '../../src/domain/identifier.ts'
import { World } from '../../src/storage/conformance/world.ts'
import type { Store } from '../../src/storage/store.ts'
import { type Figure, toFigure } from '../harness/report.ts'

const conversations = 64
const rounds = 6

/**
 * Inputs a second that 64 conversations have accepted at once through several stores: all of one tenant, whose numbers
 * grow one after the other, beside a tenant for each.
 */
export async function measureManyWriters(stores: readonly Store[]): Promise<Figure> {
  const [first] = stores
  if (first === undefined) throw new Error('There is no store')
  const shared = new World(first)
  const together = await Promise.all(Array.from({ length: conversations }, () => toSpeaker(shared)))
  const apart = await Promise.all(
    Array.from({ length: conversations }, () => toSpeaker(new World(first))),
  )
  const ours: number[] = []
  const baseline: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await ratePerSecond(together, stores))
    baseline.push(await ratePerSecond(apart, stores))
  }
  return toFigure({
    name: `${conversations} conversations of one tenant, ${stores.length} stores, PostgreSQL`,
    unit: 'turns/s',
    samples: ours.slice(1),
    baseline: { name: 'a tenant for each', samples: baseline.slice(1) },
  })
}

interface Speaker {
  readonly world: World
  readonly agent: Awaited<ReturnType<World['agent']>>
}

async function toSpeaker(world: World): Promise<Speaker> {
  return { world, agent: await world.agent() }
}

async function ratePerSecond(
  speakers: readonly Speaker[],
  stores: readonly Store[],
): Promise<number> {
  const start = performance.now()
  await Promise.all(
    speakers.map(async ({ world, agent }, index) => {
      const store = stores[index % stores.length]
      const conversationId = defaultConversationId(agent.id)
      for (let count = 0; count < 4; count += 1) {
        const input = world.input(agent, 'What do you remember?', { conversationId })
        await store?.acceptInput(world.scope, input)
      }
    }),
  )
  return (speakers.length * 4) / ((performance.now() - start) / 1000)
}
