import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../src/tools/define-tool.ts'
import { describeWire, type Wire } from './open-wire.ts'

const seen = '2026-03-05T12:00:00Z'

/** How many texts of each kind hold the word. */
const stored = 23

interface Page {
  readonly ids: readonly string[]
  readonly total: number | null
  readonly has_more: boolean
  readonly reason: string | null
}

/** An agent that has the same word in messages, passages and facts; texts that no score tells apart among them. */
async function createWatcher({ client, send }: Wire): Promise<string> {
  const { id } = await client.agents.create({ include_base_tools: false })
  const numbers = Array.from({ length: stored }, (_, number) => number)
  const messages = numbers.map((number) => ({
    role: number % 2 === 0 ? 'user' : 'assistant',
    content: number < 9 ? 'A heron.' : `A heron, ${number} of them.`,
    created_at: seen,
  }))
  await send('POST', `/v1/agents/${id}/messages/import`, { messages })
  const { id: archiveId } = await client.archives.create({ name: 'Birds' })
  await client.agents.archives.attach(archiveId, { agent_id: id })
  await client.archives.passages.createMany(archiveId, {
    passages: numbers.map((number) => ({ text: number < 9 ? 'Heron.' : `Heron ${number}.` })),
  })
  for (const number of numbers) {
    const fact = { attribute: `bird ${number}`, value: 'heron' }
    await send('POST', `/v1/agents/${id}/facts`, fact)
  }
  return id
}

/** The surfaces that have pages, each asked for one. */
const surfaces = {
  messages: async ({ send }, agent_id, page) => {
    const body = { query: 'heron', agent_id, explain: true, ...page }
    return toPage(await (await send('POST', '/v1/messages/search', body)).json(), 'message_id')
  },
  'messages that the index chose': async ({ send }, agent_id, page) => {
    const body = { query: 'heron', agent_id, explain: true, complete_up_to: 0, ...page }
    return toPage(await (await send('POST', '/v1/messages/search', body)).json(), 'message_id')
  },
  passages: async ({ send }, agent_id, page) => {
    const body = { query: 'heron', agent_id, explain: true, ...page }
    return toPage(await (await send('POST', '/v1/passages/search', body)).json(), 'passage')
  },
  'archival memory': async ({ fetch }, agentId, { limit, offset }) => {
    const path = `/v1/agents/${agentId}/archival-memory/search?query=heron`
    return toPage(await (await fetch(`${path}&top_k=${limit}&offset=${offset}`)).json(), 'id')
  },
  facts: async ({ fetch }, agentId, { limit, offset }) => {
    const path = `/v1/agents/${agentId}/facts?query=heron`
    return toPage(await (await fetch(`${path}&limit=${limit}&offset=${offset}`)).json(), 'id')
  },
} satisfies Record<
  string,
  (wire: Wire, agentId: string, page: { limit: number; offset: number }) => Promise<Page>
>

function toPage(body: unknown, name: string): Page {
  const {
    facts = [],
    results = facts,
    ...page
  } = body as Page & {
    readonly [list in 'facts' | 'results']?: readonly Record<string, unknown>[]
  }
  return { ...page, ids: results.map((result) => JSON.stringify(result[name])) }
}

