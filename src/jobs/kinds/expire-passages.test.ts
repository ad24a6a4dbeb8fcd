import { expect, test } from 'vitest'
import { withRetention } from '../../domain/retention.ts'
import { AppError } from '../../errors/app-error.ts'
import { World } from '../../storage/conformance/world.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { expirePassages, type ExpiryProgress } from './expire-passages.ts'

const day = 24 * 60 * 60_000

/** Archives with so many passages each, all of them kept for a day. */
async function open(...counts: readonly number[]) {
  const store = await openMemoryStore()
  const world = new World(store)
  const archiveIds: string[] = []
  for (const count of counts) {
    const agent = await world.agent()
    const texts = Array.from({ length: count }, (_, index) => `heron ${index}`)
    const [first] = await world.remember(agent, ...texts)
    const id = first?.archiveId ?? ''
    const metadata = withRetention({ metadata: {} }, { days: 1, tags: {} })
    await store.updateArchive(world.scope, { id, at: world.at(), set: { metadata } })
    archiveIds.push(id)
  }
  const now = world.at() + 2 * day
  /** The archives in the order in which something of them was forgotten. */
  const order: number[] = []
  const busy = new Set<number>()
  const forgetPassages = async (
    scope: typeof world.scope,
    ids: readonly string[],
    { besideTurns }: { readonly besideTurns: boolean },
  ): Promise<void> => {
    const passages = await store.getPassages(scope, { ids })
    const archive = archiveIds.indexOf(passages[0]?.archiveId ?? '')
    if (busy.has(archive) && !besideTurns) throw new AppError('conflict', 'An agent is at work.')
    order.push(archive)
    for (const id of ids) await store.deletePassage(scope, { id })
  }
  const expire = async (
    from: string | null = null,
    { busySince = {}, after = 0 }: { busySince?: ExpiryProgress['busySince']; after?: number } = {},
  ): Promise<ExpiryProgress> => {
    const parts = { store, forgetPassages, expiryBatch: 2 }
    const { signal } = new AbortController()
    return await expirePassages(parts, world.scope, { now: now + after, signal, from, busySince })
  }
  return { expire, order, busy, archiveIds, now, [Symbol.asyncDispose]: () => store.close() }
}

test('of each archive one batch is forgotten in turn', async () => {
  await using opened = await open(5, 1, 3)
  const done = { passages: 9, waiting: 0, busy: 0, busySince: {}, next: null }
  expect(await opened.expire()).toEqual(done)
  const first = opened.order.slice(0, 3)
  expect(new Set(first)).toEqual(new Set([0, 1, 2]))
  expect(opened.order.filter((archive) => archive === 0)).toHaveLength(3)
  expect(await opened.expire()).toEqual({ ...done, passages: 0 })
})

test('a large archive takes several calls, the next one where the last ended', async () => {
  await using opened = await open(50, 1)
  const first = await opened.expire()
  expect(first).toMatchObject({ passages: 39, waiting: 1, busy: 0, next: opened.archiveIds[0] })
  expect(await opened.expire(first.next)).toMatchObject({ passages: 12, waiting: 0 })
  expect(await opened.expire('archive-that-is-gone')).toMatchObject({ passages: 0, waiting: 0 })
})

test('an archive whose agent is at work holds up no other, and is told', async () => {
  await using opened = await open(5, 3)
  opened.busy.add(0)
  const { busySince, ...first } = await opened.expire()
  expect(first).toEqual({ passages: 3, waiting: 0, busy: 1, next: null })
  expect(busySince).toEqual({ [opened.archiveIds[0] ?? '']: opened.now })
  opened.busy.clear()
  expect(await opened.expire(null, { busySince })).toMatchObject({
    passages: 5,
    busy: 0,
    busySince: {},
  })
})

test('an archive whose agent is never at rest is waited for ten minutes, then goes on beside its turns', async () => {
  await using opened = await open(5)
  opened.busy.add(0)
  const minute = 60_000
  const { busySince } = await opened.expire()
  const late = await opened.expire(null, { busySince, after: 9 * minute })
  expect(late).toMatchObject({ passages: 0, busy: 1, busySince })
  const { busySince: since } = late
  expect(await opened.expire(null, { busySince: since, after: 10 * minute })).toMatchObject({
    passages: 5,
    busy: 0,
  })
})
