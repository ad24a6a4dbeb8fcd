import { expect, test } from 'vitest'
import { systemScope } from '../../domain/scope.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { openStore } from '../open-store.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'

describeStore('the embedded engine on its own threads', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  // Reads that have to wait start the second thread, which then takes its part of what follows.
  await Promise.all(Array.from({ length: 40 }, () => store.countActiveKeys(systemScope)))
  return { store, cleanUp: folder.remove }
})

test('WorkerHost lets a caller go on with its result before the next one of a commit gets its own', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  const world = new World(store)
  await world.block()
  const done: string[] = []
  const go = async (name: string): Promise<void> => {
    await world.block()
    done.push(name)
    for (let step = 0; step < 5; step += 1) await Promise.resolve()
    done.push(name)
  }
  await Promise.all(['a', 'b', 'c', 'd'].map(go))
  expect(done).toEqual(['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd'])
  await store.close()
  await folder.remove()
})

test('WorkerHost tells of everything that was begun what came of it, before it is closed', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  const world = new World(store)
  const begun = Array.from({ length: 12 }, () => world.block())
  await store.close()
  expect(await Promise.all(begun)).toHaveLength(12)
  await folder.remove()
})

test('WorkerHost stores what succeeds of the calls that share a commit with one that fails', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  const world = new World(store)
  await world.block()
  const gone = store.deleteBlock(world.scope, { id: world.id('block') })
  const calls = await Promise.allSettled([world.block(), gone, world.block(), world.block()])
  expect(calls.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  const stored = calls.flatMap((call) =>
    call.status === 'fulfilled' && call.value !== undefined ? [call.value.id] : [],
  )
  for (const id of stored) expect(await store.getBlock(world.scope, { id })).toMatchObject({ id })
  expect(stored).toHaveLength(3)
  await store.close()
  await folder.remove()
})