describeWire('pages of a search', (open) => {
  test('give everything once, in one order, and say how many there are [search.pages]', async () => {
    await using wire = await open()
    const agentId = await createWatcher(wire)
    for (const [name, read] of Object.entries(surfaces)) {
      const all = await read(wire, agentId, { limit: 100, offset: 0 })
      expect([name, all.ids.length]).toEqual([name, stored])
      const paged: string[] = []
      for (let offset = 0; offset < stored; offset += 5) {
        const page = await read(wire, agentId, { limit: 5, offset })
        const { total, has_more, reason } = page
        const expected = { total: stored, has_more: offset + 5 < stored, reason: null }
        expect([name, { total, has_more, reason }]).toEqual([name, expected])
        paged.push(...page.ids)
      }
      expect([name, paged]).toEqual([name, all.ids])
      expect(new Set(paged).size).toBe(stored)
      expect(await read(wire, agentId, { limit: 5, offset: 25 })).toMatchObject({
        ids: [],
        total: stored,
        has_more: false,
        reason: `There are only ${stored} results.`,
      })
    }
  })

  test('a search without words gives what was said last, whatever was imported since [search.pages]', async () => {
    await using wire = await open()
    const { client, send } = wire
    const { id } = await client.agents.create({ include_base_tools: false })
    const bring = async (texts: readonly string[], created_at: string): Promise<void> => {
      const messages = texts.map((content) => ({ role: 'user', content, created_at }))
      await send('POST', `/v1/agents/${id}/messages/import`, { messages })
    }
    await bring(['Recent.'], '2026-11-20T10:00:00Z')
    // More than the search reads at once.
    const old = Array.from({ length: 120 }, (_, number) => `Old ${number}.`)
    await bring(old, '2019-05-05T10:00:00Z')
    await bring(['Late.'], '2019-05-06T10:00:00Z')
    const texts = async (given: object): Promise<readonly unknown[]> => {
      const body = { agent_id: id, query: '', limit: 2, ...given }
      const found = await (await send('POST', '/v1/messages/search', body)).json()
      return (found as readonly { content: unknown }[]).map(({ content }) => content)
    }
    expect(await texts({})).toEqual(['Recent.', 'Late.'])
    expect(await texts({ start_date: '2026-11-20', end_date: '2026-11-20' })).toEqual(['Recent.'])
    expect(await texts({ query: 'What did we talk about in November 2026?' })).toEqual(['Recent.'])
    expect(await texts({ end_date: '2019-05-05' })).toEqual(['Old 119.', 'Old 118.'])
    expect(await texts({ end_date: '2019-05-05', offset: 118 })).toEqual(['Old 1.', 'Old 0.'])
    expect(await texts({ offset: 120 })).toEqual(['Old 1.', 'Old 0.'])
    expect(await texts({ offset: 122 })).toEqual([])
  })

  test('a search of messages takes roles, that of tools among them [search.roles]', async () => {
    const tool = defineTool({
      name: 'look',
      description: 'Looks at the weir.',
      parameters: z.object({}),
      replay: 'once',
      run: () => 'One heron, standing.',
    })
    await using wire = await open({ tools: [tool] })
    const { client, send, test: kit } = wire
    const { id } = await client.agents.create({ tools: ['look'] })
    kit.model.script({ toolCalls: [{ name: 'look', arguments: {} }] }, { text: 'Heron it is.' })
    await client.agents.messages.create(id, { input: 'Our bird is the heron.' })
    const ask = async (body: object): Promise<unknown> => {
      const given = { agent_id: id, query: 'heron', ...body }
      return await (await send('POST', '/v1/messages/search', given)).json()
    }
    expect(await ask({ roles: ['user'] })).toMatchObject([{ message_type: 'user_message' }])
    expect(await ask({ roles: ['assistant'] })).toMatchObject([{ content: 'Heron it is.' }])
    expect(await ask({ roles: ['tool'] })).toMatchObject([
      { message_type: 'tool_return_message', content: 'One heron, standing.' },
    ])
    expect(await ask({ roles: [] })).toHaveLength(2)
    expect(await ask({ roles: ['tool'], query: 'zeppelin', explain: true })).toMatchObject({
      reason: 'Nothing stored contains any of: zeppelin.',
      total: 0,
    })
    expect(
      (await send('POST', '/v1/messages/search', { agent_id: id, query: 'x', roles: ['king'] }))
        .status,
    ).toBe(422)
  })

  test('what an agent said through a tool is shown as it was said [search.roles]', async () => {
    await using wire = await open()
    const { client, send, test: kit } = wire
    const { id } = await client.agents.create({ agent_type: 'memgpt_agent' })
    const call = { name: 'send_message', arguments: { message: 'A heron, by the weir.' } }
    kit.model.script({ toolCalls: [call] })
    await client.agents.messages.create(id, { input: 'What is there?' })
    const found = await send('POST', '/v1/messages/search', { agent_id: id, query: 'heron' })
    expect(await found.json()).toMatchObject([
      { message_type: 'assistant_message', content: 'A heron, by the weir.' },
    ])
  })

  test('facts are filtered by when they began to be true [search.dates]', async () => {
    await using wire = await open()
    const { client, send, fetch } = wire
    const { id } = await client.agents.create({ timezone: 'Asia/Tokyo' })
    for (const [value, since] of [
      ['Cork', '2024-03-05'],
      ['Bern', '2025-03-05'],
    ]) {
      await send('POST', `/v1/agents/${id}/facts`, { attribute: 'city', value, since })
    }
    const list = async (query: string): Promise<readonly string[]> => {
      const answer = await fetch(`/v1/agents/${id}/facts?history=true&${query}`)
      const { facts } = (await answer.json()) as { facts: readonly { value: string }[] }
      return facts.map(({ value }) => value).toSorted()
    }
    for (const words of ['query=city', '']) {
      expect(await list(words)).toEqual(['Bern', 'Cork'])
      expect(await list(`${words}&to=2024-03-05`)).toEqual(['Cork'])
      expect(await list(`${words}&to=2024-03-04`)).toEqual([])
      expect(await list(`${words}&from=2025-03-05&to=2025-03-05`)).toEqual(['Bern'])
      expect(await list(`${words}&from=2025-03-06`)).toEqual([])
    }
    expect((await fetch(`/v1/agents/${id}/facts?from=2025&to=2024`)).status).toBe(422)
  })
})
