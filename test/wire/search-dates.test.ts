import { expect, test } from 'vitest'
import { describeWire, type Wire } from './open-wire.ts'

/** The surfaces that search by dates, as requests with what they call the two ends. */
const surfaces = {
  'messages/search': async (wire, agentId, [start_date, end_date]) =>
    await wire.send('POST', '/v1/messages/search', {
      agent_id: agentId,
      query: 'heron',
      start_date,
      end_date,
    }),
  'passages/search': async (wire, agentId, [start_date, end_date]) =>
    await wire.send('POST', '/v1/passages/search', {
      agent_id: agentId,
      query: 'heron',
      start_date,
      end_date,
    }),
  'archival-memory/search': async (wire, agentId, [start, end]) => {
    const dates = {
      ...(start !== null && { start_datetime: start }),
      ...(end !== null && { end_datetime: end }),
    }
    const query = new URLSearchParams({ query: 'heron', ...dates }).toString()
    return await wire.fetch(`/v1/agents/${agentId}/archival-memory/search?${query}`)
  },
  timeline: async (wire, agentId, [from, to]) => {
    const dates = { ...(from !== null && { from }), ...(to !== null && { to }) }
    const query = new URLSearchParams({ query: 'heron', ...dates }).toString()
    return await wire.fetch(`/v1/agents/${agentId}/timeline?${query}`)
  },
} satisfies Record<string, (wire: Wire, agentId: string, dates: Ends) => Promise<Response>>

type Ends = readonly [start: string | null, end: string | null]

const names = Object.keys(surfaces) as (keyof typeof surfaces)[]

/** 4 March in UTC, 5 March in Tokyo: the first and the last moment of that day there. */
const dawn = '2026-03-04T15:00:00.000Z'
const midnight = '2026-03-05T14:59:59.999Z'

/** An agent in Tokyo that was told, and keeps, a text at each end of 5 March; it is 22 November. */
async function createWatcher({ client, send }: Wire): Promise<string> {
  const { id } = await client.agents.create({ timezone: 'Asia/Tokyo', include_base_tools: false })
  const times = [dawn, midnight]
  const messages = times.map((created_at) => ({ role: 'user', content: 'A heron!', created_at }))
  await send('POST', `/v1/agents/${id}/messages/import`, { messages })
  for (const created_at of times) {
    await client.agents.passages.create(id, { text: 'Heron seen.', created_at })
  }
  return id
}

function countOf(answer: unknown): number {
  const { results = [], entries = results } = answer as Record<string, readonly unknown[]>
  return Array.isArray(answer) ? answer.length : entries.length
}

describeWire('searches by dates', (open) => {
  test('every one reads days in the zone of the agent, both ends inclusive [search.dates]', async () => {
    await using wire = await open()
    const id = await createWatcher(wire)
    const cases: readonly (readonly [...Ends, number])[] = [
      ['2026-03-05', '2026-03-05', 2],
      [null, '2026-03-04', 0],
      ['2026-03-06', null, 0],
      ['2026-03-05T00:00', '2026-03-05T23:58', 1],
      ['2026-03-05T23:59', null, 1],
      [midnight, midnight, 1],
      ['2026-03-04T15:00:00+00:00', '2026-03-04T15:00:00Z', 1],
      ['March 2026', null, 2],
      [null, 'last year', 0],
    ]
    for (const name of names) {
      // What is told twice and stored stands in a timeline twice.
      const each = name === 'timeline' ? 2 : 1
      for (const [start, end, count] of cases) {
        const found = countOf(await (await surfaces[name](wire, id, [start, end])).json())
        expect([name, start, end, found]).toEqual([name, start, end, count * each])
      }
    }
  })

  test('every one refuses an end before the start, and a date it cannot read [search.dates]', async () => {
    await using wire = await open()
    const id = await createWatcher(wire)
    for (const name of names) {
      const refused = async (...ends: Ends): Promise<string> => {
        const answer = await surfaces[name](wire, id, ends)
        const { detail } = (await answer.json()) as { detail: string }
        return `${answer.status} ${detail}`
      }
      expect(await refused('2026-03-06', '2026-03-05')).toMatch(
        /^422 Cannot search: \w+ "2026-03-06" is after \w+ "2026-03-05"\. Exchange them\.$/,
      )
      expect(await refused(null, '2026-02-30')).toMatch(/^422 Cannot read \w+ "2026-02-30": /)
      expect(await refused('soonish', null)).toMatch(/^422 Cannot read \w+ "soonish": /)
    }
  })

  test('days of an archive that no agent is asked for are those of UTC [search.dates]', async () => {
    await using wire = await open()
    const { client } = wire
    const { id } = await client.archives.create({ name: 'Birds' })
    const draft = { text: 'Heron seen.', created_at: '2026-03-05T23:59:59.999Z' }
    await client.archives.passages.create(id, draft)
    const found = async (end_date: string): Promise<number> =>
      (await client.passages.search({ archive_id: id, query: 'heron', end_date })).length
    expect([await found('2026-03-05'), await found('2026-03-04')]).toEqual([1, 0])
  })
})
