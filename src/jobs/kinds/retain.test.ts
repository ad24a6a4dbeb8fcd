import { expect, it } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

const day = 24 * 60 * 60_000

it('removes the events of runs that ended long ago, again and again, and nothing else', async () => {
  await using test = await createTestApp({
    script: [{ text: 'One.' }, { text: 'Two.' }],
    settings: { keepEventsMs: 2 * day },
    jobSettings: { lookEveryMs: day },
  })
  const { app, clock } = test
  const events = async (runId: string): Promise<number> =>
    (await app.store.listEvents(defaultScope, { runId, after: 0, limit: 99 })).length
  const agent = await test.createAgent()
  const first = await test.say(agent, 'First.')
  await test.frames(first.run.id)
  app.jobs.start()
  await clock.advance(day)
  const second = await test.say(agent, 'Second.')
  await test.frames(second.run.id)
  expect(await events(first.run.id)).toBeGreaterThan(0)
  await clock.advance(day + 2 * 60 * 60_000)
  expect(await events(first.run.id)).toBe(0)
  const jobs = await app.store.listJobs(defaultScope, { kinds: ['retention'], limit: 9 })
  expect(jobs).toMatchObject([{ result: { passages: 0, waiting: 0, busy: 0, next: null } }])
  expect(await events(second.run.id)).toBeGreaterThan(0)
  expect((await app.store.getRun(defaultScope, { id: first.run.id })).status).toBe('completed')
})

it('begins with the first tenant, also where the server was there before', async () => {
  await using test = await createTestApp()
  const jobs = async (): Promise<number> =>
    (await test.app.store.listJobs(defaultScope, { kinds: ['retention'], limit: 9 })).length
  test.app.jobs.start()
  await test.clock.advance(1000)
  await test.createAgent()
  expect(await jobs()).toBe(0)
  await test.clock.advance(60 * 60_000)
  expect(await jobs()).toBe(1)
})

it('begins at once where an archive is to be kept for a time', async () => {
  await using test = await createTestApp()
  test.app.jobs.start()
  await test.clock.advance(1000)
  const agent = await test.createAgent()
  const draft = { text: 'heron', tags: [], metadata: {}, createdAt: null }
  const { archives } = test.app.services
  const [passage] = await archives.addPassages(defaultScope, { agentId: agent.id }, [draft])
  await archives.setRetention(defaultScope, passage?.archiveId ?? '', { days: 1, tags: {} })
  expect(
    await test.app.store.listJobs(defaultScope, { kinds: ['retention'], limit: 9 }),
  ).toHaveLength(1)
})
