import { afterAll, beforeAll, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/setup/postgres-server.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { sampleJob } from '../conformance/samples.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import type { Store, StoreOperation } from '../store.ts'

describePostgres('the hot path on PostgreSQL', () => {
  const counted: [StoreOperation, number][] = []
  let database: TestDatabase
  let store: Store

  beforeAll(async () => {
    database = await createTestDatabase()
    const onRoundTrips = (name: StoreOperation, roundTrips: number): void => {
      counted.push([name, roundTrips])
    }
    store = await openStore({
      location: database.url,
      hooks: { onRoundTrips, leaseClockOffset: 0 },
    })
  })

  afterAll(async () => {
    await store.close()
    await database.remove()
  })

  /** What the last call of each operation took. */
  function roundTrips(): Partial<Record<StoreOperation, number>> {
    return Object.fromEntries(counted.splice(0))
  }

  it('takes one round trip for each operation of a turn with a tool', async () => {
    const world = new World(store)
    const { scope } = world
    const block = world.newBlock({ value: 'old' })
    const agent = await world.agent({}, [block])
    const conversationId = defaultConversationId(agent.id)
    counted.length = 0
    const otids = { clientOtids: ['one'], rejectBusy: true }
    await store.getConversationWithAgent(scope, { id: conversationId })
    const at = world.at()
    const claim = { conversationId, owner: 'me', at, until: at + 99_000, known: null }
    const input = world.input(agent, 'go', { ...otids, claim })
    const { claim: claimed } = await store.acceptInput(scope, input)
    if (claimed?.state !== 'claimed') throw new Error('The conversation was not to be had')
    const { lease, work } = claimed
    await store.claimWork(scope, claim)
    const events = [{ type: 'message-stored', messageId: 'm', streamed: true }] as const
    await store.appendEvents(scope, { lease, runId: work.run.id, events, at })
    const prefix = { key: 'k', system: 's', builtAt: 1, shown: {} }
    const tail = {
      kind: 'tail',
      position: work.tailPosition,
      text: 'now',
      sources: [],
      createdAt: 1,
    } as const
    const step = world.stepCommit(lease, work, { tools: ['edit'], tail, prefix })
    await store.commitStep(scope, step)
    const stepId = step.step.id
    await store.startTools(scope, { lease, stepId, indexes: [0], at })
    const edit = { blockId: block.id, expectedVersion: 1, value: 'new' }
    await store.commitTool(scope, world.toolCommit(step, 0, { blockEdits: [edit], events }))
    const next = await store.beginWork(scope, { lease, at, itemsAfter: 0 })
    if (next === null) throw new Error('The turn was gone')
    const viewFrom = work.tailPosition + 3
    await store.commitCompaction(scope, world.compaction(lease, { viewFrom, runId: work.run.id }))
    await store.renewLease(scope, { lease, until: at + 99_000 })
    await store.commitStep(scope, world.stepCommit(lease, next))
    const again = await store.claimLease(scope, claim)
    if (again === null) throw new Error('The lease was not given back')
    await store.beginWork(scope, { lease: again, at, itemsAfter: 0 })
    await store.releaseLease(scope, { lease: again })
    expect(roundTrips()).toEqual({
      getConversationWithAgent: 1,
      acceptInput: 1,
      claimWork: 1,
      appendEvents: 1,
      commitStep: 1,
      commitCompaction: 1,
      startTools: 1,
      commitTool: 1,
      beginWork: 1,
      renewLease: 1,
      claimLease: 1,
      releaseLease: 1,
    })
    expect(await store.getBlock(scope, { id: block.id })).toMatchObject({
      value: 'new',
      version: 2,
    })
  })

  it('takes one for the end of a turn, also with jobs, and one more for what has to be read before', async () => {
    const world = new World(store)
    const { scope } = world
    const agent = await world.agent()
    const first = await world.start(agent, 'one')
    await store.endTurn(scope, { lease: first.lease, end: world.end(first.work) })
    expect(roundTrips().endTurn).toBe(1)
    const counted = await world.start(agent, 'counted')
    const job = sampleJob({ id: world.id('job'), tenantId: scope.tenantId, lane: agent.id })
    const jobs = [{ job, every: 2 }]
    await store.endTurn(scope, { lease: counted.lease, end: world.end(counted.work, { jobs }) })
    expect(roundTrips().endTurn).toBe(1)
    expect((await store.getJob(scope, { id: job.id })).state).toBe('ready')
    const second = await world.start(agent, 'two')
    const failed = { status: 'failed', stopReason: 'error', metadata: { error: 'x' } } as const
    await store.endTurn(scope, { lease: second.lease, end: world.end(second.work, failed) })
    expect(roundTrips().endTurn).toBe(2)
    await world.remember(agent, 'there is an archive')
    const { lease, work } = await world.start(agent, 'three')
    const step = world.stepCommit(lease, work, { tools: ['archival_memory_insert'] })
    await store.commitStep(scope, step)
    const passages = [world.newPassage('a fact')]
    await store.commitTool(
      scope,
      world.toolCommit(step, 0, { passages, archive: world.newArchive() }),
    )
    expect(roundTrips().commitTool).toBe(2)
  })

  it('takes one for a search by vectors and for the texts of a search by words', async () => {
    const world = new World(store)
    const { scope } = world
    const agent = await world.agent()
    const { messages } = await world.say(agent, 'heron')
    const passages = await world.remember(agent, 'heron')
    const vector = [1, 0]
    const [message, passage] = [messages[0]?.id ?? '', passages[0]?.id ?? '']
    const items = [
      { kind: 'message', id: message, model: 'm', vector },
      { kind: 'passage', id: passage, model: 'm', vector },
    ] as const
    await store.putVectors(scope, { items })
    const query = { agentId: agent.id, model: 'm', vector, from: null, until: null, limit: 1 }
    const tags = { tags: [], tagMatch: 'any' } as const
    const near = await store.searchPassageVectors(scope, { ...query, ...tags })
    expect(near.items[0]?.item.id).toBe(passage)
    const said = await store.searchMessageVectors(scope, {
      ...query,
      roles: ['user'],
      excludeIds: [],
    })
    expect(said.items[0]?.item.id).toBe(message)
    const read = { known: null, completeUpTo: 9, limit: 9, ...tags }
    const owner = { kind: 'passages', agentId: agent.id } as const
    expect((await store.readTexts(scope, { ...read, owner })).texts[0]?.id).toBe(passage)
    expect(roundTrips()).toMatchObject({
      searchPassageVectors: 1,
      searchMessageVectors: 1,
      readTexts: 1,
    })
  })
})
