import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

describeWire('imported histories', (open) => {
  test('a history is found at once, stored once, listed and taken back [messages.import]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    const root = `/v1/agents/${agent.id}/messages/import`
    const bring = async (body: object): Promise<{ import_id: string }> =>
      (await (await wire.send('POST', root, body)).json()) as { import_id: string }
    const history = [
      {
        role: 'user',
        name: 'Orla',
        content: 'I moved to Cork, my token is ghp_' + 'x1'.repeat(18),
        created_at: '2023-05-08T13:56:00Z',
        otid: 'turn-1',
        session: 'one',
      },
      { role: 'assistant', content: [{ type: 'text', text: 'Cork is rainy.' }], otid: 'turn-2' },
    ]
    const first = await bring({ messages: history })
    expect(first).toMatchObject({ stored: 2, known: 0, redacted: 1 })
    expect(await bring({ messages: history })).toMatchObject({
      import_id: first.import_id,
      stored: 0,
      known: 2,
    })
    const changed = [{ role: 'user', content: 'Cork is sunny.', otid: 'turn-2' }]
    const refused = await wire.send('POST', root, { messages: changed })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'otid_reused' })
    const more = [{ role: 'user', content: 'Cork has a harbor.', otid: 'turn-3' }]
    expect(await bring({ messages: more, import_id: first.import_id })).toMatchObject({ stored: 1 })
    const find = async (query: string): Promise<readonly unknown[]> =>
      await client.messages.search({ query, agent_id: agent.id })
    const found = await find('When did Orla move to Cork?')
    expect(found).toHaveLength(3)
    expect(found[0]).toMatchObject({
      content: 'I moved to Cork, my token is [redacted secret]',
      created_at: '2023-05-08T13:56:00.000Z',
      conversation_id: first.import_id,
    })
    expect(await (await wire.fetch(root)).json()).toMatchObject([
      { import_id: first.import_id, origin: 'import', message_count: 3 },
    ])
    const undo = await wire.fetch(`${root}/${first.import_id}`, { method: 'DELETE' })
    expect(undo.status).toBe(204)
    expect(await find('Cork')).toEqual([])
    expect((await wire.fetch(`${root}/${first.import_id}`, { method: 'DELETE' })).status).toBe(404)
  })

  test('a history is refused whole when a message is not one [messages.import]', async () => {
    await using wire = await open()
    const agent = await wire.client.agents.create({ name: 'Ada' })
    const root = `/v1/agents/${agent.id}/messages/import`
    for (const messages of [
      [],
      [
        { role: 'user', content: 'fine' },
        { role: 'tool', content: 'x' },
      ],
      [{ role: 'user', content: 'fine', created_at: 'soon' }],
    ]) {
      expect((await wire.send('POST', root, { messages })).status).toBe(422)
    }
    expect(await (await wire.fetch(root)).json()).toEqual([])
    const unknown = { messages: [{ role: 'user', content: 'x' }], import_id: 'conv-x' }
    expect((await wire.send('POST', root, unknown)).status).toBe(404)
  })
})
