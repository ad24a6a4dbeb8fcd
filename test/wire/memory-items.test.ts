import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

interface Change {
  readonly id: string
  readonly subject: string
  readonly item_id: string
}

interface Blamed {
  readonly line: string
  readonly change: Change | null
  readonly quotes: readonly { readonly text: string }[]
}

const said = 'The cat is called Plum, and I drink tea.'

describeWire('the history of one passage or fact', (open) => {
  test('tells what caused each line, and what it was at a time [memory.blame, memory.restore]', async () => {
    const insert = { name: 'archival_memory_insert', arguments: { content: 'The cat:\nPlum.' } }
    const fact = { subject: 'user', attribute: 'drink', value: 'tea' }
    const remember = { name: 'remember_fact', arguments: fact }
    await using wire = await open({
      script: [{ toolCalls: [insert, remember] }, { text: 'Noted.' }],
    })
    const tools = ['archival_memory_insert', 'remember_fact']
    const agent = await wire.client.agents.create({ tools, include_base_tools: false })
    const root = `/v1/agents/${agent.id}/memory`
    const read = async <Result>(path: string): Promise<Result> =>
      (await (await wire.fetch(`${root}/${path}`)).json()) as Result
    const before = new Date(wire.test.clock.now()).toISOString()
    await wire.test.clock.advance(60_000)
    await wire.client.agents.messages.create(agent.id, { input: said })
    const changes = await read<readonly Change[]>('history')
    const [passage, drink] = ['passage', 'fact'].map((kind) =>
      changes.find(({ subject }) => subject === kind),
    )
    const cause = (change: Change | undefined): unknown => ({
      change: { id: change?.id },
      quotes: [{ text: said }],
    })
    expect(await read<readonly Blamed[]>(`blame?item=${passage?.item_id}`)).toMatchObject([
      { line: 'The cat:', ...(cause(passage) as object) },
      { line: 'Plum.', ...(cause(passage) as object) },
    ])
    expect(await read<readonly Blamed[]>(`blame?item=${drink?.item_id}`)).toMatchObject([
      { line: 'drink = tea', ...(cause(drink) as object) },
    ])

    const then = new Date(wire.test.clock.now()).toISOString()
    await wire.test.clock.advance(60_000)
    await wire.client.agents.passages.delete(passage?.item_id ?? '', { agent_id: agent.id })
    await wire.test.clock.advance(60_000)
    const at = async (time: string, item: string | undefined): Promise<unknown> =>
      await read(`at?time=${time}&item=${item}`)
    const past = { description: null, version: 1 }
    const text = {
      ...past,
      label: null,
      subject: 'passage',
      id: passage?.item_id,
      value: 'The cat:\nPlum.',
    }
    expect(await at(then, passage?.item_id)).toEqual([text])
    const value = {
      ...past,
      label: 'drink',
      subject: 'fact',
      id: drink?.item_id,
      value: 'drink = tea',
    }
    expect(await at(then, drink?.item_id)).toEqual([value])
    const now = new Date(wire.test.clock.now()).toISOString()
    for (const [time, item] of [
      [before, passage?.item_id],
      [before, drink?.item_id],
      [now, passage?.item_id],
    ] as const) {
      expect(await at(time, item)).toEqual([])
    }
    const gone = await wire.fetch(`${root}/blame?item=${passage?.item_id}`)
    expect([gone.status, await gone.json()]).toEqual([
      404,
      expect.objectContaining({ detail: expect.stringMatching(/: m-\d+ removed it\./) }),
    ])
    for (const query of ['', '?item=a&block=b']) {
      expect((await wire.fetch(`${root}/blame${query}`)).status).toBe(422)
    }
    const unknown = `passage-${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`
    expect((await wire.fetch(`${root}/blame?item=${unknown}`)).status).toBe(404)
  })

  test('of what a fact is about holds all values it had, however they were worded [memory.history]', async () => {
    const state = (attribute: string, value: string) => {
      const fact = { subject: 'user', attribute, value }
      return { toolCalls: [{ name: 'remember_fact', arguments: fact }] }
    }
    const first = [state('home towns', 'Porto'), state('drink', 'tea'), { text: 'Noted.' }]
    const later = [state('home town', 'Rome'), { text: 'Noted.' }]
    await using wire = await open({ script: [...first, ...later] })
    const tools = ['remember_fact']
    const agent = await wire.client.agents.create({ tools, include_base_tools: false })
    await wire.client.agents.messages.create(agent.id, { input: said })
    const then = new Date(wire.test.clock.now()).toISOString()
    await wire.test.clock.advance(86_400_000)
    await wire.client.agents.messages.create(agent.id, { input: 'I moved to Rome.' })
    const log = async (query: string): Promise<readonly { id: string; text: string }[]> => {
      const response = await wire.fetch(`/v1/agents/${agent.id}/memory/history?${query}`)
      return (await response.json()) as { id: string; text: string }[]
    }
    const all = await log('item=Home%20Town')
    expect(all.map(({ text }) => text)).toEqual(['home town = Rome', 'home towns = Porto'])
    expect(await log(`item=home%20town&before=${all[0]?.id}`)).toEqual(all.slice(1))
    expect(await log('item=home%20town&limit=1')).toEqual(all.slice(0, 1))
    const at = async (query: string): Promise<readonly { value: string }[]> => {
      const response = await wire.fetch(`/v1/agents/${agent.id}/memory/at?${query}`)
      return (await response.json()) as { value: string }[]
    }
    const now = new Date(wire.test.clock.now()).toISOString()
    const values = async (query: string): Promise<readonly string[]> =>
      (await at(query)).map(({ value }) => value)
    const known = await values(`time=${then}`)
    expect(known.toSorted()).toEqual(['drink = tea', 'home towns = Porto'])
    expect(await at(`time=${then}&item=home%20town`)).toMatchObject([
      { subject: 'fact', label: 'home towns', value: 'home towns = Porto', version: 1 },
    ])
    expect(await values(`time=${now}&item=home%20towns`)).toEqual(['home town = Rome'])
    expect(await values(`time=2001-01-01&item=home%20town`)).toEqual([])
    const nothing = await wire.fetch(`/v1/agents/${agent.id}/memory/history?item=car`)
    expect([nothing.status, await nothing.text()]).toEqual([
      404,
      expect.stringContaining('no fact about it'),
    ])
  })

  test('shows a block that another agent gave up, and not one that this agent did [memory.restore]', async () => {
    await using wire = await open({})
    const { client } = wire
    const block = await client.blocks.create({ label: 'team', value: 'Bern' })
    const [kept, left] = await Promise.all(
      [1, 2].map(() => client.agents.create({ block_ids: [block.id], include_base_tools: false })),
    )
    await wire.test.clock.advance(60_000)
    await client.blocks.update(block.id, { value: 'Basel' })
    await wire.test.clock.advance(60_000)
    await client.agents.blocks.detach(block.id, { agent_id: left?.id ?? '' })
    const now = new Date(wire.test.clock.now()).toISOString()
    const shown = async (agentId: string | undefined): Promise<unknown> => {
      const path = `/v1/agents/${agentId}/memory/at?time=${now}&item=${block.id}`
      return await (await wire.fetch(path)).json()
    }
    expect(await shown(kept?.id)).toMatchObject([{ id: block.id, label: 'team', value: 'Basel' }])
    expect(await shown(left?.id)).toEqual([])
  })
})
