import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

describeWire('documents', (open) => {
  test('a text of any length comes in once in pieces, is listed, read and taken out [documents.add]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    const root = `/v1/agents/${agent.id}/documents`
    const paragraph = 'Herons stand in the reeds until the evening comes. '.repeat(20)
    const body = {
      path: 'birds.md',
      text: `${paragraph}\n\n${paragraph}\n\nEgrets carry ghp_${'x1'.repeat(18)}.`,
      addition_id: 'add-1',
      tags: ['birds'],
      created_at: '2026-03-01T00:00:00Z',
    }
    const add = async (): Promise<object> => (await wire.send('POST', root, body)).json() as object
    expect(await add()).toMatchObject({ passages: 2, stored: 2, redacted: 1 })
    expect(await add()).toMatchObject({ passages: 2, stored: 0 })
    const list = (await (await wire.fetch(root)).json()) as readonly { readonly id: string }[]
    expect(list).toEqual([
      expect.objectContaining({
        path: 'birds.md',
        addition_id: 'add-1',
        tags: ['birds'],
        passage_count: 2,
        created_at: '2026-03-01T00:00:00.000Z',
      }),
    ])
    const id = list[0]?.id ?? ''
    expect(await (await wire.fetch(`${root}/${id}`)).json()).toHaveLength(2)
    expect(await client.agents.passages.list(agent.id)).toHaveLength(2)
    const removed = await wire.fetch(`${root}/add-1`, { method: 'DELETE' })
    expect(await removed.json()).toEqual({ id: 'add-1', removed: 2 })
    expect((await wire.fetch(`${root}/${id}`)).status).toBe(404)
    expect(await add()).toMatchObject({ stored: 2 })
    expect((await wire.send('POST', root, { ...body, text: ' ' })).status).toBe(400)
    expect((await wire.send('POST', root, { path: 'x' })).status).toBe(422)
  })

  test('passages are forgotten when their time is over, those with a tag before others [archives.retention]', async () => {
    await using wire = await open()
    const { client, app, test: product } = wire
    const agent = await client.agents.create({ name: 'Ada' })
    const add = async (text: string, tags: string[]): Promise<void> => {
      await client.agents.passages.create(agent.id, { text, tags })
    }
    await add('The heron log of the first day says nothing new.', ['logs'])
    await add('Egrets nest at bend seven.', [])
    const archives = await client.archives.list({ agent_id: agent.id })
    const root = `/v1/archives/${archives.items[0]?.id}/retention`
    expect(await (await wire.fetch(root)).json()).toEqual({ days: null, tags: {} })
    expect((await wire.send('PUT', root, { days: 0 })).status).toBe(422)
    const set = await wire.send('PUT', root, { days: 90, tags: { logs: 7 } })
    expect(await set.json()).toEqual({ days: 90, tags: { logs: 7 } })
    const texts = async (): Promise<readonly string[]> =>
      (await client.agents.passages.list(agent.id)).map(({ text }) => text)
    await product.clock.advance(6 * 86_400_000)
    await add('The heron log of the first day says nothing new.', ['logs'])
    await product.clock.advance(2 * 86_400_000)
    app.jobs.start()
    await product.clock.advance(5000)
    expect(await texts()).toEqual([
      'Egrets nest at bend seven.',
      'The heron log of the first day says nothing new.',
    ])
    const receipts = (await (await wire.fetch('/v1/forget')).json()) as readonly object[]
    expect(receipts).toEqual([
      expect.objectContaining({
        origin: 'retention',
        state: 'done',
        counts: { 'passage remove': 1 },
      }),
    ])
    expect(JSON.stringify(receipts)).not.toContain('heron')
    expect(await (await wire.send('PUT', root, { days: null })).json()).toEqual({
      days: null,
      tags: {},
    })
  })
})
