import { expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

/** An agent whose archive says one thing twice. */
async function open() {
  const product = await createTestApp()
  const agent = await product.createAgent()
  const { archives, consolidation, memory } = product.app.services
  const remember = (text: string): Promise<unknown> =>
    archives.addPassages(defaultScope, { agentId: agent.id }, [
      { text, tags: [], metadata: {}, createdAt: null },
    ])
  await remember('Anna likes green tea.')
  await remember('Anna likes green tea. She drinks it at four.')
  return {
    remember,
    run: () => consolidation.run(defaultScope, agent.id),
    preview: () => consolidation.preview(defaultScope, agent.id),
    mode: (mode: 'auto' | 'review') => memory.setMode(defaultScope, agent.id, mode),
    undo: (number: number) => memory.undo(defaultScope, agent.id, number),
    reject: (number: number) => memory.reject(defaultScope, agent.id, number),
    [Symbol.asyncDispose]: () => product[Symbol.asyncDispose](),
  }
}

const nothing = { changes: [], proposals: [], skipped: 1 }

test('a cleanup that was rejected, or still waits, is not made once edits count at once again', async () => {
  await using place = await open()
  await place.mode('review')
  const { proposals } = await place.run()
  await place.mode('auto')
  expect(await place.run()).toMatchObject(nothing)
  await place.reject(proposals[0]?.proposal.number ?? 0)
  expect(await place.run()).toMatchObject(nothing)
  expect(await place.preview()).toMatchObject({ cleanups: [], skipped: 1 })
})

test('a cleanup that was undone is not proposed once edits are reviewed', async () => {
  await using place = await open()
  const { changes } = await place.run()
  await place.undo(changes[0]?.change.number ?? 0)
  await place.mode('review')
  expect(await place.preview()).toMatchObject({ cleanups: [], skipped: 1 })
  expect(await place.run()).toMatchObject(nothing)
})
