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
      const note = (step: StepCommit, tags: readonly string[], repeats?: readonly string[]) =>
        store.commitTool(
          scope,
          world.toolCommit(step, 0, {
            isLast: false,
            passages: [
              {
                ...world.newPassage('The key is under the fern.', { tags }),
                ...(repeats !== undefined && { repeats }),
              },
            ],
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
  {
    name: 'commitTool() stores a text again beside those that it names',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [first] = await world.remember(agent, 'I like tea.')
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['note', 'note', 'note'] })
      await store.commitStep(scope, step)
      const again = (index: number, repeats: readonly string[]) =>
        store.commitTool(
          scope,
          world.toolCommit(step, index, {
            isLast: false,
            passages: [{ ...world.newPassage('I like tea.'), repeats }],
            archive: world.newArchive(),
          }),
        )
      const known = first === undefined ? [] : [first.id]
      await expectRefused(again(0, []), 'conflict')
      await again(0, known)
      // Another one has come that it does not name.
      await expectRefused(again(1, known), 'conflict')
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(2)
    },
  },
]
