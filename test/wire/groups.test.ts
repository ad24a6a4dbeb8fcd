import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

describeWire('sleep-time agents', (open) => {
  test('come with an agent that asks for one, share its blocks and go with it [sleeptime.create]', async () => {
    await using wire = await open()
    const { agents } = wire.client
    const agent = await agents.create({
      name: 'Ada',
      enable_sleeptime: true,
      memory_blocks: [{ label: 'human', value: 'Likes tea.' }],
    })
    expect(agent.enable_sleeptime).toBe(true)
    expect(agent.tools.map(({ name }) => name)).not.toContain('memory_replace')
    const { managed_group: group } = agent
    expect(group).toMatchObject({
      manager_type: 'sleeptime',
      manager_agent_id: agent.id,
      sleeptime_agent_frequency: 5,
      last_processed_message_id: null,
      turns_counter: -1,
    })
    const [memberId = ''] = group?.agent_ids ?? []
    const member = await agents.retrieve(memberId)
    expect(member).toMatchObject({
      name: 'Ada-sleeptime',
      agent_type: 'sleeptime_agent',
      managed_group: null,
      system: expect.stringContaining('You look after the memory of another agent'),
    })
    expect(new Set(member.blocks.map(({ label }) => label))).toEqual(
      new Set(['human', 'memory_persona']),
    )
    expect(member.blocks.find(({ label }) => label === 'human')?.id).toBe(agent.blocks[0]?.id)
    const block = await wire.client.blocks.create({ label: 'later', value: '' })
    await agents.blocks.attach(block.id, { agent_id: agent.id })
    const { blocks } = await agents.retrieve(memberId)
    expect(blocks.map(({ label }) => label)).toContain('later')
    const rests = await agents.update(agent.id, { enable_sleeptime: false })
    expect(rests.enable_sleeptime).toBe(false)
    await agents.delete(agent.id)
    await expect(agents.retrieve(memberId)).rejects.toThrow('404')
  })

  test('are called after the first turn and every so many, whose usage names their runs [sleeptime.runs]', async () => {
    await using wire = await open({
      script: [{ text: 'Hello.' }, { text: 'Noted.' }, { text: 'Yes.' }],
    })
    const { client, app, test: product } = wire
    const agent = await client.agents.create({ enable_sleeptime: true })
    const [memberId = ''] = agent.managed_group?.agent_ids ?? []
    const say = async (input: string): Promise<readonly string[]> => {
      const { usage } = await client.agents.messages.create(agent.id, { input, streaming: false })
      return usage.run_ids ?? []
    }
    const [own, background, ...others] = await say('One.')
    expect(others).toEqual([])
    app.jobs.start()
    await product.clock.advance(5000)
    const run = await client.runs.retrieve(background ?? '')
    expect(run).toMatchObject({ agent_id: memberId, background: true, status: 'completed' })
    expect((await client.runs.retrieve(own ?? '')).agent_id).toBe(agent.id)
    expect(await say('Two.')).toHaveLength(1)
  })

  test('form groups that are read, changed and ended; other kinds of groups are refused [sleeptime.groups]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ enable_sleeptime: true })
    const group = agent.managed_group
    const path = `/v1/groups/${group?.id}`
    const read = async (from: string): Promise<unknown> => await (await wire.fetch(from)).json()
    expect(await read('/v1/groups/')).toEqual([group])
    expect(await read('/v1/groups/?manager_type=supervisor')).toEqual([])
    expect(await read('/v1/groups/count')).toBe(1)
    expect(await read(path)).toEqual(group)
    expect(await read(`/v1/agents/${group?.agent_ids[0]}/groups`)).toEqual([group])
    const change = (body: object) => wire.send('PATCH', path, body)
    const config = { manager_type: 'sleeptime', sleeptime_agent_frequency: 3 }
    expect(await (await change({ manager_config: config })).json()).toMatchObject({
      sleeptime_agent_frequency: 3,
    })
    expect((await change({ manager_config: { manager_type: 'dynamic' } })).status).toBe(400)
    expect(
      (await change({ agent_ids: ['agent-00000000-0000-4000-8000-00000000dead'] })).status,
    ).toBe(404)
    const supervisor = {
      agent_ids: [],
      description: '',
      manager_config: { manager_type: 'supervisor' },
    }
    expect((await wire.send('POST', '/v1/groups/', supervisor)).status).toBe(501)
    expect(await (await wire.send('DELETE', path, {})).json()).toEqual({
      message: `Group id=${group?.id} successfully deleted`,
    })
    expect((await wire.fetch(path)).status).toBe(404)
    expect((await client.agents.retrieve(agent.id)).managed_group).toBeNull()
  })
})
