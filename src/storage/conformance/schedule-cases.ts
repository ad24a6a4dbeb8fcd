import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { Schedule } from '../../domain/schedule.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { sampleJob, sampleSchedule } from './samples.ts'
import type { World } from './world.ts'

/** What engines do with schedules and callbacks. */
export const scheduleCases: readonly ConformanceCase[] = [
  {
    name: 'createSchedule() stores a schedule as it is given, with its job',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const schedule = newSchedule(world, agent)
      const job = sampleJob({ id: world.id('job'), tenantId: scope.tenantId })
      expect(await store.createSchedule(scope, { schedule, job })).toEqual(schedule)
      expect(await store.getSchedule(scope, { id: schedule.id })).toEqual(schedule)
      expect(await store.getJob(scope, { id: job.id })).toEqual(job)
      await expectRefused(store.createSchedule(scope, { schedule, job: null }), 'conflict')
      const nowhere = { ...schedule, conversationId: world.id('conversation') }
      await expectRefused(
        store.createSchedule(scope, { schedule: nowhere, job: null }),
        'not_found',
      )
      await expectRefused(store.getSchedule(scope, { id: world.id('schedule') }), 'not_found')
    },
  },
  {
    name: 'listSchedules() lists by creation and filters',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [await world.agent(), await world.agent()]
      const conversation = await world.conversation(one)
      const all: Schedule[] = []
      for (const [agent, given] of [
        [one, {}],
        [one, { conversationId: conversation.id, state: 'paused', nextAt: null }],
        [two, {}],
      ] as const) {
        const schedule = newSchedule(world, agent, given)
        all.push(await store.createSchedule(scope, { schedule, job: null }))
      }
      const list = async (filter: object): Promise<readonly Schedule[]> =>
        await store.listSchedules(scope, { page: { limit: 9, order: 'asc' }, ...filter })
      expect(await list({})).toEqual(all)
      expect(await list({ agentId: one.id })).toEqual(all.slice(0, 2))
      expect(await list({ conversationId: conversation.id })).toEqual(all.slice(1, 2))
      expect(await list({ states: ['paused'] })).toEqual(all.slice(1, 2))
      const page = { limit: 1, order: 'desc', after: all[2]?.id } as const
      expect(await list({ page })).toEqual(all.slice(1, 2))
    },
  },
  {
    name: 'updateSchedule() changes what is as the caller saw it, with a job, and nothing else',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const schedule = newSchedule(world, agent)
      await store.createSchedule(scope, { schedule, job: null })
      const job = sampleJob({ id: world.id('job'), tenantId: scope.tenantId })
      const fired = { nextAt: 120_000, lastDueAt: 60_000, lastRunId: 'run-1', firedCount: 1 }
      const change = { id: schedule.id, seen: schedule, set: fired, job, at: 60_001 }
      const changed = await store.updateSchedule(scope, change)
      expect(changed).toEqual({ ...schedule, ...fired, updatedAt: 60_001 })
      expect(await store.getJob(scope, { id: job.id })).toEqual(job)
      const again = { ...change, job: { ...job, id: world.id('job') } }
      await expectRefused(store.updateSchedule(scope, again), 'conflict')
      await expectRefused(store.getJob(scope, { id: again.job.id }), 'not_found')
      const paused = { state: 'paused', nextAt: null } as const
      await store.updateSchedule(scope, { ...again, seen: changed, set: paused, job: null })
      await expectRefused(store.updateSchedule(scope, { ...again, seen: changed }), 'conflict')
      expect(await store.getSchedule(scope, { id: schedule.id })).toMatchObject(paused)
    },
  },
  {
    name: 'deleteSchedule() removes it; so does the end of its conversation',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversation = await world.conversation(agent)
      const one = newSchedule(world, agent)
      const two = newSchedule(world, agent, { conversationId: conversation.id })
      for (const schedule of [one, two]) await store.createSchedule(scope, { schedule, job: null })
      await store.deleteSchedule(scope, { id: one.id })
      await expectRefused(store.deleteSchedule(scope, { id: one.id }), 'not_found')
      await store.deleteConversation(scope, { id: conversation.id })
      await expectRefused(store.getSchedule(scope, { id: two.id }), 'not_found')
    },
  },
  {
    name: 'the end of a run with a callback URL stores the job that calls it, in the same transaction',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'hello')
      expect(await store.listJobs(scope, { kinds: ['callback'], limit: 9 })).toEqual([])
      const end = world.end(work)
      await store.endTurn(scope, { lease, end })
      const [job, ...more] = await store.listJobs(scope, { kinds: ['callback'], limit: 9 })
      expect(more).toEqual([])
      expect(job).toMatchObject({
        state: 'ready',
        lane: agent.id,
        runAt: end.at,
        payload: { run_id: work.run.id },
      })
    },
  },
  {
    name: 'a run without a callback URL stores no job at its end',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const input = world.input(agent, 'hello')
      await store.acceptInput(scope, { ...input, run: { ...input.run, callbackUrl: null } })
      const lease = await world.claim(defaultConversationId(agent.id))
      const work = await world.begin(lease)
      await store.endTurn(scope, { lease, end: world.end(work) })
      expect(await store.listJobs(scope, { limit: 9 })).toEqual([])
    },
  },
  {
    name: 'recordCallback() writes down what became of a callback',
    async run(world) {
      const { store, scope } = world
      const { run } = await world.say(await world.agent(), 'hello')
      const told = { runId: run.id, sentAt: 7, statusCode: 503, error: 'unavailable' }
      await store.recordCallback(scope, told)
      expect(await store.getRun(scope, { id: run.id })).toEqual({
        ...run,
        callbackSentAt: 7,
        callbackStatusCode: 503,
        callbackError: 'unavailable',
      })
      await expectRefused(
        store.recordCallback(scope, { ...told, runId: world.id('run') }),
        'not_found',
      )
    },
  },
]

function newSchedule(world: World, agent: Agent, given: Partial<Schedule> = {}): Schedule {
  const conversationId = defaultConversationId(agent.id)
  return sampleSchedule({ id: world.id('schedule'), agentId: agent.id, conversationId, ...given })
}
