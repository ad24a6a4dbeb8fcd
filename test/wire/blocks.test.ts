import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

describeWire('blocks', (open) => {
  test('blocks are created with defaults, read, changed, listed and deleted [blocks.crud]', async () => {
    await using wire = await open()
    const { client, test: kit } = wire
    const block = await client.blocks.create({ label: 'human', value: 'Bob' })
    expect(block).toMatchObject({
      limit: 100_000,
      read_only: false,
      metadata: {},
      tags: [],
      is_template: false,
    })
    expect(Object.keys(block)).toHaveLength(19)
    expect(await client.blocks.retrieve(block.id)).toEqual(block)
    const changed = await client.blocks.update(block.id, { value: 'Eve', description: null })
    expect(changed).toMatchObject({
      value: 'Eve',
      label: 'human',
      description: block.description,
    })
    await kit.clock.advance(1000)
    const second = await client.blocks.create({
      label: 'notes',
      value: '',
      tags: ['x'],
      metadata: { a: 1 },
    })
    const labels = async (query: object): Promise<readonly (string | null | undefined)[]> =>
      (await client.blocks.list(query)).items.map(({ label }) => label)
    expect(await labels({})).toEqual(['human', 'notes'])
    expect(await labels({ order: 'desc' })).toEqual(['notes', 'human'])
    expect(await labels({ label: 'notes' })).toEqual(['notes'])
    expect(await labels({ value_search: 'ev' })).toEqual(['human'])
    expect(await labels({ tags: ['x', 'y'] })).toEqual(['notes'])
    expect(await labels({ connected_to_agents_count_gt: 0 })).toEqual([])
    expect(await labels({ templates_only: true })).toEqual([])
    const paged: unknown[] = []
    for await (const item of client.blocks.list({ limit: 1 })) paged.push(item.id)
    expect(paged).toEqual([block.id, second.id])
    expect(await client.blocks.delete(block.id)).toBeNull()
    await expect(client.blocks.retrieve(block.id)).rejects.toMatchObject({
      status: 404,
      error: { detail: `Block not found with id=${block.id}` },
    })
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'a block may have any label, such as %s [blocks.crud]',
    async (label) => {
      await using wire = await open()
      const created = await wire.client.blocks.create({ label, value: 'x' })
      expect(created).toMatchObject({ label, description: null })
    },
  )

  test('a value over the limit is refused in code points, and nothing changes [blocks.limit]', async () => {
    await using wire = await open()
    const { client } = wire
    const block = await client.blocks.create({ label: 'short', value: '🐘🐘🐘', limit: 3 })
    await expect(client.blocks.update(block.id, { value: '🐘🐘🐘🐘' })).rejects.toMatchObject({
      status: 422,
    })
    await expect(client.blocks.update(block.id, { limit: 2 })).rejects.toThrow(
      /3 characters and its limit is 2/,
    )
    await expect(
      client.blocks.create({ label: 'x', value: 'long', limit: 3 }),
    ).rejects.toMatchObject({ status: 422 })
    await expect(
      client.agents.create({ memory_blocks: [{ label: 'x', value: 'long', limit: 3 }] }),
    ).rejects.toMatchObject({ status: 422 })
    expect((await client.blocks.retrieve(block.id)).value).toBe('🐘🐘🐘')
    expect((await client.agents.list()).items).toEqual([])
  })

  test('a block lists its agents, and a change shows in all of them [blocks.agents]', async () => {
    await using wire = await open()
    const { client } = wire
    const block = await client.blocks.create({ label: 'team', value: 'one' })
    const first = await client.agents.create({ block_ids: [block.id] })
    const second = await client.agents.create({ block_ids: [block.id] })
    const { items } = await client.blocks.agents.list(block.id)
    expect(items.map(({ id }) => id).toSorted()).toEqual([first.id, second.id].toSorted())
    await client.blocks.update(block.id, { value: 'two' })
    expect(await client.agents.recompile(first.id)).toContain('two')
    expect((await client.agents.retrieve(second.id)).memory.blocks[0]?.value).toBe('two')
  })
})
