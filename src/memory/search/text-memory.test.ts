import { describe, expect, test } from 'vitest'
import type { StoredText, TextPage, TextRead } from '../../storage/contract/search-store.ts'
import { createFakeClock } from '../../testing/fake-clock.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { World } from '../../storage/conformance/world.ts'
import {
  createTextMemory,
  type TextMemory,
  type TextPlace,
  type WantedTexts,
} from './text-memory.ts'

/** A store that counts the texts it gives. */
async function openCounted() {
  const store = await openMemoryStore()
  const world = new World(store)
  const pages: TextPage[] = []
  const readTexts = async (scope: typeof world.scope, input: TextRead): Promise<TextPage> => {
    const page = await store.readTexts(scope, input)
    pages.push(page)
    return page
  }
  const place: TextPlace = { store: { readTexts }, scope: world.scope }
  return { store, world, place, given: () => pages.splice(0).flatMap(({ texts }) => texts).length }
}

function wanted(agentId: string): WantedTexts {
  return { owner: { kind: 'messages', agentId }, completeUpTo: 100, tags: [], tagMatch: 'any' }
}

async function idsOf(memory: TextMemory, place: TextPlace, agentId: string): Promise<unknown> {
  return (await memory.read(place, wanted(agentId))).table?.ids
}

describe('read()', () => {
  test('reads once, then what came since', async () => {
    const { store, world, place, given } = await openCounted()
    const memory = createTextMemory()
    const agent = await world.agent()
    await world.say(agent, 'one')
    await world.say(agent, 'two')
    expect(await idsOf(memory, place, agent.id)).toHaveLength(2)
    expect(given()).toBe(2)
    await world.say(agent, 'three')
    expect(await idsOf(memory, place, agent.id)).toHaveLength(3)
    expect(given()).toBe(1)
    expect(await idsOf(memory, place, agent.id)).toHaveLength(3)
    expect(given()).toBe(0)
    await store.close()
  })

  test('lets searches at once add nothing twice', async () => {
    const { store, world, place } = await openCounted()
    const memory = createTextMemory()
    const agent = await world.agent()
    for (const text of ['one', 'two', 'three']) await world.say(agent, text)
    const all = await Promise.all([1, 2, 3].map(() => idsOf(memory, place, agent.id)))
    expect(all.map((ids) => new Set(ids as string[]).size)).toEqual([3, 3, 3])
    expect(all[0]).toHaveLength(3)
    await store.close()
  })

  test('gives nothing of a scope with more texts than are wanted', async () => {
    const { store, world, place } = await openCounted()
    const agent = await world.agent()
    await world.say(agent, 'one')
    await world.say(agent, 'two')
    const few = { ...wanted(agent.id), completeUpTo: 1 }
    const large = { table: null, documentCount: 2 }
    expect(await createTextMemory().read(place, few)).toEqual(large)
    await store.close()
  })

  test('keeps what it holds when a single request wants fewer texts than there are', async () => {
    const { store, world, place, given } = await openCounted()
    const memory = createTextMemory()
    const agent = await world.agent()
    for (const text of ['one', 'two']) await world.say(agent, text)
    await idsOf(memory, place, agent.id)
    given()
    const few = { ...wanted(agent.id), completeUpTo: 1 }
    expect(await memory.read(place, few)).toMatchObject({ table: null })
    expect(await idsOf(memory, place, agent.id)).toHaveLength(2)
    expect(given()).toBe(0)
    await store.close()
  })

  test('lets go of what has grown beyond what was ever asked for', async () => {
    const { store, world, place, given } = await openCounted()
    const memory = createTextMemory()
    const agent = await world.agent()
    const few = { ...wanted(agent.id), completeUpTo: 2 }
    for (const text of ['one', 'two']) await world.say(agent, text)
    expect((await memory.read(place, few)).table?.size).toBe(2)
    await world.say(agent, 'three')
    expect(await memory.read(place, few)).toMatchObject({ table: null })
    given()
    await idsOf(memory, place, agent.id)
    expect(given()).toBe(3)
    await store.close()
  })

  test('forgets what was searched longest ago when it is full', async () => {
    const { store, world, place, given } = await openCounted()
    const memory = createTextMemory({ mostBytes: 1000 })
    const [first, second] = [await world.agent(), await world.agent()]
    for (const agent of [first, second]) {
      for (const text of ['one', 'two']) await world.say(agent, text)
      await idsOf(memory, place, agent.id)
    }
    given()
    await idsOf(memory, place, second.id)
    expect(given()).toBe(0)
    await idsOf(memory, place, first.id)
    expect(given()).toBe(2)
    await store.close()
  })

  test('reads all anew when texts are missing among those that came since', async () => {
    const { store, world, place } = await openCounted()
    const memory = createTextMemory()
    const agent = await world.agent()
    await world.say(agent, 'one')
    await idsOf(memory, place, agent.id)
    for (const text of ['two', 'three']) await world.say(agent, text)
    const readTexts: typeof store.readTexts = async (scope, input) => {
      const page = await store.readTexts(scope, input)
      return input.known === null ? page : { ...page, texts: page.texts.slice(1) }
    }
    const lossy = { ...place, store: { readTexts } }
    expect(await idsOf(memory, lossy, agent.id)).toHaveLength(3)
    await store.close()
  })

  test('gives up on texts that never hold still', async () => {
    const text = {
      id: 'x',
      role: null,
      speaker: '',
      tokens: '',
      dates: '',
    } as unknown as StoredText
    let count = 0
    const readTexts = (): Promise<TextPage> =>
      Promise.resolve({
        version: { scopeToken: 's', documentCount: -1, removed: (count += 1), lastSequence: 1 },
        documentCount: 9,
        isContinued: false,
        texts: [{ ...text, id: `x${count}` }],
        isCurrent: false,
        tagged: null,
      })
    const { world, store } = await openCounted()
    const place = { store: { readTexts }, scope: world.scope }
    await expect(createTextMemory().read(place, wanted('a'))).rejects.toThrow(/faster/)
    await store.close()
  })
})

describe('letting go', () => {
  test('of what nobody searches happens by itself', async () => {
    const { store, world, place, given } = await openCounted()
    const clock = createFakeClock()
    const memory = createTextMemory({ clock })
    const [agent, other] = [await world.agent(), await world.agent()]
    for (const { id } of [agent, other]) {
      await world.say({ ...agent, id }, 'one')
      await idsOf(memory, place, id)
    }
    await clock.advance(4 * 60_000)
    await idsOf(memory, place, other.id)
    expect(given()).toBe(2)
    await clock.advance(2 * 60_000)
    await idsOf(memory, place, agent.id)
    await idsOf(memory, place, other.id)
    expect(given()).toBe(1)
    await store.close()
  })

  test('of a tenant lets go of what is being read, too', async () => {
    const { store, world, place, given } = await openCounted()
    const agent = await world.agent()
    await world.say(agent, 'one')
    const memory = createTextMemory()
    const reading = idsOf(memory, place, agent.id)
    memory.drop(world.scope.tenantId)
    expect(await reading).toHaveLength(1)
    expect(given()).toBe(2)
    memory.drop('another-tenant')
    await idsOf(memory, place, agent.id)
    expect(given()).toBe(0)
    await store.close()
  })
})
