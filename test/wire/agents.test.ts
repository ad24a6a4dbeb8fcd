import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

const stateFields =
  `created_by_id last_updated_by_id created_at updated_at id name tool_rules message_ids system
  agent_type llm_config embedding_config model embedding model_settings compaction_settings response_format description
  metadata memory blocks tools sources tags tool_exec_environment_variables secrets project_id template_id
  base_template_id deployment_id entity_id identity_ids identities pending_approval message_buffer_autoclear
  enable_sleeptime multi_agent_group managed_group last_run_completion last_run_duration_ms last_stop_reason timezone
  max_files_open per_file_view_window_char_limit hidden`.split(/\s+/)

describeWire('agents', (open) => {
  test('create without fields gives a whole agent [agents.create.defaults, agents.state]', async () => {
    await using wire = await open()
    const agent = await wire.client.agents.create({})
    expect(Object.keys(agent).toSorted()).toEqual(stateFields.toSorted())
    expect(agent.name).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+$/)
    expect(agent.agent_type).toBe('letta_v1_agent')
    expect(agent.model).toBe('letta/auto')
    expect(agent.timezone).toBe('UTC')
    expect(agent.tools.map(({ name }) => name)).toEqual([
      'conversation_search',
      'memory_replace',
      'memory_insert',
    ])
    expect(agent.message_ids).toHaveLength(1)
    expect(agent.memory.blocks).toEqual([])
    expect(await wire.client.agents.retrieve(agent.id)).toEqual(agent)
  })

  test('create with base_memory adds the blocks that are not given [agents.create.base-memory]', async () => {
    await using wire = await open()
    const created = await wire.send('POST', '/v1/agents/', {
      memory_type: 'base_memory',
      memory_blocks: [
        { label: 'persona', value: 'I am Ada.' },
        { label: 'task', value: 'Count.' },
      ],
    })
    const agent = (await created.json()) as {
      blocks: { label: string; value: string; description: string }[]
    }
    expect(agent.blocks.map(({ label }) => label)).toEqual(['human', 'persona', 'task'])
    expect(agent.blocks.map(({ value }) => value)).toEqual(['', 'I am Ada.', 'Count.'])
    for (const block of agent.blocks) expect(block.description).toBeTruthy()
    const other = await wire.send('POST', '/v1/agents/', { memory_type: 'vector_memory' })
    expect(other.status).toBe(422)
    expect(((await other.json()) as { detail: string }).detail).toContain(
      "Input should be 'base_memory'",
    )
  })

  test('create gives the agent that is there when it is asked to [agents.create.like]', async () => {
    await using wire = await open()
    const create = async (body: object): Promise<Response> =>
      await wire.send('POST', '/v1/agents/', body)
    const idOf = async (body: object): Promise<string> =>
      ((await (await create(body)).json()) as { id: string }).id
    const ada = { name: 'Ada', tags: ['home', 'first'], get_or_create_by: 'tags' }
    const ids = await Promise.all([idOf(ada), idOf(ada), idOf({ ...ada, enable_sleeptime: true })])
    expect(new Set(ids).size).toBe(1)
    expect(await idOf({ tags: ['home'], get_or_create_by: 'tags' })).toBe(ids[0])
    expect(await idOf({ name: 'Ada', get_or_create_by: 'name' })).toBe(ids[0])
    expect(await idOf({ name: 'Ada', tags: ['home', 'first'] })).not.toBe(ids[0])
    expect(await idOf({ ...ada, tags: ['home', 'second'] })).not.toBe(ids[0])
    const refused = await create({ name: 'Ada', get_or_create_by: 'tags' })
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('Add `tags`, or leave out `get_or_create_by`.')
  })

  test('create attaches base tools by type, named tools, and names what it lacks [agents.create.tools]', async () => {
    await using wire = await open()
    const { client } = wire
    const reply = await wire.send('POST', '/v1/agents/', {
      include_base_tools: false,
      tools: ['archival_memory_insert', 'web_search', 'fetch_webpage'],
    })
    expect(reply.headers.get('x-letta-ignored-tools')).toBe('web_search,fetch_webpage')
    const agent = (await reply.json()) as { id: string; tools: { name: string }[] }
    expect(agent.tools.map(({ name }) => name)).toEqual(['archival_memory_insert'])
    const legacy = await client.agents.create({ agent_type: 'memgpt_v2_agent' })
    expect(legacy.tools.map(({ name }) => name)).toContain('send_message')
    expect(legacy.tool_rules).toEqual([
      { tool_name: 'send_message', type: 'exit_loop', prompt_template: null },
    ])
    await expect(
      client.agents.create({ tool_ids: ['tool-00000000-0000-4000-8000-00000000dead'] }),
    ).rejects.toMatchObject({ status: 404 })
  })

  test('create stores the initial messages after the system message [agents.create.messages]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({
      initial_message_sequence: [
        { role: 'user', content: 'Hello.' },
        { role: 'assistant', content: 'Hello, Bob.' },
      ],
    })
    expect(agent.message_ids).toHaveLength(3)
    const { items } = await client.agents.messages.list(agent.id)
    expect(items.map(({ message_type: type }) => type)).toEqual([
      'system_message',
      'user_message',
      'assistant_message',
    ])
    expect(items.map(({ id }) => id)).toEqual(agent.message_ids)
  })

  test('model settings follow from the model, what is given wins [agents.model-settings]', async () => {
    await using wire = await open()
    const { client } = wire
    const plain = await client.agents.create({ model: 'openai/scripted' })
    expect(plain.model_settings).toMatchObject({
      max_output_tokens: 16384,
      parallel_tool_calls: true,
      strict: false,
      provider_type: 'openai',
      temperature: 1,
      reasoning: { reasoning_effort: 'minimal' },
      response_format: null,
    })
    expect(plain.llm_config).toMatchObject({
      model: 'scripted',
      handle: 'openai/scripted',
      model_endpoint_type: 'openai',
      context_window: 128_000,
    })
    const set = await client.agents.create({
      model: 'openai/scripted',
      context_window_limit: 20_000,
      model_settings: { provider_type: 'openai', temperature: 0.2, max_output_tokens: 500 },
    })
    expect(set.llm_config).toMatchObject({
      context_window: 20_000,
      temperature: 0.2,
      max_tokens: 500,
    })
    const same = await client.agents.update(set.id, { model: 'scripted' })
    expect(same.model).toBe('openai/scripted')
    expect(same.llm_config.context_window).toBe(128_000)
  })

  test('an unknown model is refused by create and update, and named [errors.model]', async () => {
    await using wire = await open()
    const { client } = wire
    await expect(client.agents.create({ model: 'openai/gpt-99' })).rejects.toMatchObject({
      status: 404,
    })
    const agent = await client.agents.create({})
    const refused = client.agents.update(agent.id, { model: 'openai/gpt-99' })
    await expect(refused).rejects.toThrow(/openai\/gpt-99/)
    expect((await client.agents.retrieve(agent.id)).model).toBe('letta/auto')
  })

  test('secrets are encrypted, listed by name and never returned [agents.secrets]', async () => {
    await using wire = await open()
    const agent = await wire.client.agents.create({ secrets: { API_TOKEN: 'hunter2' } })
    expect(agent.secrets).toMatchObject([{ key: 'API_TOKEN', value: '', agent_id: agent.id }])
    expect(JSON.stringify(agent)).not.toContain('hunter2')
    const stored = await wire.app.store.getAgent(
      {
        kind: 'tenant',
        tenantId: 'org-00000000-0000-4000-8000-000000000000',
        userId: 'user-x',
        role: 'admin',
      },
      { id: agent.id },
    )
    expect(stored.secrets['API_TOKEN']).not.toContain('hunter2')
    expect(wire.app.secrets.decrypt(stored.secrets['API_TOKEN'] ?? '')).toBe('hunter2')
    const replaced = await wire.client.agents.update(agent.id, { secrets: { OTHER: 'x' } })
    expect(replaced.secrets?.map(({ key }) => key)).toEqual(['OTHER'])
  })

  test('update applies what is not null, replaces lists and keeps the rest [agents.update]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ name: 'Ada', tags: ['a'], description: 'first' })
    const updated = await client.agents.update(agent.id, {
      name: 'Ada Lovelace',
      tags: ['b', 'c'],
      description: null,
      system: 'You are Ada.',
    })
    expect(updated).toMatchObject({
      name: 'Ada Lovelace',
      tags: ['b', 'c'],
      description: 'first',
    })
    expect(await client.agents.recompile(agent.id)).toContain('You are Ada.')
    expect((await client.agents.retrieve(agent.id)).tags).toEqual(['b', 'c'])
  })

  test('list is newest first, filters, and pages to its end in sort order [agents.list]', async () => {
    await using wire = await open()
    const { client, test: kit } = wire
    const names = ['One', 'Two', 'Three', 'Four', 'Five']
    for (const name of names) {
      await client.agents.create({ name, tags: name.startsWith('T') ? ['t', 'all'] : ['all'] })
      await kit.clock.advance(1000)
    }
    const paged: string[] = []
    for await (const agent of client.agents.list({ limit: 2 })) paged.push(agent.name)
    expect(paged).toEqual(names.toReversed())
    const ascending: string[] = []
    for await (const agent of client.agents.list({ limit: 2, order: 'asc' }))
      ascending.push(agent.name)
    expect(ascending).toEqual(names)
    const byTag = await client.agents.list({ tags: ['t', 'all'], match_all_tags: true })
    expect(byTag.items.map(({ name }) => name)).toEqual(['Three', 'Two'])
    expect((await client.agents.list({ name: 'One' })).items).toHaveLength(1)
    expect((await client.agents.list({ query_text: 'tHr' })).items).toHaveLength(1)
    expect((await client.agents.list({ identity_id: 'identity-1' })).items).toEqual([])
    const headers = { 'x-project-id': 'project-1' }
    const inProject = await wire.send('POST', '/v1/agents/', { name: 'Six' }, headers)
    expect(await inProject.json()).toMatchObject({ project_id: 'project-1' })
    const ofProject = await client.agents.list({ project_id: 'project-1' })
    expect(ofProject.items.map(({ name }) => name)).toEqual(['Six'])
  })

  test('count is a bare integer and leaves hidden agents out [agents.count]', async () => {
    await using wire = await open()
    await wire.client.agents.create({})
    await wire.client.agents.create({ tags: ['role:subagent'] })
    expect(await (await wire.fetch('/v1/agents/count')).json()).toBe(1)
    expect(await (await wire.fetch('/v1/agents/count?show_hidden_agents=true')).json()).toBe(2)
  })

  test('delete says so, keeps shared blocks, and then finds nothing [agents.delete, errors.not-found]', async () => {
    await using wire = await open()
    const { client } = wire
    const block = await client.blocks.create({ label: 'shared', value: 'stays' })
    const agent = await client.agents.create({ block_ids: [block.id] })
    expect(await client.agents.delete(agent.id)).toEqual({
      message: `Agent id=${agent.id} successfully deleted`,
    })
    expect((await client.blocks.retrieve(block.id)).value).toBe('stays')
    const missing = await wire.fetch(`/v1/agents/${agent.id}`)
    expect(missing.status).toBe(404)
    expect(((await missing.json()) as { detail: string }).detail).toBe('Agent not found')
  })

  test('recompile and the first message show memory as it is now [agents.recompile]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({
      memory_blocks: [{ label: 'human', value: 'Likes tea.' }],
    })
    await client.agents.blocks.update('human', { agent_id: agent.id, value: 'Likes coffee.' })
    const text = await client.agents.recompile(agent.id)
    expect(text).toContain('Likes coffee.')
    expect(text).toContain(`- AGENT_ID: ${agent.id}\n- CONVERSATION_ID: default\n`)
    const { items } = await client.agents.messages.list(agent.id)
    expect(items[0]).toMatchObject({
      id: agent.message_ids?.[0],
      message_type: 'system_message',
      content: text,
    })
  })

  test('tools attach once, list newest first and detach without error [agents.tools]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ include_base_tools: false })
    const [tool] = (await client.tools.list({ name: 'memory_rethink' })).items
    const id = tool?.id ?? ''
    await client.agents.tools.attach(id, { agent_id: agent.id })
    await client.agents.tools.attach(id, { agent_id: agent.id })
    expect((await client.agents.tools.list(agent.id)).items.map(({ name }) => name)).toEqual([
      'memory_rethink',
    ])
    await client.agents.tools.detach(id, { agent_id: agent.id })
    await client.agents.tools.detach(id, { agent_id: agent.id })
    expect((await client.agents.tools.list(agent.id)).items).toEqual([])
  })

  test('core memory is read and changed by label, attached and detached by id [agents.blocks]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({
      memory_blocks: [{ label: 'system/notes', value: 'one' }],
    })
    const labelled = await client.agents.blocks.retrieve('system/notes', { agent_id: agent.id })
    expect(labelled.value).toBe('one')
    const changed = await client.agents.blocks.update('system/notes', {
      agent_id: agent.id,
      label: 'notes',
      value: 'two',
    })
    expect(changed).toMatchObject({ id: labelled.id, label: 'notes', value: 'two' })
    const other = await client.blocks.create({ label: 'notes', value: 'clash' })
    await expect(
      client.agents.blocks.attach(other.id, { agent_id: agent.id }),
    ).rejects.toMatchObject({ status: 409 })
    const fresh = await client.blocks.create({ label: 'fresh', value: 'x' })
    const attached = await client.agents.blocks.attach(fresh.id, { agent_id: agent.id })
    expect(attached.blocks.map(({ label }) => label)).toEqual(['notes', 'fresh'])
    expect((await client.agents.blocks.list(agent.id)).items.map(({ label }) => label)).toEqual([
      'fresh',
      'notes',
    ])
    await client.agents.blocks.detach(fresh.id, { agent_id: agent.id })
    await expect(
      client.agents.blocks.detach(fresh.id, { agent_id: agent.id }),
    ).rejects.toMatchObject({ status: 404 })
    await expect(
      client.agents.blocks.retrieve('fresh', { agent_id: agent.id }),
    ).rejects.toMatchObject({ status: 404 })
  })
})
