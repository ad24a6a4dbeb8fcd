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
})
