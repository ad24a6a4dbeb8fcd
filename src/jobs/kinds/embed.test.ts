import { describe, expect, test } from 'vitest'
import { newJob, type Job } from '../../domain/job.ts'
import { toEntry, World } from '../../storage/conformance/world.ts'
import { createDoubleEmbedder } from '../../testing/double-embedder.ts'
import { createFakeClock } from '../../testing/fake-clock.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { JobGivenUp } from '../job-kind.ts'
import { createEmbedKind, embedJobKind } from './embed.ts'

const signal = new AbortController().signal

const sample = { lane: '', kind: embedJobKind, payload: {}, maxAttempts: 3, at: 1 }

async function open(dimensions = 2) {
  const store = await openMemoryStore()
  const world = new World(store)
  const clock = createFakeClock()
  const width = { dimensions }
  const embedders = createDoubleEmbedder((text) =>
    Array.from({ length: width.dimensions }, (_, index) => text.length + index),
  )
  const second = createDoubleEmbedder(() => [1, 0], 'test/second')
  const source = {
    resolve: (handle: string) => (handle === second.handle ? second : embedders).resolve(handle),
  }
  const kind = createEmbedKind({ store, clock, embedders: source })
  const { tenantId } = world.scope
  const job: Job = newJob({ ...sample, id: world.id('job'), tenantId })
  return {
    store,
    world,
    embedders,
    width,
    kind,
    clock,
    run: () => kind.run(job, signal),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

describe('the embed job', () => {
  test('makes vectors of what was stored before a model was named, and of what comes', async () => {
    await using opened = await open()
    const { store, world, embedders, run } = opened
    const agent = await world.agent({ embedding: null })
    for (let count = 0; count < 70; count += 1) await world.say(agent, `message ${count}`)
    const idle = await run()
    expect(idle.result).toMatchObject({ stored: 0, owners: 0 })
    expect(idle.again).toBe(opened.clock.now() + 60_000)
    const at = world.at()
    await store.updateAgent(world.scope, {
      id: agent.id,
      at,
      updatedById: world.scope.userId,
      set: { embedding: embedders.handle },
    })
    expect((await run()).result).toMatchObject({ stored: 70, owners: 1 })
    const counted = { kind: 'message', agentId: agent.id, model: embedders.handle } as const
    expect(await store.countVectors(world.scope, counted)).toBe(70)
    await world.say(agent, 'one more')
    await world.remember(agent, 'and a passage')
    const last = await run()
    expect(last.result).toMatchObject({ stored: 2 })
    expect(last.again).toBeGreaterThan(0)
    expect(embedders.texts.slice(-2)).toEqual(['one more', 'and a passage'])
    expect((await run()).result).toMatchObject({ stored: 0 })
  })

  test('stores no vector of a text that was changed while it was made', async () => {
    await using opened = await open()
    const { store, world, embedders } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    const [passage] = await world.remember(agent, 'the old words')
    const edit = { passageId: passage?.id ?? '', text: 'the new words', tags: [] }
    const entry = toEntry(['new', 'words'])
    const late = {
      ...store,
      getPassages: async (
        scope: typeof world.scope,
        input: { readonly ids: readonly string[] },
      ) => {
        const read = await store.getPassages(scope, input)
        const passageEdits = [{ ...edit, expectedVersion: 1, entry }]
        await store.changeMemory(scope, world.memoryWrite(agent, { passageEdits }))
        return read
      },
    }
    const clock = createFakeClock()
    const { tenantId } = world.scope
    const job = newJob({ ...sample, id: world.id('job'), tenantId })
    await createEmbedKind({ store: late, clock, embedders }).run(job, signal)
    const counted = { kind: 'passage', agentId: agent.id, model: embedders.handle } as const
    expect(await store.countVectors(world.scope, counted)).toBe(0)
    expect((await opened.run()).result).toMatchObject({ stored: 1 })
    expect(embedders.texts.at(-1)).toBe('the new words')
  })

  test('says as long as the endpoint is down what failed, asks it less and less often, and loses nothing', async () => {
    await using opened = await open()
    const { world, embedders, run, clock } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(agent, 'heron')
    embedders.fail('llm_unreachable')
    const failed = { [embedders.handle]: 'Cannot embed: llm_unreachable. Start it.' }
    const waits: number[] = []
    for (let count = 0; count < 7; count += 1) {
      const { result, again } = await run()
      expect(result).toMatchObject({ stored: 0, failed })
      waits.push((again ?? 0) - clock.now())
      await clock.advance(waits.at(-1) ?? 0)
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    embedders.fail(null)
    expect(await run()).toMatchObject({ result: { stored: 1 }, again: clock.now() + 2000 })
  })

  test('makes vectors of one model at once while another one waits to be tried again', async () => {
    await using opened = await open()
    const { world, embedders, run, clock } = opened
    const first = await world.agent({ embedding: embedders.handle })
    const other = await world.agent({ embedding: 'test/second' })
    await world.say(first, 'heron')
    embedders.fail('llm_unreachable')
    for (const text of ['crane', 'stork']) {
      await world.say(other, text)
      const { result, again } = await run()
      expect(result).toMatchObject({
        stored: 1,
        failed: { [embedders.handle]: expect.any(String) },
      })
      expect(again).toBe(clock.now() + 2000)
    }
    embedders.fail(null)
    expect((await run()).result).toMatchObject({ stored: 0 })
    await clock.advance(2000)
    expect((await run()).result).toEqual({ stored: 1, owners: 2 })
  })

  test('passes over models that nobody serves, and says so', async () => {
    await using opened = await open()
    const { world, embedders, run } = opened
    const lost = await world.agent({ embedding: 'nobody/e5' })
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(lost, 'grey')
    await world.say(agent, 'heron')
    const { result } = await run()
    expect(result).toMatchObject({ stored: 1, skipped: { 'nobody/e5': expect.any(String) } })
  })

  test('looks seldom as long as no endpoint serves any model, and often as soon as one does', async () => {
    await using opened = await open()
    const { world, embedders, run, clock } = opened
    const wait = async (): Promise<number> => ((await run()).again ?? 0) - clock.now()
    await world.say(await world.agent({ embedding: 'nobody/e5' }), 'grey')
    expect(await wait()).toBe(60_000)
    await world.agent({ embedding: embedders.handle })
    expect(await wait()).toBe(2000)
  })

  test('lets a model that nobody serves, or that fails, keep no other one waiting', async () => {
    await using opened = await open()
    const { store, world, embedders, width, run, clock } = opened
    const lost = await world.agent({ embedding: 'nobody/e5' })
    for (let count = 0; count < 130; count += 1) await world.say(lost, `grey ${count}`)
    const first = await world.agent({ embedding: embedders.handle })
    await world.say(first, 'heron')
    expect((await run()).result).toMatchObject({ stored: 1 })
    width.dimensions = 3
    const other = await world.agent({ embedding: 'test/second' })
    await world.say(first, 'crane')
    await world.say(other, 'stork')
    const { result } = await run()
    expect(result).toMatchObject({
      stored: 1,
      failed: { [embedders.handle]: expect.stringContaining('rebuild') },
    })
    const owner = { kind: 'message', agentId: other.id, model: 'test/second' } as const
    expect(await store.countVectors(world.scope, owner)).toBe(1)
    // Each attempt costs something, and the next is no use until somebody has done something.
    const attempts = embedders.texts.length
    for (let seconds = 0; seconds < 60; seconds += 2) {
      await clock.advance(2000)
      await run()
    }
    expect(embedders.texts.length - attempts).toBe(4)
    await store.deleteVectors(world.scope, { model: embedders.handle })
    expect((await run()).result).toMatchObject({ stored: 2 })
  })

  test('lets a text that the endpoint refuses keep no other one waiting, and sends it shorter first', async () => {
    await using opened = await open()
    const { store, world, embedders, run } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    const counted = { kind: 'message', agentId: agent.id, model: embedders.handle } as const
    embedders.refuse((text) => text.length > 600 || text.includes('unspeakable'))
    for (const text of ['one', 'long '.repeat(900), 'two', 'unspeakable', 'three']) {
      await world.say(agent, text)
    }
    expect((await run()).result).toMatchObject({ stored: 4, refused: 1 })
    expect(await store.countVectors(world.scope, counted)).toBe(4)
    expect(embedders.texts).toContain('long '.repeat(100))
    const before = embedders.texts.length
    await world.say(agent, 'four')
    expect((await run()).result).toMatchObject({ stored: 1, refused: 1 })
    expect(embedders.texts.slice(before)).toEqual(['four'])
  })

  test.each(['llm_error', 'llm_timeout'] as const)(
    'lets a text on which the endpoint ends in %s keep no other one waiting',
    async (code) => {
      await using opened = await open()
      const { world, embedders, run } = opened
      const agent = await world.agent({ embedding: embedders.handle })
      embedders.refuse((text) => text.includes('poison'), code)
      for (const text of ['one', 'poison', 'two', 'three']) await world.say(agent, text)
      expect((await run()).result).toMatchObject({ stored: 3, refused: 1 })
      embedders.refuse(() => true, code)
      await world.say(agent, 'four')
      const { result } = await run()
      expect(result).toMatchObject({
        stored: 0,
        failed: { [embedders.handle]: 'Cannot embed: too long. Cut it.' },
      })
    },
  )

  test('does not give a text up for one failure that is over', async () => {
    await using opened = await open()
    const { world, embedders, run } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(agent, 'one')
    let failures = 1
    embedders.refuse(() => failures-- > 0, 'llm_error')
    expect((await run()).result).toMatchObject({ stored: 1 })
  })

  test('waits as long as the endpoint asks, and begins anew after a failure where it got on', async () => {
    await using opened = await open()
    const { world, embedders, run, clock } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    for (let count = 0; count < 70; count += 1) await world.say(agent, `message ${count}`)
    embedders.fail('llm_rate_limit', { retryAfterMs: 30_000 })
    const asked = await run()
    expect(asked).toMatchObject({ again: clock.now() + 30_000, result: { stored: 0 } })
    expect(asked.result['failed']).toEqual({ [embedders.handle]: expect.stringContaining('limit') })
    embedders.fail(null)
    embedders.refuse((text) => {
      if (text === 'message 0') embedders.fail('llm_rate_limit')
      return false
    })
    await clock.advance(30_000)
    expect(await run()).toMatchObject({ again: clock.now() + 2000, result: { stored: 64 } })
  })

  test('asks for no vectors that the database could not keep', async () => {
    await using opened = await open()
    const { store, world, embedders, clock } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(agent, 'heron')
    const vectors = { isAvailable: false, remedy: 'there is no pgvector. Install it.' } as const
    const bare = { ...store, description: { ...store.description, vectors } }
    const kind = createEmbedKind({ store: bare, clock, embedders })
    const { tenantId } = world.scope
    const { result } = await kind.run(newJob({ ...sample, id: world.id('job'), tenantId }), signal)
    const message = 'Cannot use vectors: there is no pgvector. Install it.'
    expect(result['failed']).toEqual({ [embedders.handle]: message })
    expect(embedders.texts).toEqual([])
  })

  test('cuts no sign of a long text in half', async () => {
    await using opened = await open()
    const { world, embedders, run } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(agent, `x${'🐦'.repeat(5000)}`)
    expect((await run()).result).toMatchObject({ stored: 1 })
    expect(embedders.texts).toEqual([`x${'🐦'.repeat(3999)}`])
  })

  test('takes an endpoint that refuses whatever it is sent for one that fails', async () => {
    await using opened = await open()
    const { world, embedders, run } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    for (const text of ['one', 'two', 'three']) await world.say(agent, text)
    embedders.refuse(() => true)
    expect((await run()).result).toMatchObject({ stored: 0, failed: expect.anything() })
    embedders.refuse(() => false)
    await opened.clock.advance(2000)
    expect((await run()).result).toMatchObject({ stored: 3 })
  })

  test('stores no vector without a direction', async () => {
    await using opened = await open()
    const { world, embedders, run, width } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(agent, 'one')
    width.dimensions = 0
    expect((await run()).result).toMatchObject({ stored: 0, refused: 1 })
  })

  test('gives up on vectors of another dimension, which a rebuild makes anew', async () => {
    await using opened = await open()
    const { store, world, embedders, width, run } = opened
    const agent = await world.agent({ embedding: embedders.handle })
    await world.say(agent, 'heron')
    await run()
    width.dimensions = 3
    await world.say(agent, 'crane')
    const refused = run()
    await expect(refused).rejects.toThrow(/rebuild/)
    await expect(refused).rejects.toBeInstanceOf(JobGivenUp)
    // Whoever has it done again has done something.
    const tried = embedders.texts.length
    await expect(run()).rejects.toThrow(/rebuild/)
    expect(embedders.texts.length).toBe(tried + 1)
    await store.deleteVectors(world.scope, { model: embedders.handle })
    expect((await run()).result).toMatchObject({ stored: 2 })
  })
})
