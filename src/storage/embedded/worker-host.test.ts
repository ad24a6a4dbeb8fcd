import { expect, test } from 'vitest'
import { systemScope } from '../../domain/scope.ts'
import { describeStore } from '../conformance/describe-store.ts'
import { callAsOwner } from '../conformance/tenant-cases.ts'
import { CanarySupply } from '../conformance/canary-supply.ts'
import { createCanary } from '../conformance/canary.ts'
import { probes } from '../conformance/canary-probes.ts'
import { operationKinds } from '../operation-kinds.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import type { Store, StoreOperation } from '../store.ts'
import { isWholeRun } from '../../../test/setup/is-whole-run.ts'
import { openStore } from '../open-store.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'

// Whom an operation serves is a matter of statements, which are tried on the calling thread; that each gets here and back, below.
// `.ci/run` tries it here, too.
describeStore(
  'the embedded engine on its own threads',
  async () => {
    const folder = await createTemporaryFolder()
    const store = await openStore({ location: folder.path, host: 'worker' })
    await startReader(store)
    return { store, cleanUp: folder.remove }
  },
  { without: isWholeRun() ? [] : ['tenants'] },
)

/** Reads that have to wait start the second thread, which then takes its part of what follows. */
async function startReader(store: Store): Promise<void> {
  await Promise.all(Array.from({ length: 40 }, () => store.countActiveKeys(systemScope)))
}

const operations = Object.keys(probes) as StoreOperation[]

test('WorkerHost answers every reading operation as an engine on the calling thread does', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  const inline = await openStore({ location: folder.path, host: 'inline' })
  await startReader(store)
  const canary = await createCanary(new World(store))
  const here = { ...canary, world: new World(inline, canary.world.scope) }
  for (const name of operations.filter((each) => operationKinds[each] === 'read')) {
    expect([name, await callAsOwner(canary, name)]).toEqual([name, await callAsOwner(here, name)])
  }
  await inline.close()
  await store.close()
  await folder.remove()
})

test('WorkerHost brings every writing operation to the engine, and back what came of it', async () => {
  const folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path, host: 'worker' })
  const writing = operations.filter((each) => operationKinds[each] !== 'read')
  const here = await writeEach(await openMemoryStore(), writing)
  expect(await writeEach(store, writing)).toEqual(here)
  expect(writing.length).toBeGreaterThan(60)
  await store.close()
  await folder.remove()
})

/** What each operation answers the owner of a canary. */
async function writeEach(
  store: Store,
  names: readonly StoreOperation[],
): Promise<ReadonlyMap<StoreOperation, unknown>> {
  const answers = new Map<StoreOperation, unknown>()
  const supply = new CanarySupply(store)
  for (const name of names) {
    answers.set(name, toShape(await supply.attempt((canary) => callAsOwner(canary, name))))
  }
  return answers
}

/** What something is: its kind, and the names of what it has; identifiers and times are others in each store. */
function toShape(value: unknown): unknown {
  if (Array.isArray(value)) return 'list'
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value
  return Object.keys(value).toSorted()
}

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
