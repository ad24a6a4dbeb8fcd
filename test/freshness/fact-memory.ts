import { createServer } from '../../src/server/create-server.ts'
import { createTestApp } from '../../src/testing/create-test-app.ts'
import { createFakeClock } from '../../src/testing/fake-clock.ts'
import type { Store } from '../../src/storage/store.ts'
import { dayMs, isoDay, worldStart, type FreshQuestion, type Telling } from './world.ts'

/** What can be stated. */
export type Statement = Pick<
  Telling,
  'subject' | 'attribute' | 'value' | 'since' | 'until' | 'isCorrection'
>

/** A product that is told facts through its REST API, on days of a world. */
export interface FactMemory extends AsyncDisposable {
  state(day: number, statement: Statement): Promise<void>
  /** What it answers to a question about a subject and an attribute; several values when they contradict each other. */
  look(question: FreshQuestion): Promise<readonly string[]>
  /** The value of the best fact for the question in words, with what is true at its day. */
  ask(question: FreshQuestion): Promise<string | null>
}

/** The hours of a day at which things are told, and at which what is known is looked at. */
const toldAt = 6 * 3_600_000
const knownAt = 12 * 3_600_000

/** Opens one on a store. */
export async function openFactMemory(store?: Store): Promise<FactMemory> {
  const clock = createFakeClock({ start: worldStart })
  const product = await createTestApp({ clock, ...(store !== undefined && { store }) })
  const server = createServer(product.app)
  const send = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await server.fetch(new Request(`http://localhost${path}`, init))
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return await response.json()
  }
  const post = async (path: string, body: object): Promise<unknown> =>
    await send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const agent = (await post('/v1/agents', { include_base_tools: false })) as { id: string }
  const root = `/v1/agents/${agent.id}/facts`
  const read = async (query: Record<string, string>): Promise<readonly string[]> => {
    const found = (await send(`${root}?${new URLSearchParams(query).toString()}`)) as {
      facts: { value: string }[]
    }
    return found.facts.map(({ value }) => value)
  }
  const times = ({ day, knownOn }: FreshQuestion): Record<string, string> => ({
    as_of: isoDay(day),
    ...(knownOn !== null && {
      known_at: new Date(worldStart + knownOn * dayMs + knownAt).toISOString(),
    }),
  })
  return {
    async state(day, { subject, attribute, value, since, until, isCorrection }) {
      const time = worldStart + day * dayMs + toldAt
      if (time > clock.now()) await clock.advance(time - clock.now())
      await post(root, {
        subject,
        attribute,
        value,
        ...(since !== null && { since: isoDay(since) }),
        ...(until !== null && { until: isoDay(until) }),
        correction: isCorrection,
      })
    },
    look: async (question) => {
      const { subject, attribute } = question
      return await read({ subject, attribute, ...times(question) })
    },
    ask: async (question) => {
      const query = `What is ${question.subject}'s ${question.attribute}?`
      const [best] = await read({ query, limit: '1', ...times(question) })
      return best ?? null
    },
    [Symbol.asyncDispose]: async () => {
      await product[Symbol.asyncDispose]()
    },
  }
}
