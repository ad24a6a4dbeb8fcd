import { expect, test } from 'vitest'
import { describeStores } from '../../../test/setup/describe-stores.ts'
import { World } from '../../storage/conformance/world.ts'
import { sampleBlock } from '../../testing/samples.ts'
import { blameItem, findItem, memoryAt } from './memory-history.ts'
import { readBlockVersions, readChanges } from './read-changes.ts'

describeStores('a history longer than a page', (open) => {
  test('is read to its end, whatever is asked of it', async () => {
    const store = await open()
    const world = new World(store)
    const { scope } = world
    const block = sampleBlock({ id: world.id('block'), label: 'human' })
    const { id } = block
    const { id: agentId } = await world.agent({}, [block])
    const values = Array.from({ length: 7 }, (_, index) => `line ${index}`)
    const times: number[] = []
    for (const value of values) {
      const at = world.at()
      times.push(at)
      await store.updateBlock(scope, { id, set: { value }, cause: world.cause, at })
    }
    for (const pageSize of [1, 2, 3, 7, 8, 100]) {
      const source = { store, pageSize }
      const changes = await Array.fromAsync(readChanges(source, scope, { agentId, itemId: id }))
      expect(changes.map(({ version }) => version)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
      const before = changes[2]?.number ?? 0
      const older = readChanges(source, scope, { agentId, itemId: id, before })
      expect(await Array.fromAsync(older)).toEqual(changes.slice(3))
      const versions = await readBlockVersions(source, scope, id)
      expect(versions.map(({ value }) => value).slice(1)).toEqual(values)
      for (const [index, time] of times.entries()) {
        const then = await memoryAt(source, scope, { agentId, time })
        expect(then.find((each) => each.id === id)?.value).toBe(values[index])
      }
      const [line] = await blameItem(source, scope, { agentId, item: id })
      expect(line).toMatchObject({ line: 'line 6', change: { version: 8 } })
    }
    const set = { label: 'another' }
    await store.updateBlock(scope, { id, set, cause: world.cause, at: world.at() })
    expect(await findItem({ store, pageSize: 2 }, scope, { agentId, item: 'human' })).toBe(id)
    await store.close()
  })
})
