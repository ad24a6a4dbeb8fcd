import { expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { createNumberedIds } from '../testing/numbered-ids.ts'
import { lastText } from '../testing/run-frames.ts'

it('shows the answer to a message that another process carried on before this one came to it', async () => {
  const store = await openMemoryStore()
  const ids = createNumberedIds()
  await using other = await createTestApp({ ids, store, script: [{ text: 'Done.' }] })
  const claimWork: Store['claimWork'] = async (scope, input) => {
    await other.app.runtime.recover(defaultScope, input)
    return await store.claimWork(scope, input)
  }
  // A server without a free place leaves what it accepts to whoever comes first.
  const acceptInput: Store['acceptInput'] = async (scope, input) => {
    const { claim, ...unclaimed } = input
    expect(claim).toBeDefined()
    return await store.acceptInput(scope, unclaimed)
  }
  const shared = { ...store, acceptInput, claimWork, close: () => Promise.resolve() }
  await using late = await createTestApp({ ids, store: shared })
  const agent = await other.createAgent()
  const { run } = await late.say(agent, 'Who answers?')
  expect(lastText(await late.frames(run.id))).toBe('Done.')
})
