import { expect } from 'vitest'
import type { StepCommit } from '../contract/turn-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'

/** What engines do with passages that a turn stores. */
export const passageCommitCases: readonly ConformanceCase[] = [
  {
    name: 'commitTool() stores a text of two turns at once in one archive once; other tags make another',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [here, there] = [
        await world.start(agent, 'go'),
        await world.start(agent, 'go', (await world.conversation(agent)).id),
      ]
      const steps = [here, there].map(({ lease, work }) =>
        world.stepCommit(lease, work, { tools: ['note', 'note'] }),
      )
      for (const step of steps) await store.commitStep(scope, step)
      const note = (step: StepCommit, tags: readonly string[], index = 0) =>
        store.commitTool(
          scope,
          world.toolCommit(step, index, {
            isLast: false,
            passages: [world.newPassage('The key is under the fern.', { tags })],
            archive: world.newArchive(),
          }),
        )
      const outcomes = await Promise.allSettled(steps.map((step) => note(step, ['home', 'key'])))
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'conflict', data: { reason: 'stored' } },
      })
      const [one, two] = steps as [StepCommit, StepCommit]
      const lost = outcomes[0]?.status === 'rejected' ? one : two
      await expectRefused(note(lost, ['key']), 'conflict')
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(1)
      await note(lost, ['garden', 'key'])
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(2)
    },
  },
]
