import { expect } from 'vitest'
import type { Run } from '../../domain/run.ts'
import type { RunFilter } from '../contract/run-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { emptyUsage, type World } from './world.ts'

/** What engines do when runs and steps are read. */
export const runCases: readonly ConformanceCase[] = [
  {
    name: 'getRun(), getTurn() and getStep() do not find what is not there',
    async run(world) {
      const { store, scope } = world
      await expectRefused(store.getRun(scope, { id: world.id('run') }), 'not_found')
      await expectRefused(store.getTurn(scope, { id: world.id('turn') }), 'not_found')
      await expectRefused(store.getStep(scope, { id: world.id('step') }), 'not_found')
    },
  },
  {
    name: 'listRuns() filters',
    async run(world) {
      const [one, two] = [await world.agent(), await world.agent()]
      await world.exchange(one, 'a')
      const open = await world.say(one, 'b')
      const input = world.input(two, 'c')
      const background = await world.store.acceptInput(world.scope, {
        ...input,
        run: { ...input.run, background: true },
      })
      const all = await list(world, {})
      expect(all).toHaveLength(3)
      const cases: readonly (readonly [RunFilter, readonly (Run | undefined)[]])[] = [
        [{ agentIds: [one.id] }, all.slice(0, 2)],
        [{ agentIds: [one.id, two.id] }, all],
        [{ agentIds: [] }, []],
        [{ conversationId: open.run.conversationId }, all.slice(0, 2)],
        [{ statuses: ['created'] }, all.slice(1)],
        [{ statuses: ['completed'] }, all.slice(0, 1)],
        [{ background: true }, [background.run]],
        [{ background: false }, all.slice(0, 2)],
        [{ stopReason: 'end_turn' }, all.slice(0, 1)],
      ]
      for (const [filter, expected] of cases) {
        expect([filter, await list(world, filter)]).toEqual([filter, expected])
      }
    },
  },
  {
    name: 'starRun() keeps what else is known of a run, is listed by, and can be taken away',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'a', 'b')
      await world.exchange(agent, 'c', 'd')
      const [run] = await list(world, {})
      const { id = '', metadata = {} } = run ?? {}
      const star = { at: 7, sources: [world.id('message')] }
      const starred = await store.starRun(scope, { id, star })
      expect(starred).toEqual({ ...run, metadata: { ...metadata, starred: star } })
      expect(await store.getRun(scope, { id })).toEqual(starred)
      expect(await list(world, { starred: true })).toEqual([starred])
      expect(await list(world, { starred: false })).toHaveLength(1)
      expect(await store.starRun(scope, { id, star: null })).toEqual(run)
      expect(await list(world, { starred: true })).toEqual([])
      await expectRefused(store.starRun(scope, { id: world.id('run'), star }), 'not_found')
    },
  },
  {
    name: 'listRuns() pages by creation and ignores an unknown cursor',
    async run(world) {
      const agent = await world.agent()
      const ids: string[] = []
      for (const text of ['1', '2', '3']) ids.push((await world.say(agent, text)).run.id)
      const page = async (given: object): Promise<readonly string[]> => {
        const full = { limit: 2, order: 'asc', ...given } as const
        const runs = await world.store.listRuns(world.scope, { filter: {}, page: full })
        return runs.map(({ id }) => id)
      }
      expect(await page({})).toEqual(ids.slice(0, 2))
      expect(await page({ after: ids[1] })).toEqual([ids[2]])
      expect(await page({ order: 'desc' })).toEqual([ids[2], ids[1]])
      expect(await page({ order: 'desc', after: ids[1] })).toEqual([ids[0]])
      expect(await page({ before: ids[1] })).toEqual([ids[0]])
      expect(await page({ after: world.id('run') })).toEqual(ids.slice(0, 2))
    },
  },
  {
    name: 'getRunUsage() adds up the steps of a run; a run without steps used nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const { id: runId } = work.run
      expect(await store.getRunUsage(scope, { runId })).toEqual(emptyUsage)
      const first = world.stepCommit(lease, work, { tools: ['x'] })
      await store.commitStep(scope, first)
      await store.commitTool(scope, world.toolCommit(first, 0))
      const second = world.stepCommit(lease, await world.begin(lease))
      const usage = {
        promptTokens: 1000,
        completionTokens: 1,
        totalTokens: 1001,
        cachedInputTokens: null,
        cacheWriteTokens: null,
        reasoningTokens: null,
      }
      await store.commitStep(scope, { ...second, step: { ...second.step, usage } })
      expect(await store.getRunUsage(scope, { runId })).toEqual({
        stepCount: 2,
        promptTokens: 1100,
        completionTokens: 11,
        totalTokens: 1111,
        cachedInputTokens: 60,
        cacheWriteTokens: null,
        reasoningTokens: 4,
        contextTokens: 1001,
      })
      await expectRefused(store.getRunUsage(scope, { runId: world.id('run') }), 'not_found')
    },
  },
  {
    name: 'listSteps() lists those of a run or an agent and pages by creation',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'one')
      const { lease, work } = await world.start(agent, 'two')
      const commits = []
      let present = work
      for (const tools of [['x'], []]) {
        const commit = world.stepCommit(lease, present, { tools })
        commits.push(commit.step)
        await store.commitStep(scope, commit)
        if (tools.length === 0) continue
        await store.commitTool(scope, world.toolCommit(commit, 0))
        present = await world.begin(lease)
      }
      const page = { limit: 9, order: 'asc' } as const
      expect(await store.listSteps(scope, { runId: work.run.id, page })).toEqual(commits)
      const all = await store.listSteps(scope, { agentId: agent.id, page })
      expect(all.slice(1)).toEqual(commits)
      const after = all[1]?.id ?? ''
      const rest = await store.listSteps(scope, { agentId: agent.id, page: { ...page, after } })
      expect(rest).toEqual(all.slice(2))
      const unknown = { ...page, after: world.id('step') }
      await expectRefused(store.listSteps(scope, { page: unknown }), 'not_found')
    },
  },
]

async function list(world: World, filter: RunFilter): Promise<readonly Run[]> {
  return await world.store.listRuns(world.scope, { filter, page: { limit: 9, order: 'asc' } })
}
