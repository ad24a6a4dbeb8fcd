import { expect, it, onTestFinished } from 'vitest'
import { newJob, type Job } from '../domain/job.ts'
import { defaultScope, defaultTenantId } from '../domain/scope.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { JobGivenUp, type JobKind } from './job-kind.ts'
import { defaultJobSettings, JobWorker, type JobSettings } from './job-worker.ts'

/** Long enough for whatever is due now to be begun and done. */
const moment = 100

async function setUp(run: JobKind['run'], settings: Partial<JobSettings> = {}) {
  const test = await createTestApp()
  const { store, clock, ids, logger } = test.app
  const worker = new JobWorker({
    store,
    clock,
    logger,
    kinds: [{ name: 'test', run }],
    settings: { ...defaultJobSettings, ...settings },
  })
  onTestFinished(async () => {
    await worker.stop({ deadlineMs: 0 })
    await test[Symbol.asyncDispose]()
  })
  const enqueue = async (given: Partial<Job> = {}): Promise<Job> =>
    await store.enqueueJob(defaultScope, {
      job: {
        ...newJob({
          id: `job-${ids.uuid()}`,
          tenantId: defaultTenantId,
          lane: '',
          kind: 'test',
          payload: {},
          maxAttempts: 3,
          at: clock.now(),
        }),
        ...given,
      },
    })
  const read = async ({ id }: Job): Promise<Job> => await store.getJob(defaultScope, { id })
  return { test, worker, clock: test.clock, enqueue, read }
}

const done = { result: {}, again: null }

it('JobWorker does a job at its time, and one that is stored while it waits', async () => {
  const ran: string[] = []
  const { worker, clock, enqueue, read } = await setUp(async ({ id }) => {
    ran.push(id)
    return done
  })
  const late = await enqueue({ runAt: clock.now() + 60_000 })
  worker.start()
  await clock.advance(moment)
  expect(ran).toEqual([])
  const now = await enqueue()
  await clock.advance(moment)
  expect(ran).toEqual([now.id])
  await clock.advance(60_000)
  expect(ran).toEqual([now.id, late.id])
  expect(await read(late)).toMatchObject({ state: 'done', attempts: 1 })
})

it('JobWorker tries a job again with growing pauses and gives it up after its last attempt', async () => {
  const at: number[] = []
  const { worker, clock, enqueue, read } = await setUp(async () => {
    at.push(clock.now())
    throw new Error('The disk of the receiver is full.')
  })
  const job = await enqueue()
  worker.start()
  await clock.advance(10_000)
  const [first = 0, ...later] = at
  expect(later.map((time) => Math.floor((time - first) / 1000))).toEqual([1, 3])
  expect(await read(job)).toMatchObject({
    state: 'dead',
    attempts: 3,
    lastError: 'The disk of the receiver is full.',
  })
  expect((await worker.health()).dead).toBe(1)
})

it('JobWorker gives a job up at once when trying again is no use', async () => {
  const { worker, clock, enqueue, read } = await setUp(() =>
    Promise.reject(new JobGivenUp('Gone.')),
  )
  const job = await enqueue()
  worker.start()
  await clock.advance(moment)
  expect(await read(job)).toMatchObject({ state: 'dead', attempts: 1, lastError: 'Gone.' })
})

it('JobWorker does a job again when the job says so', async () => {
  const at: number[] = []
  const { worker, clock, enqueue } = await setUp(async () => {
    at.push(clock.now())
    return { result: {}, again: clock.now() + 60_000 }
  })
  await enqueue()
  worker.start()
  await clock.advance(179_000)
  expect(at).toHaveLength(3)
})

it('JobWorker keeps the lease of a long job, so that nobody else begins it', async () => {
  let begun = 0
  const { worker, clock, enqueue, read } = await setUp(async () => {
    begun += 1
    await clock.sleep(120_000)
    return done
  })
  const job = await enqueue()
  worker.start()
  await clock.advance(119_000)
  expect(await read(job)).toMatchObject({ state: 'running', attempts: 1 })
  await clock.advance(2000)
  expect(await read(job)).toMatchObject({ state: 'done' })
  expect(begun).toBe(1)
})

it('JobWorker runs no more than its limits, and lets nobody wait for the backlog of another', async () => {
  const running = new Set<string>()
  const order: string[] = []
  let most = 0
  const { worker, clock, enqueue } = await setUp(
    async ({ id, lane }) => {
      order.push(lane)
      running.add(id)
      most = Math.max(most, running.size)
      await clock.sleep(1000)
      running.delete(id)
      return done
    },
    { concurrentJobs: 4, perTenant: 2 },
  )
  for (let count = 0; count < 20; count += 1) await enqueue({ lane: 'busy' })
  for (const lane of ['one', 'two']) await enqueue({ lane })
  worker.start()
  await clock.advance(30_000)
  expect(order).toHaveLength(22)
  expect(most).toBe(2)
  expect(new Set(order.slice(0, 4))).toEqual(new Set(['busy', 'one', 'two']))
})

it('JobWorker.stop() lets jobs finish, gives back those that take too long, and begins none', async () => {
  const { worker, clock, enqueue, read } = await setUp(async ({ lane }, signal) => {
    await clock.sleep(lane === 'short' ? 1000 : 600_000, { signal })
    return done
  })
  const [short, long] = [await enqueue({ lane: 'short' }), await enqueue({ lane: 'long' })]
  worker.start()
  await clock.advance(moment)
  const stopped = worker.stop({ deadlineMs: 5000 })
  const late = await enqueue()
  await clock.advance(5000)
  await stopped
  expect(await read(short)).toMatchObject({ state: 'done' })
  expect(await read(long)).toMatchObject({ state: 'ready', attempts: 0, owner: null })
  expect(await read(late)).toMatchObject({ state: 'ready', attempts: 0 })
})

it('JobWorker.health() says when due jobs are not done for too long, and not before', async () => {
  const { worker, clock, enqueue } = await setUp(
    async (_job, signal) => {
      await clock.sleep(3_600_000, { signal })
      return done
    },
    { concurrentJobs: 1, stuckAfterMs: 60_000 },
  )
  await enqueue({ runAt: 0 })
  await enqueue({ runAt: 0 })
  expect(await worker.health()).toMatchObject({ due: 2, problem: null })
  worker.start()
  await clock.advance(60_000)
  expect(await worker.health()).toMatchObject({ running: 1, due: 1, problem: null })
  await clock.advance(60_000)
  expect((await worker.health()).problem).toBe(
    'Cannot get on with the background jobs: the oldest of 1 due ones has waited for 2 minutes. ' +
      'Look at the log for what fails, and start the server again.',
  )
})
