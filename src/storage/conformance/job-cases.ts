import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { EndJob } from '../../domain/consolidation.ts'
import type { Job } from '../../domain/job.ts'
import { systemScope } from '../../domain/scope.ts'
import type { JobClaimRequest, JobCounts, JobLane } from '../contract/job-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { sampleJob } from './samples.ts'
import { World } from './world.ts'

/** What engines do with the durable queue. */
export const jobCases: readonly ConformanceCase[] = [
  {
    name: 'enqueueJob() stores a job as it is given, once',
    async run(world) {
      const job = newJob(world)
      expect(await world.store.enqueueJob(world.scope, { job })).toEqual(job)
      expect(await world.store.getJob(world.scope, { id: job.id })).toEqual(job)
      await expectRefused(world.store.enqueueJob(world.scope, { job }), 'conflict')
      await expectRefused(world.store.getJob(world.scope, { id: world.id('job') }), 'not_found')
    },
  },
  {
    name: 'the end of a turn stores its jobs when the number of turns says so, and a run that waits none',
    async run(world) {
      const agent = await world.agent()
      const stored: string[][] = []
      for (let turn = 0; turn < 5; turn += 1) {
        const { lease, work } = await world.start(agent, 'go')
        const jobs: EndJob[] = [2, 3].map((every) => ({
          every,
          job: newJob(world, { kind: `every ${every}`, lane: agent.id }),
        }))
        const first = newJob(world, { kind: 'first', lane: agent.id })
        jobs.push({ every: 4, after: 1, job: first })
        await world.store.endTurn(world.scope, { lease, end: world.end(work, { jobs }) })
        await world.store.releaseLease(world.scope, { lease })
        const found = await Promise.allSettled(
          jobs.map(({ job }) => world.store.getJob(world.scope, { id: job.id })),
        )
        stored.push(
          found.flatMap((result) => (result.status === 'fulfilled' ? [result.value.kind] : [])),
        )
      }
      expect(stored).toEqual([['first'], ['every 2'], ['every 3'], ['every 2'], ['first']])
      const { lease, work } = await world.start(agent, 'may I?')
      const job = newJob(world, { lane: agent.id })
      const wait = { kind: 'approval', messageId: world.id('message'), callIds: ['c'] } as const
      const end = world.end(work, { waitingFor: wait, jobs: [{ job, every: 1 }] })
      await world.store.endTurn(world.scope, { lease, end })
      await expectRefused(world.store.getJob(world.scope, { id: job.id }), 'not_found')
    },
  },
  {
    name: 'listJobs() lists the newest first and filters',
    async run(world) {
      const jobs = [newJob(world), newJob(world, { kind: 'b' }), newJob(world, { state: 'dead' })]
      for (const job of jobs) await world.store.enqueueJob(world.scope, { job })
      const [one, two, three] = jobs
      const list = async (query: object): Promise<readonly Job[]> =>
        await world.store.listJobs(world.scope, { limit: 9, ...query })
      expect(await list({})).toEqual([three, two, one])
      expect(await list({ kinds: ['b'] })).toEqual([two])
      expect(await list({ states: ['dead'] })).toEqual([three])
      expect(await list({ limit: 1 })).toEqual([three])
      expect(await list({ after: three?.id, limit: 1 })).toEqual([two])
      expect(await list({ after: one?.id })).toEqual([])
      await expectRefused(list({ after: world.id('job') }), 'not_found')
    },
  },
  {
    name: 'claimJobs() takes what is due, oldest first, and never the same for two owners',
    async run(world) {
      const kind = randomUUID()
      const jobs = [3000, 1000, 2000, 9000].map((runAt) => newJob(world, { kind, runAt }))
      const other = newJob(world)
      for (const job of [...jobs, other]) await world.store.enqueueJob(world.scope, { job })
      const claims = await Promise.all(
        ['one', 'two', 'three'].map((owner) => claim(world, kind, { owner, limit: 2 })),
      )
      const claimed = claims.flat()
      expect(claimed).toHaveLength(3)
      expect(new Set(claimed.map(({ id }) => id)).size).toBe(3)
      expect(new Set(claims.map((list) => list.length))).toEqual(new Set([0, 1, 2]))
      const first = claims.find((list) => list.length === 2)
      expect(first?.map(({ runAt }) => runAt)).toEqual([1000, 2000])
      expect(first?.[0]).toMatchObject({
        tenantId: world.scope.tenantId,
        state: 'running',
        attempts: 1,
        fence: 1,
        leaseUntil: 6000,
      })
      expect(await claim(world, kind, { owner: 'four' })).toEqual([])
    },
  },
  {
    name: 'claimJobs() takes over an expired lease; the old owner cannot finish any more',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      const job = newJob(world, { kind })
      await store.enqueueJob(scope, { job })
      const [old] = await claim(world, kind, { owner: 'one', leaseUntil: 5500 })
      const [taken] = await claim(world, kind, { owner: 'two', at: 5500 })
      expect(taken).toMatchObject({ id: job.id, owner: 'two', attempts: 2, fence: 2 })
      const stale = { id: job.id, fence: old?.fence ?? 0, at: world.at() }
      await expectRefused(
        store.completeJob(scope, { ...stale, result: {}, again: null }),
        'lease_lost',
      )
      const failure = { ...stale, error: 'x', retryAt: 1, giveUp: false }
      await expectRefused(store.failJob(scope, failure), 'lease_lost')
      const fence = taken?.fence ?? 0
      await store.completeJob(scope, { ...stale, fence, result: { ok: true }, again: null })
      const done = await store.getJob(scope, { id: job.id })
      expect(done).toMatchObject({ state: 'done', owner: null, leaseUntil: null })
      await expectRefused(
        store.completeJob(scope, { ...stale, fence, result: {}, again: null }),
        'lease_lost',
      )
      expect(await claim(world, kind, { owner: 'three', at: 99_999 })).toEqual([])
    },
  },
  {
    name: 'failJob() gives a job back until its attempts are used up',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      const job = newJob(world, { kind, maxAttempts: 2 })
      await store.enqueueJob(scope, { job })
      const [first] = await claim(world, kind, { owner: 'one' })
      const failure = { id: job.id, error: 'broken', retryAt: 7000, giveUp: false, at: world.at() }
      const again = await store.failJob(scope, { ...failure, fence: first?.fence ?? 0 })
      expect(again).toMatchObject({ state: 'ready', runAt: 7000, lastError: 'broken', owner: null })
      expect(await claim(world, kind, { owner: 'one', at: 6999 })).toEqual([])
      const [second] = await claim(world, kind, { owner: 'one', at: 7000 })
      const dead = await store.failJob(scope, { ...failure, fence: second?.fence ?? 0 })
      expect(dead).toMatchObject({ state: 'dead', attempts: 2 })
      expect(await claim(world, kind, { owner: 'one', at: 99_999 })).toEqual([])
      const unknown = { ...failure, id: world.id('job'), fence: 1 }
      await expectRefused(store.failJob(scope, unknown), 'not_found')
    },
  },
  {
    name: 'claimJobs() gives no lane and no tenant a second job before the others have their first',
    async run(world) {
      const kind = randomUUID()
      const other = new World(world.store)
      const backlog = Array.from({ length: 6 }, () => newJob(world, { kind, lane: 'busy' }))
      const late = newJob(world, { kind, lane: 'quiet', runAt: 2000 })
      for (const job of [...backlog, late]) await world.store.enqueueJob(world.scope, { job })
      const foreign = newJob(other, { kind, lane: 'busy', runAt: 3000 })
      await other.store.enqueueJob(other.scope, { job: foreign })
      const jobs = await claimAll(world, { kinds: [kind], limit: 3 })
      const first = backlog.toSorted((a, b) => a.createdAt - b.createdAt)[0]
      expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set([first?.id, late.id, foreign.id]))
      const next = await claimAll(world, { kinds: [kind], limit: 99, perTenant: 4 })
      expect(next.map(({ lane }) => lane)).toEqual(['busy', 'busy'])
      expect(await claimAll(world, { kinds: [kind], perTenant: 4 })).toEqual([])
    },
  },
  {
    name: 'claimJobs() serves lanes by turns when it takes one job at a time',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      const { tenantId } = scope
      for (const lane of ['a', 'a', 'a', 'b', 'c']) {
        await store.enqueueJob(scope, { job: newJob(world, { kind, lane }) })
      }
      const order: string[] = []
      let served: readonly JobLane[] = []
      for (let round = 0; round < 5; round += 1) {
        const jobs = await claimAll(world, { kinds: [kind], limit: 1, served })
        const [job] = jobs
        if (job === undefined) break
        order.push(job.lane)
        served = [{ tenantId, lane: job.lane }]
        await store.completeJob(scope, { ...job, result: {}, again: null, at: 5000 })
      }
      expect(order.join('')).toBe('abcaa')
    },
  },
  {
    name: 'nextJobAt() tells when it is worth claiming; completeJob() can have a job done again',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      const next = async (): Promise<number | null> =>
        await store.nextJobAt(systemScope, { kinds: [kind] })
      expect(await next()).toBe(null)
      for (const runAt of [1000, 9000, 8000]) {
        await store.enqueueJob(scope, { job: newJob(world, { kind, runAt }) })
      }
      expect(await next()).toBe(1000)
      const [job] = await claim(world, kind, { owner: 'one' })
      if (job === undefined) throw new Error('no job was claimed')
      expect(await next()).toBe(6000)
      await store.completeJob(scope, { ...job, result: {}, again: 7000, at: 5000 })
      expect(await next()).toBe(7000)
      const again = await store.getJob(scope, { id: job.id })
      expect(again).toMatchObject({ state: 'ready', attempts: 0, runAt: 7000, owner: null })
      expect(await claim(world, kind, { owner: 'two', at: 8000, limit: 1 })).toHaveLength(1)
      expect(await next()).toBe(6000)
    },
  },
  {
    name: 'claimJobs() gives up a job whose process ended during its last attempt',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      const job = newJob(world, { kind, maxAttempts: 1 })
      await store.enqueueJob(scope, { job })
      await claimAll(world, { kinds: [kind] })
      expect(await claimAll(world, { kinds: [kind], at: 6000 })).toEqual([])
      const dead = await store.getJob(scope, { id: job.id })
      expect(dead).toMatchObject({ state: 'dead', owner: null })
      expect(dead.lastError).toContain('The process that ran it ended')
    },
  },
  {
    name: 'renewJob() keeps a job, releaseJob() gives it back without counting the attempt',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      await store.enqueueJob(scope, { job: newJob(world, { kind }) })
      const [job] = await claim(world, kind, { owner: 'one' })
      if (job === undefined) throw new Error('no job was claimed')
      const { id, fence } = job
      await store.renewJob(scope, { id, fence, leaseUntil: 8000, at: 5500 })
      expect(await claim(world, kind, { owner: 'two', at: 7999 })).toEqual([])
      const stale = { id, fence: fence + 1 }
      const late = { ...stale, leaseUntil: 9, at: 5 }
      await expectRefused(store.renewJob(scope, late), 'lease_lost')
      await expectRefused(store.releaseJob(scope, { ...stale, at: 5 }), 'lease_lost')
      await store.releaseJob(scope, { id, fence, at: 5600 })
      const [again] = await claim(world, kind, { owner: 'two', at: 5600, leaseUntil: 9000 })
      expect(again).toMatchObject({ id, owner: 'two', attempts: 1, fence: fence + 1 })
    },
  },
  {
    name: 'failJob() gives up at once when it is told to; retryJob() makes the job ready again',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      await store.enqueueJob(scope, { job: newJob(world, { kind }) })
      const [job] = await claim(world, kind, { owner: 'one' })
      if (job === undefined) throw new Error('no job was claimed')
      const { id, fence } = job
      await expectRefused(store.retryJob(scope, { id, at: 5 }), 'conflict')
      const failure = { id, fence, error: 'refused', retryAt: 9, giveUp: true, at: 5 }
      expect(await store.failJob(scope, failure)).toMatchObject({ state: 'dead', attempts: 1 })
      const ready = await store.retryJob(scope, { id, at: 5000 })
      expect(ready).toMatchObject({ state: 'ready', attempts: 0, lastError: 'refused' })
      expect(await claim(world, kind, { owner: 'two' })).toHaveLength(1)
    },
  },
  {
    name: 'wakeJob() makes a job due that waits, is done or was given up, and leaves one alone that runs',
    async run(world) {
      const { store, scope } = world
      const kind = randomUUID()
      const runAt = Date.now() + 3_600_000
      const waits = newJob(world, { kind, runAt, attempts: 2 })
      const ended = (['done', 'dead'] as const).map((state) =>
        newJob(world, { kind, state, runAt }),
      )
      const all = [waits, ...ended]
      for (const job of all) await store.enqueueJob(scope, { job })
      expect(await claim(world, kind, { owner: 'one' })).toEqual([])
      for (const { id } of all) await store.wakeJob(scope, { id, at: 5000 })
      const claimed = await claim(world, kind, { owner: 'one' })
      expect(new Set(claimed.map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)))
      expect(claimed.map(({ attempts }) => attempts)).toEqual([1, 1, 1])
      const [running] = claimed
      if (running === undefined) throw new Error('no job was claimed')
      const { id, fence } = running
      await store.wakeJob(scope, { id, at: 6000 })
      expect(await store.getJob(scope, { id })).toEqual(running)
      await store.completeJob(scope, { id, fence, result: {}, again: null, at: 7000 })
      const unknown = store.wakeJob(scope, { id: world.id('job'), at: 1 })
      await expectRefused(unknown, 'not_found')
    },
  },
  {
    name: 'deleteJob() removes a dead job and no other',
    async run(world) {
      const { store, scope } = world
      const jobs = (['ready', 'done', 'dead', 'dead'] as const).map((state) =>
        newJob(world, { state }),
      )
      for (const job of jobs) await store.enqueueJob(scope, { job })
      const [ready, done, dead, other] = jobs.map(({ id }) => id)
      for (const id of [ready ?? '', done ?? '']) {
        await expectRefused(store.deleteJob(scope, { id }), 'conflict')
      }
      await store.deleteJob(scope, { id: dead ?? '' })
      await expectRefused(store.deleteJob(scope, { id: dead ?? '' }), 'not_found')
      const left = await store.listJobs(scope, { limit: 9 })
      expect(new Set(left.map(({ id }) => id))).toEqual(new Set([ready, done, other]))
    },
  },
  {
    name: 'claimJobs() lets a backlog delay nobody: the next claim of one takes what came last of another',
    async run(world) {
      const { store } = world
      const kind = randomUUID()
      const other = new World(store)
      for (let count = 0; count < 40; count += 1) {
        await store.enqueueJob(world.scope, { job: newJob(world, { kind, lane: 'busy' }) })
      }
      const [busy] = await claimAll(world, { kinds: [kind], limit: 1 })
      const quiet = newJob(world, { kind, lane: 'quiet', runAt: 4000 })
      const foreign = newJob(other, { kind, lane: 'busy', runAt: 4500 })
      await store.enqueueJob(world.scope, { job: quiet })
      await other.store.enqueueJob(other.scope, { job: foreign })
      const served = [{ tenantId: world.scope.tenantId, lane: 'busy' }]
      const taken: (string | undefined)[] = []
      for (let round = 0; round < 2; round += 1) {
        const [job] = await claimAll(world, { kinds: [kind], limit: 1, served })
        taken.push(job?.id)
      }
      expect(busy).toMatchObject({ lane: 'busy' })
      expect(taken).toEqual([foreign.id, quiet.id])
    },
  },
  {
    name: 'countJobs() tells how the queue stands, some kinds left out',
    async run(world) {
      const { store, scope } = world
      const count = async (exceptKinds: string[], at: number): Promise<JobCounts> =>
        await store.countJobs(systemScope, { exceptKinds, at })
      const kind = randomUUID()
      const before = await count([], 5000)
      for (const given of [{ runAt: -5 }, { runAt: 6000 }, { state: 'dead' }] as const) {
        await store.enqueueJob(scope, { job: newJob(world, { kind, ...given }) })
      }
      expect(await count([kind], 5000)).toEqual(before)
      expect(await count([], 5000)).toEqual({
        due: before.due + 1,
        upcoming: before.upcoming + 1,
        running: before.running,
        dead: before.dead + 1,
        oldestDueAt: -5,
      })
      await claim(world, kind, { owner: 'one', at: 5000 })
      expect((await count([], 5000)).running).toBe(before.running + 1)
    },
  },
  {
    name: 'pruneJobs() removes what has long been done, nothing else; listTenants() knows the tenant',
    async run(world) {
      const { store, scope } = world
      const old = { updatedAt: 10 }
      const jobs = [
        newJob(world, { ...old, state: 'done' }),
        newJob(world, { ...old, state: 'done' }),
        newJob(world, { ...old, state: 'dead' }),
        newJob(world, old),
        newJob(world, { updatedAt: 20, state: 'done' }),
      ]
      for (const job of jobs) await store.enqueueJob(scope, { job })
      expect(await store.pruneJobs(scope, { endedBefore: 20, limit: 1 })).toBe(1)
      expect(await store.pruneJobs(scope, { endedBefore: 20, limit: 9 })).toBe(1)
      const left = await store.listJobs(scope, { limit: 9 })
      expect(new Set(left.map(({ id }) => id))).toEqual(new Set(jobs.slice(2).map(({ id }) => id)))
      await world.agent()
      expect(await store.listTenants(systemScope)).toContain(scope.tenantId)
    },
  },
]

function newJob(world: World, given: Partial<Job> = {}): Job {
  const at = world.at()
  const ids = { id: world.id('job'), tenantId: world.scope.tenantId }
  return sampleJob({ ...ids, createdAt: at, updatedAt: at, ...given })
}

async function claim(
  world: World,
  kind: string,
  given: { owner: string; at?: number; leaseUntil?: number; limit?: number },
): Promise<readonly Job[]> {
  return await claimAll(world, { kinds: [kind], ...given })
}

async function claimAll(
  world: World,
  given: Partial<JobClaimRequest> & Pick<JobClaimRequest, 'kinds'>,
): Promise<readonly Job[]> {
  return await world.store.claimJobs(systemScope, {
    owner: 'one',
    at: 5000,
    leaseUntil: 6000,
    limit: 9,
    perTenant: 99,
    served: [],
    ...given,
  })
}
