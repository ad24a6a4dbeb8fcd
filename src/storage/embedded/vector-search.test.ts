import { describe, expect, it } from 'vitest'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

describe('a search among vectors that are kept in memory', () => {
  it('sees what another process put, replaced and removed', async () => {
    const folder = await createTemporaryFolder()
    const stores = await Promise.all([1, 2].map(() => openStore({ location: folder.path })))
    const [reader, writer] = stores
    if (reader === undefined || writer === undefined) throw new Error('Not opened')
    const world = new World(writer)
    const agent = await world.agent()
    const passages = await world.remember(agent, 'a', 'b')
    const [one = '', two = ''] = passages.map(({ id }) => id)
    const put = async (id: string, vector: readonly number[]): Promise<void> => {
      const items = [{ kind: 'passage' as const, id, model: 'm', vector }]
      await writer.putVectors(world.scope, { items })
    }
    const find = async (exactUpTo: number): Promise<readonly string[]> => {
      const { items } = await reader.searchPassageVectors(world.scope, {
        agentId: agent.id,
        model: 'm',
        vector: [1, 0],
        tags: [],
        tagMatch: 'any',
        from: null,
        until: null,
        limit: 1,
        exactUpTo,
      })
      return items.map(({ item }) => item.id)
    }
    const expectBoth = async (expected: readonly string[]): Promise<void> => {
      expect([await find(9), await find(9)]).toEqual([expected, expected])
      expect([await find(0), await find(0)]).toEqual([expected, expected])
      expect(await find(9)).toEqual(expected)
    }
    await expectBoth([])
    await put(one, [0, 1])
    await expectBoth([one])
    await put(two, [1, 1])
    await expectBoth([two])
    await put(one, [1, 0])
    await expectBoth([one])
    await writer.deletePassage(world.scope, { id: one })
    await expectBoth([two])
    await writer.deletePassage(world.scope, { id: two })
    await put((await world.remember(agent, 'c'))[0]?.id ?? '', [0, 1])
    expect(await find(9)).toHaveLength(1)
    await Promise.all(stores.map((store) => store.close()))
    await folder.remove()
  })
})
