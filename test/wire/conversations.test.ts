import { expect, test } from 'vitest'
import { dataOf, describeWire, readFrames } from './open-wire.ts'

describeWire('conversations', (open) => {
  test('conversations are created, read, renamed, archived, listed and deleted once [conversations.crud]', async () => {
    await using wire = await open()
    const { client, test: kit } = wire
    const agent = await client.agents.create({})
    const first = await client.conversations.create({
      agent_id: agent.id,
      summary: 'Boats',
      isolated_block_labels: [],
    } as never)
    expect(first).toMatchObject({
      agent_id: agent.id,
      summary: 'Boats',
      archived: false,
      model: null,
    })
    expect(first.in_context_message_ids).toHaveLength(1)
    await kit.clock.advance(1000)
    const second = await client.conversations.create({ agent_id: agent.id })
    const ids = async (query: object): Promise<readonly string[]> =>
      (await client.conversations.list({ agent_id: agent.id, ...query })).map(({ id }) => id)
    expect(await ids({})).toEqual([second.id, first.id])
    expect(await ids({ order: 'asc', limit: 1 })).toEqual([first.id])
    expect(await ids({ summary_search: 'oat' })).toEqual([first.id])
    const updated = await client.conversations.update(first.id, {
      summary: 'Ships',
      archived: true,
    })
    expect(updated).toMatchObject({
      summary: 'Ships',
      archived: true,
      in_context_message_ids: [],
    })
    expect(updated.archived_at).toBeTruthy()
    expect(await ids({})).toEqual([second.id])
    expect(await ids({ archive_status: 'archived' })).toEqual([first.id])
    const back = await client.conversations.update(first.id, { archived: false })
    expect(back).toMatchObject({ archived: false, archived_at: null, summary: 'Ships' })
    expect(await client.conversations.retrieve(first.id)).toMatchObject({
      in_context_message_ids: first.in_context_message_ids,
    })
    expect(await client.conversations.delete(first.id)).toBeNull()
    await expect(client.conversations.delete(first.id)).rejects.toMatchObject({ status: 404 })
    await expect(client.conversations.retrieve(first.id)).rejects.toMatchObject({ status: 404 })
    await expect(client.conversations.update(first.id, {})).rejects.toMatchObject({ status: 404 })
  })

  test('the conversation route streams by default [conversations.stream-default, stream.tokens]', async () => {
    await using wire = await open({ script: [{ text: ['Hel', 'lo.'] }, { text: 'Whole.' }] })
    const { client } = wire
    const agent = await client.agents.create({})
    const { id } = await client.conversations.create({ agent_id: agent.id })
    const events = await client.conversations.messages.create(id, {
      input: 'Hi',
      stream_tokens: true,
    })
    let text = ''
    for await (const event of events) {
      if (event.message_type === 'assistant_message')
        text += JSON.stringify(event.content).slice(1, -1)
    }
    expect(text).toBe('Hello.')
    const whole = await wire.send('POST', `/v1/conversations/${id}/messages`, {
      input: 'Hi',
      streaming: false,
    })
    expect(await whole.json()).toMatchObject({ messages: [{ content: 'Whole.' }] })
    expect(await client.conversations.retrieve(id)).toMatchObject({
      last_message_at: expect.any(String),
    })
  })

  test('default with agent_id is the conversation the agent routes use [conversations.default]', async () => {
    await using wire = await open({ script: [{ text: 'One.' }, { text: 'Two.' }] })
    const { client } = wire
    const agent = await client.agents.create({})
    await client.agents.messages.create(agent.id, { input: 'First' })
    const streamed = await wire.send('POST', '/v1/conversations/default/messages', {
      input: 'Second',
      agent_id: agent.id,
    })
    const data = dataOf(await readFrames(streamed))
    expect(data.find((frame) => frame['message_type'] === 'assistant_message')).toMatchObject({
      content: 'Two.',
    })
    for (const path of [`default/messages?agent_id=${agent.id}`, `${agent.id}/messages`]) {
      const list = (await (await wire.fetch(`/v1/conversations/${path}`)).json()) as {
        content: string
      }[]
      expect(list.slice(1).map(({ content }) => content)).toEqual([
        'First',
        'One.',
        'Second',
        'Two.',
      ])
    }
    expect((await wire.fetch('/v1/conversations/default/messages')).status).toBe(422)
    expect(await client.conversations.list({ agent_id: agent.id })).toEqual([])
    expect((await client.runs.list({ agent_id: agent.id })).items[0]?.conversation_id).toBeNull()
  })

  test('each conversation has its own system message, compiled live [conversations.system]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({
      memory_blocks: [{ label: 'human', value: 'Bob' }],
    })
    const conversation = await client.conversations.create({ agent_id: agent.id })
    expect(conversation.in_context_message_ids).not.toEqual(agent.message_ids)
    const text = await client.conversations.recompile(conversation.id)
    expect(text).toContain(`- CONVERSATION_ID: ${conversation.id}\n`)
    expect(text).toContain('Bob')
    const ownText = await wire.send('POST', '/v1/conversations/default/recompile', {
      agent_id: agent.id,
    })
    expect(await ownText.json()).toContain('- CONVERSATION_ID: default\n')
    const { items } = await client.conversations.messages.list(conversation.id)
    expect(items[0]).toMatchObject({ message_type: 'system_message', content: text })
  })

  test('what does not exist is 404 and stores nothing [errors.not-found]', async () => {
    await using wire = await open()
    const { client } = wire
    const missing = 'conv-00000000-0000-4000-8000-00000000dead'
    await expect(
      client.conversations.create({ agent_id: 'agent-00000000-0000-4000-8000-00000000dead' }),
    ).rejects.toMatchObject({ status: 404 })
    for (const path of ['messages', 'stream', 'cancel', 'recompile']) {
      const reply = await wire.send('POST', `/v1/conversations/${missing}/${path}`, { input: 'Hi' })
      expect([path, reply.status]).toEqual([path, 404])
    }
  })
})
