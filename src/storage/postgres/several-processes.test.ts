import { afterAll, beforeAll, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import {
  createTestDatabase,
  execute,
  queryRows,
  type TestDatabase,
} from '../../../test/setup/postgres-server.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { systemScope } from '../../domain/scope.ts'
import { manyTexts, searchWhileWriting } from '../conformance/candidate-search.ts'
import { sampleJob } from '../conformance/samples.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'

describePostgres('several stores on one PostgreSQL database', () => {
  let database: TestDatabase
  let one: Store
  let two: Store

  beforeAll(async () => {
    database = await createTestDatabase()
    const open = (): Promise<Store> => openStore({ location: database.url })
    ;[one, two] = await Promise.all([open(), open()])
  })

  afterAll(async () => {
    await Promise.all([one.close(), two.close()])
    await database.remove()
  })

  it('migrate once when they are opened at the same time', async () => {
    expect(two.description.databaseId).toBe(one.description.databaseId)
    const rows = await queryRows(database.url, 'SELECT count(*)::int AS count FROM migrations')
    expect(rows).toEqual([{ count: one.description.schemaVersion }])
  })

  it('hear of each other’s commits', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const start = performance.now()
    const end = two.watch(() => resolve(performance.now() - start))
    await new World(one).block()
    expect(await promise).toBeLessThan(900)
    end()
  })

  it('know whether the other lives', async () => {
    const third = await openStore({ location: database.url })
    const { owner } = third.description
    expect(await one.ownerState(two.description.owner)).toBe('alive')
    expect(await one.ownerState(owner)).toBe('alive')
    await third.close()
    await expect.poll(() => one.ownerState(owner)).toBe('dead')
  })

  it('number inputs and events of one conversation without gaps, whoever stores them', async () => {
    const world = new World(one)
    const agent = await world.agent()
    const other = { store: two, scope: world.scope }
    const inputs = Array.from({ length: 20 }, (_, index) => world.input(agent, `say ${index}`))
    await Promise.all(
      inputs.map((input, index) =>
        index % 2 === 0
          ? one.acceptInput(world.scope, input)
          : other.store.acceptInput(other.scope, input),
      ),
    )
    const rows = await queryRows(
      database.url,
      `SELECT position::int FROM inbox WHERE conversation_id = '${defaultConversationId(agent.id)}'
       ORDER BY position`,
    )
    expect(rows.map(({ position }) => position)).toEqual(inputs.map((_, index) => index + 1))
    const messages = await two.listMessages(world.scope, {
      agentId: agent.id,
      limit: 99,
      order: 'asc',
    })
    expect(new Set(messages.map(({ sequence }) => sequence)).size).toBe(21)
  })

  it('store an input with one otid once', async () => {
    const world = new World(one)
    const agent = await world.agent()
    const input = world.input(agent, 'only once', { clientOtids: ['same'] })
    const again = { ...world.input(agent, 'only once', { clientOtids: ['same'] }) }
    const results = await Promise.all([
      one.acceptInput(world.scope, input),
      two.acceptInput(world.scope, again),
    ])
    expect(results.filter(({ duplicate }) => duplicate)).toHaveLength(1)
    expect(new Set(results.map(({ run }) => run.id)).size).toBe(1)
  })

  it('make one agent when both are asked for one that may be there', async () => {
    const world = new World(one)
    const asked = [one, two, one, two].map((store) => {
      const input = { ...world.newAgent({ tags: ['only'] }), unless: { tags: ['only'] } }
      return store.createAgent(world.scope, input)
    })
    expect(new Set((await Promise.all(asked)).map(({ id }) => id)).size).toBe(1)
  })

  it('never hand out the same job twice', async () => {
    const world = new World(one)
    const kind = world.id('job')
    const ids = Array.from({ length: 30 }, () => world.id('job'))
    const { tenantId } = world.scope
    await Promise.all(
      ids.map((id) =>
        one.enqueueJob(world.scope, { job: sampleJob({ id, tenantId, kind, runAt: 1 }) }),
      ),
    )
    const claims = await Promise.all(
      [one, two, one, two, one, two].map((store) =>
        store.claimJobs(systemScope, {
          owner: store.description.owner,
          kinds: [kind],
          at: Date.now(),
          leaseUntil: Date.now() + 60_000,
          limit: 5,
          perTenant: 99,
          served: [],
        }),
      ),
    )
    const claimed = claims.flat().map(({ id }) => id)
    expect(claimed.toSorted()).toEqual(ids.toSorted())
  })

  it('keep leases by the clock of the database, whatever theirs show', async () => {
    const world = new World(one)
    const agent = await world.agent()
    const conversationId = defaultConversationId(agent.id)
    const slow = Date.now() - 3_600_000
    const lease = await one.claimLease(world.scope, {
      conversationId,
      owner: 'slow',
      at: slow,
      until: slow + 60_000,
    })
    expect(lease).not.toBeNull()
    const state = await one.readLease(world.scope, { conversationId })
    expect(Math.abs((state?.until ?? 0) - slow - 60_000)).toBeLessThan(1000)
    const fast = Date.now() + 3_600_000
    const claim = { conversationId, owner: 'fast', at: fast, until: fast + 60_000 }
    expect(await two.claimLease(world.scope, claim)).toBeNull()
    if (lease !== null) await one.renewLease(world.scope, { lease, until: slow - 1 })
    expect(await two.claimLease(world.scope, claim)).toMatchObject({ owner: 'fast' })
  })

  it('find what the other stores, and nothing by words that it forgot', async () => {
    expect(await searchWhileWriting(one, two)).toBe(manyTexts)
  })

  it('lose nothing when the server ends their connections in the middle of many writes', async () => {
    const world = new World(one)
    const agents = await Promise.all(Array.from({ length: 8 }, () => world.agent()))
    const results: unknown[] = []
    const writing = agents.map(async (agent) => {
      for (let index = 0; index < 12; index += 1) {
        const { run } = await world.say(agent, `message ${index}`)
        results.push(run.id)
      }
    })
    const cut = async (): Promise<void> => {
      for (let index = 0; index < 5; index += 1) {
        await execute(
          database.url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        )
      }
    }
    await Promise.all([...writing, cut()])
    expect(results).toHaveLength(96)
    const stored = await Promise.all(
      agents.map((agent) => one.countMessages(world.scope, { agentId: agent.id })),
    )
    expect(stored).toEqual(agents.map(() => 13))
    await expect.poll(() => two.ownerState(one.description.owner)).toBe('alive')
  })
})
