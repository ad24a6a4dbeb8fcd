import { expect, it } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { MissedPolicy, Schedule, ScheduleTiming } from '../../domain/schedule.ts'
import { defaultScope } from '../../domain/scope.ts'
import { randomIds } from '../../util/id-source.ts'
import { createTestApp, type TestApp, type TestAppOptions } from '../../testing/create-test-app.ts'

const minute = 60_000
const answers = Array.from({ length: 9 }, () => ({ text: 'Done.' }))

async function schedule(
  test: TestApp,
  timing: ScheduleTiming,
  missed: MissedPolicy = 'once',
  given: Partial<Agent> = {},
): Promise<Schedule> {
  const agent = await test.createAgent(given)
  return await test.app.services.schedules.create(defaultScope, {
    conversationId: defaultConversationId(agent.id),
    timing,
    missed,
    input: {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Look.' }], name: null, senderId: null },
      ],
      maxSteps: null,
      callbackUrl: null,
      returnMessageTypes: null,
    },
  })
}

async function sentTexts(test: TestApp, { agentId }: Schedule): Promise<number> {
  const messages = await test.app.store.listMessages(defaultScope, {
    agentId,
    limit: 99,
    order: 'asc',
  })
  return messages.filter(({ role }) => role === 'user').length
}

const read = async (test: TestApp, { id }: Schedule): Promise<Schedule> =>
  await test.app.services.schedules.get(defaultScope, id)

async function open(options: TestAppOptions = {}): Promise<TestApp> {
  return await createTestApp({ script: answers, ...options })
}

it('fires at each of its times, in a turn like any other', async () => {
  await using test = await open()
  const given = await schedule(test, { type: 'every', milliseconds: minute })
  test.app.jobs.start()
  await test.clock.advance(3 * minute + 100)
  expect(await sentTexts(test, given)).toBe(3)
  const after = await read(test, given)
  expect(after).toMatchObject({ state: 'active', firedCount: 3, missedCount: 0, lastError: null })
  expect(after.nextAt).toBe((given.nextAt ?? 0) + 3 * minute)
  const run = await test.app.store.getRun(defaultScope, { id: after.lastRunId ?? '' })
  expect(run).toMatchObject({ status: 'completed', background: true })
  expect(run.metadata['run_type']).toBe('scheduled_message')
})

it('is finished after its only time', async () => {
  await using test = await open()
  const given = await schedule(test, { type: 'once', at: test.clock.now() + minute })
  test.app.jobs.start()
  await test.clock.advance(5 * minute)
  expect(await sentTexts(test, given)).toBe(1)
  expect(await read(test, given)).toMatchObject({ state: 'finished', nextAt: null })
})

it.each(['before', 'after'] as const)(
  'sends once when the process dies right %s the schedule moves on',
  async (when) => {
    await using test = await open()
    const { app } = test
    const given = await schedule(test, { type: 'every', milliseconds: minute })
    const broken = Object.assign(Object.create(app.store), {
      updateSchedule: async (...parameters: Parameters<typeof app.store.updateSchedule>) => {
        if (when === 'after') await app.store.updateSchedule(...parameters)
        throw new Error('killed')
      },
      completeJob: () => Promise.reject(new Error('killed')),
      failJob: () => Promise.reject(new Error('killed')),
    })
    await using dying = await createTestApp({
      store: broken,
      script: answers,
      clock: test.clock,
      ids: randomIds,
    })
    dying.app.jobs.start()
    await test.clock.advance(minute + 100)
    expect(await sentTexts(test, given)).toBe(1)
    await dying.app.jobs.stop({ deadlineMs: 0 })
    // Another process takes the job over when its lease has ended.
    app.jobs.start()
    await test.clock.advance(40_000)
    expect(await sentTexts(test, given)).toBe(1)
    expect(await read(test, given)).toMatchObject({ firedCount: 1, missedCount: 0 })
    await test.clock.advance(minute)
    expect(await sentTexts(test, given)).toBe(2)
  },
)

it.each<[MissedPolicy, number, number]>([
  ['skip', 0, 4],
  ['once', 1, 3],
  ['all', 4, 0],
])('with "%s" sends %s messages for four missed times', async (policy, sent, missed) => {
  await using test = await open()
  const given = await schedule(test, { type: 'every', milliseconds: 10 * minute }, policy)
  await test.clock.advance(45 * minute)
  test.app.jobs.start()
  await test.clock.advance(2000)
  expect(await sentTexts(test, given)).toBe(sent)
  expect(await read(test, given)).toMatchObject({
    firedCount: sent,
    missedCount: missed,
    nextAt: (given.nextAt ?? 0) + 40 * minute,
  })
})

it('does not fire while it is paused, and goes on from now when it is resumed', async () => {
  await using test = await open()
  const { schedules } = test.app.services
  const given = await schedule(test, { type: 'every', milliseconds: minute }, 'all')
  test.app.jobs.start()
  await schedules.pause(defaultScope, given.id)
  await test.clock.advance(10 * minute)
  expect(await sentTexts(test, given)).toBe(0)
  const resumed = await schedules.resume(defaultScope, given.id)
  expect(resumed.nextAt).toBe(test.clock.now() + minute)
  await test.clock.advance(minute + 100)
  expect(await sentTexts(test, given)).toBe(1)
})

