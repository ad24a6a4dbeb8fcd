import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Job } from '../../domain/job.ts'
import { systemScope } from '../../domain/scope.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { sampleJob } from './samples.ts'
import type { World } from './world.ts'

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
      await expectRefused(store.completeJob(scope, { ...stale, result: {} }), 'lease_lost')
      const failure = { ...stale, error: 'x', retryAt: 1 }
      await expectRefused(store.failJob(scope, failure), 'lease_lost')
      const fence = taken?.fence ?? 0
      await store.completeJob(scope, { ...stale, fence, result: { ok: true } })
      const done = await store.getJob(scope, { id: job.id })
      expect(done).toMatchObject({ state: 'done', owner: null, leaseUntil: null })
      await expectRefused(store.completeJob(scope, { ...stale, fence, result: {} }), 'lease_lost')
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
      const failure = { id: job.id, error: 'broken', retryAt: 7000, at: world.at() }
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
  const input = { kinds: [kind], at: 5000, leaseUntil: 6000, limit: 9, ...given }
  return await world.store.claimJobs(systemScope, input)
}
