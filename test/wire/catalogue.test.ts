import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

describeWire('catalogue', (open) => {
  test('tools are listed, filtered, paged and read, with the schema of their arguments [tools.list]', async () => {
    await using wire = await open()
    const { client } = wire
    const all: string[] = []
    for await (const tool of client.tools.list({ limit: 3 })) all.push(tool.name ?? '')
    expect(new Set(all).size).toBe(all.length)
    expect(all).toContain('conversation_search')
    const [tool] = (await client.tools.list({ name: 'memory_insert' })).items
    expect(tool).toMatchObject({
      tool_type: 'letta_sleeptime_core',
      json_schema: {
        name: 'memory_insert',
        parameters: { type: 'object', required: expect.arrayContaining(['label']) },
      },
    })
    expect(await client.tools.retrieve(tool?.id ?? '')).toEqual(tool)
    expect(
      (await client.tools.list({ search: 'MEMORY_', limit: 50 })).items.length,
    ).toBeGreaterThan(3)
    expect((await client.tools.list({ tool_types: ['custom'] })).items).toEqual([])
    expect((await wire.fetch('/v1/tools/?tool_types=odd')).status).toBe(400)
    expect((await wire.fetch('/v1/tools/tool-00000000-0000-4000-8000-00000000dead')).status).toBe(
      404,
    )
    expect((await wire.send('POST', '/v1/tools/add-base-tools', '')).status).toBe(200)
  })

  test('models are listed with handle, provider and window [models.list]', async () => {
    await using wire = await open()
    const models = await wire.client.models.list()
    expect(models).toMatchObject([
      {
        handle: 'openai/scripted',
        name: 'scripted',
        model: 'scripted',
        model_type: 'llm',
        provider_name: 'openai',
        provider_type: 'openai',
        model_endpoint_type: 'openai',
        context_window: 128_000,
        max_context_window: 128_000,
      },
    ])
    expect(await wire.client.models.list({ provider_name: 'anthropic' })).toEqual([])
    expect(await wire.client.models.list({ provider_category: ['byok'] })).toEqual([])
    expect(await wire.client.models.embeddings.list()).toEqual([])
  })

  test('a handle is resolved, or refused as a message with it is [models.resolve]', async () => {
    await using wire = await open()
    const ask = async (query: string): Promise<[number, unknown]> => {
      const reply = await wire.fetch(`/v1/models/resolve${query}`)
      return [reply.status, await reply.json()]
    }
    expect(await ask('?handle=openai/scripted')).toMatchObject([200, { context_window: 128_000 }])
    const agent = await wire.test.createAgent()
    const sent = await wire.send('POST', `/v1/agents/${agent.id}/messages`, {
      input: 'Hi',
      override_model: 'openai/none',
    })
    expect(await ask('?handle=openai/none')).toEqual([sent.status, await sent.json()])
    expect(sent.status).toBe(404)
    expect(await ask('')).toMatchObject([422, {}])
  })

  test('tags of agents and blocks are listed once, alphabetically, and page to the end [tags.list]', async () => {
    await using wire = await open()
    const { client } = wire
    await client.agents.create({ tags: ['beta', 'alpha'] })
    await client.agents.create({ tags: ['alpha', 'hidden'], hidden: true })
    await client.blocks.create({ label: 'x', value: '', tags: ['gamma'] })
    const tags = async (query: string): Promise<unknown> =>
      await (await wire.fetch(`/v1/tags/${query}`)).json()
    expect(await tags('')).toEqual(['alpha', 'beta', 'gamma', 'hidden'])
    expect(await tags('?name=MM')).toEqual(['gamma'])
    expect(await tags('?limit=2&after=beta')).toEqual(['gamma', 'hidden'])
    expect(await tags('?order=desc&limit=1')).toEqual(['hidden'])
  })

  test('routes answer in all their forms, others do not exist [transport.health, transport.slashes, transport.latest, transport.unknown-route]', async () => {
    await using wire = await open()
    const { app } = wire
    for (const path of ['/v1/health', '/v1/health/', '/latest/health/', '/v1/ready']) {
      expect(await (await wire.fetch(path)).json()).toMatchObject({
        status: 'ok',
        version: app.settings.version,
        instance_id: app.settings.instanceId,
        database_id: app.store.description.databaseId,
        engine: wire.engine,
      })
    }
    for (const path of ['/v1/agents', '/v1/agents/', '/latest/agents', '/latest/agents/']) {
      expect(await (await wire.fetch(path)).json()).toEqual([])
    }
    for (const path of ['/', '/v1', '/v1/nothing', '/v2/agents']) {
      const reply = await wire.fetch(path)
      expect([path, reply.status, await reply.json()]).toEqual([path, 404, { detail: 'Not Found' }])
    }
  })
})