it('does not send another message while the last one has not begun', async () => {
  const slow = { text: 'Done.', delayMs: 10 * minute }
  await using test = await open({ script: [slow, ...answers] })
  const given = await schedule(test, { type: 'every', milliseconds: minute })
  test.app.jobs.start()
  await test.clock.advance(6 * minute + 100)
  const after = await read(test, given)
  // The first is under way and the second waits for it.
  expect(after).toMatchObject({ firedCount: 2, missedCount: 4 })
  expect(after.lastError).toContain('has not begun yet')
  await test.clock.advance(6 * minute)
  expect(await read(test, given)).toMatchObject({ lastError: null })
})

it.each<[MissedPolicy, number, number]>([
  ['skip', 1, 3],
  ['once', 2, 2],
  ['all', 4, 0],
])(
  'with "%s" has sent %s messages when the conversation waited for an answer meanwhile',
  async (policy, sent, missed) => {
    const call = { name: 'archival_memory_search', arguments: { query: 'x' }, callId: 'call-1' }
    await using test = await open({ script: [{ toolCalls: [call] }, ...answers] })
    const toolRules = [{ type: 'requires_approval', tool_name: call.name }]
    const timing = { type: 'every', milliseconds: minute } as const
    const given = await schedule(test, timing, policy, { toolRules })
    test.app.jobs.start()
    await test.clock.advance(4 * minute + 100)
    expect(await read(test, given)).toMatchObject({ state: 'active', firedCount: 1 })
    expect((await read(test, given)).lastError).toContain('waits for an answer')
    const { lastRunId } = await read(test, given)
    await test.app.runtime.cancel(defaultScope, { runId: lastRunId ?? '' })
    await test.clock.advance(minute - 1000)
    expect(await read(test, given)).toMatchObject({ firedCount: sent, missedCount: missed })
  },
)

it('keeps the message of its only time until the conversation was answered', async () => {
  const call = { name: 'archival_memory_search', arguments: { query: 'x' }, callId: 'call-1' }
  await using test = await open({ script: [{ toolCalls: [call] }, ...answers] })
  const toolRules = [{ type: 'requires_approval', tool_name: call.name }]
  const timing = { type: 'once', at: test.clock.now() + minute } as const
  const given = await schedule(test, timing, 'once', { toolRules })
  const agent = await test.app.store.getAgent(defaultScope, { id: given.agentId })
  const { run } = await test.say(agent, 'Look it up.')
  test.app.jobs.start()
  await test.clock.advance(10 * minute)
  expect(await read(test, given)).toMatchObject({ state: 'active', firedCount: 0, missedCount: 0 })
  await test.app.runtime.cancel(defaultScope, { runId: run.id })
  await test.clock.advance(minute)
  expect(await read(test, given)).toMatchObject({
    state: 'finished',
    firedCount: 1,
    missedCount: 0,
    lastError: null,
  })
})

it('is gone with its conversation, and says why when the model cannot be used', async () => {
  await using test = await open()
  const given = await schedule(test, { type: 'every', milliseconds: minute })
  await test.app.store.updateAgent(defaultScope, {
    id: given.agentId,
    at: test.clock.now(),
    updatedById: 'user-1',
    set: { model: 'openai/unknown' },
  })
  test.app.jobs.start()
  await test.clock.advance(minute + 100)
  const refused = await read(test, given)
  expect(refused).toMatchObject({ state: 'active', firedCount: 0, missedCount: 1 })
  expect(refused.lastError).toContain('openai/unknown')
  await test.app.services.agents.delete(defaultScope, given.agentId)
  await test.clock.advance(2 * minute)
  await expect(read(test, given)).rejects.toMatchObject({ code: 'not_found' })
  expect(await test.app.store.listJobs(defaultScope, { kinds: ['schedule'], limit: 9 })).toEqual([])
})

it('keeps no fresh message waiting, however many are due in one moment', async () => {
  const script = Array.from({ length: 13 }, () => ({ delayMs: 10_000, text: 'Done.' }))
  await using test = await open({ script, runtimeSettings: { concurrentTurns: 4 } })
  const at = test.clock.now() + minute
  const due: Schedule[] = []
  for (let index = 0; index < 12; index += 1) {
    due.push(await schedule(test, { type: 'once', at }))
  }
  const agent = await test.createAgent()
  test.app.jobs.start()
  await test.clock.advance(minute + 5000)
  expect(test.model.requests).toHaveLength(3)
  const { run } = await test.say(agent, 'Just now.')
  await test.clock.advance(0)
  expect(test.model.requests).toHaveLength(4)
  expect(JSON.stringify(test.model.requests.at(-1)?.messages)).toContain('Just now.')
  await test.clock.advance(minute)
  expect((await test.app.store.getRun(defaultScope, { id: run.id })).status).toBe('completed')
  expect(await Promise.all(due.map((each) => sentTexts(test, each)))).toEqual(due.map(() => 1))
  expect(test.model.requests).toHaveLength(13)
})
