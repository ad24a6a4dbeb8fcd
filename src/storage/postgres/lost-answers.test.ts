import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import {
  createTestDatabase,
  queryRows,
  type TestDatabase,
} from '../../../test/setup/postgres-server.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { CommitResult } from '../contract/turn-store.ts'
import { sampleJob } from '../conformance/samples.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'
import { StatementTexts } from './statement-texts.ts'

/**
 * What becomes of the next transaction: its answers are lost, that of its commit is, it is lost itself, its connection
 * hangs half-way, or nothing is heard of it any more.
 */
type Accident = 'answers' | 'commit' | 'request' | 'rest' | 'silence'

const accidents: readonly Accident[] = ['answers', 'request', 'rest', 'silence']

/** Stands between the store and its server and loses what it is told to, once. */
class Line {
  readonly #begins = ['BEGIN', 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'].map(
    (sql) => new StatementTexts().find(sql).name,
  )
  readonly #upstreams = new Set<Socket>()
  readonly #server: Server
  #next: Accident | null = null

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => {
      const upstream = connect(target)
      this.#upstreams.add(upstream)
      let accident: Accident | null = null
      client.on('data', (data: Buffer) => {
        if (this.#next !== null && this.#begins.some((name) => data.includes(name))) {
          accident = this.#next
          this.#next = null
          if (accident === 'request' || accident === 'rest') client.destroy()
          // What the server has got so far is a transaction that nobody will end.
          if (accident === 'rest') upstream.write(data.subarray(0, data.length / 2))
        }
        if (accident !== 'request' && accident !== 'rest') upstream.write(data)
      })
      upstream.on('data', (data: Buffer) => {
        if (accident === 'silence') return
        if (accident !== null && data.includes('COMMIT\0')) client.destroy()
        else if (accident === null || accident === 'commit') client.write(data)
      })
      upstream.on('close', () => client.destroy())
      client.on('close', () => {
        if (accident === null) upstream.destroy()
      })
      for (const socket of [client, upstream]) socket.on('error', () => undefined)
    })
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this.port
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  lose(accident: Accident): void {
    this.#next = accident
  }

  get hasHappened(): boolean {
    return this.#next === null
  }

  close(): void {
    for (const socket of this.#upstreams) socket.destroy()
    this.#server.close()
  }
}

describePostgres('a connection that is lost before anything was answered', () => {
  let database: TestDatabase
  let line: Line
  let store: Store

  beforeAll(async () => {
    database = await createTestDatabase()
    const url = new URL(database.url)
    line = new Line({ host: url.hostname, port: Number(url.port) })
    url.host = `127.0.0.1:${await line.open()}`
    store = await openStore({
      location: url.href,
      hooks: { leaseClockOffset: 0, answerWithinMs: 250 },
    })
  })

  afterAll(async () => {
    await store.close()
    line.close()
    await database.remove()
  })

  /** Has an accident happen to a call. */
  async function during<Result>(accident: Accident, call: () => Promise<Result>): Promise<Result> {
    line.lose(accident)
    const result = await call()
    expect(line.hasHappened).toBe(true)
    return result
  }

  for (const accident of accidents) {
    describe(`when the ${accident} went lost`, () => {
      it('stores an input once and returns it', async () => {
        const world = new World(store)
        const agent = await world.agent()
        const input = world.input(agent, 'once')
        const result = await during(accident, () => store.acceptInput(world.scope, input))
        expect(result).toMatchObject({ duplicate: false, run: { id: input.run.id } })
        const listed = await store.listMessages(world.scope, {
          agentId: agent.id,
          limit: 9,
          order: 'asc',
        })
        expect(listed.slice(1)).toEqual(result.messages)
      })

      it('stores events once and returns their numbers', async () => {
        const { world, lease, work } = await begin()
        const runId = work.run.id
        const events = ['a', 'a'].map(
          (text) => ({ type: 'text-delta', messageId: 'm', stepId: 's', text }) as const,
        )
        const batch = { lease, runId, events, at: world.at() }
        await store.appendEvents(world.scope, { ...batch, at: world.at() })
        const result = await during(accident, () => store.appendEvents(world.scope, batch))
        expect(result.map(({ sequence }) => sequence)).toEqual([3, 4])
        const all = await store.listEvents(world.scope, { runId, after: 0, limit: 9 })
        expect(all.slice(2)).toEqual(result)
      })

      it('stores steps, results of tools and ends once, with the same places as ever', async () => {
        const lossy = await turn((call) => during(accident, call))
        const smooth = await turn((call) => call())
        expect(lossy).toEqual(smooth)
        expect(lossy).toEqual({
          positions: [5, 6, 7],
          numbers: [1, 2, 3, 4, 5],
          released: [false, false, true],
          rows: 5,
        })
      })

      it('stores a summary once', async () => {
        const world = new World(store)
        const agent = await world.agent()
        const { item } = await world.exchange(agent, 'old')
        const { lease, work } = await world.start(agent, 'new')
        const compaction = world.compaction(lease, {
          viewFrom: (item?.position ?? 0) + 1,
          runId: work.run.id,
        })
        const result = await during(accident, () => store.commitCompaction(world.scope, compaction))
        const { message } = compaction.summary
        expect(result.item?.message).toEqual({ ...message, sequence: expect.any(Number) })
        expect(result.events.map(({ sequence }) => sequence)).toEqual([1])
        const sources = { summaryId: message.id, after: 0, limit: 9 }
        expect(await store.listSummarySources(world.scope, sources)).toHaveLength(2)
      })

      it('ends a turn once', async () => {
        const { world, lease, work } = await begin()
        const end = world.end(work)
        const { events } = await during(accident, () => store.endTurn(world.scope, { lease, end }))
        expect(events.map(({ sequence }) => sequence)).toEqual([1])
        expect(await store.getRun(world.scope, { id: work.run.id })).toMatchObject({
          status: 'completed',
        })
      })

      it('begins work once', async () => {
        const world = new World(store)
        const agent = await world.agent()
        await world.say(agent, 'go')
        const { owner } = store.description
        const at = world.at()
        const conversationId = defaultConversationId(agent.id)
        const claim = { conversationId, owner, at, until: at + 99, known: null }
        const { state } = await during(accident, () => store.claimWork(world.scope, claim))
        expect(state).toBe('claimed')
      })
    })
  }

  it('finds what is stored when the server was silent for longer than it is sought', async () => {
    const url = new URL(database.url)
    url.host = `127.0.0.1:${line.port}`
    const hooks = { leaseClockOffset: 0, answerWithinMs: 1100 }
    const brief = await openStore({ location: url.href, busyDeadlineMs: 1000, hooks })
    const world = new World(brief)
    const input = world.input(await world.agent(), 'once')
    const { run } = await during('silence', () => brief.acceptInput(world.scope, input))
    expect(run.id).toBe(input.run.id)
    await brief.close()
  })

  it.each(accidents)('reads again what it asked (%s)', async (accident) => {
    const world = new World(store)
    const agent = await world.agent()
    const id = defaultConversationId(agent.id)
    const found = await during(accident, () => store.getConversationWithAgent(world.scope, { id }))
    expect(found.agent).toEqual(agent)
  })

  it('stores once what is stored without a question before', async () => {
    const world = new World(store)
    const { scope } = world
    const block = world.newBlock()
    const stored = await during('commit', () =>
      store.createBlock(scope, { block, cause: world.cause }),
    )
    expect(await store.getBlock(scope, { id: block.id })).toEqual(stored)
    const archive = world.newArchive()
    const at = world.at()
    const made = await during('commit', () => store.createArchive(scope, { archive, at }))
    expect(await store.getArchive(scope, { id: archive.id })).toEqual(made)
    const job = sampleJob({ id: world.id('job'), tenantId: scope.tenantId })
    await during('commit', () => store.enqueueJob(scope, { job }))
    expect(await store.getJob(scope, { id: job.id })).toEqual(job)
  })

  async function begin(): Promise<{ world: World } & Awaited<ReturnType<World['start']>>> {
    const world = new World(store)
    return { world, ...(await world.start(await world.agent(), 'go')) }
  }

  /** A turn with a tool; returns the places of its messages, the numbers of its events and how many of them there are. */
  async function turn(
    around: (call: () => Promise<CommitResult>) => Promise<CommitResult>,
  ): Promise<unknown> {
    const { world, lease, work } = await begin()
    const { scope } = world
    const step = world.stepCommit(lease, work, { tools: ['tool'] })
    const stepped = await around(() => store.commitStep(scope, step))
    const event = { type: 'message-stored', messageId: 'm', streamed: false } as const
    const tool = world.toolCommit(step, 0, { events: [event, event] })
    const tooled = await around(() => store.commitTool(scope, tool))
    const last = world.stepCommit(lease, await world.begin(lease))
    const ended = await around(() => store.commitStep(scope, last))
    const results = [stepped, tooled, ended]
    const rows = await queryRows(
      database.url,
      `SELECT count(*)::int AS count FROM events WHERE run_id = '${work.run.id}'`,
    )
    return {
      positions: results.map(({ item }) => item?.position),
      numbers: results.flatMap(({ events }) => events.map(({ sequence }) => sequence)),
      released: results.map(({ released }) => released),
      rows: rows[0]?.['count'],
    }
  }
})
