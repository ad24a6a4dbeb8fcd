import { expect, test } from 'vitest'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

test('importMessages() runs as many statements for a late batch as for an early one', async () => {
  let count = 0
  const onStatement = (): void => void (count += 1)
  const store = await openStore({ location: ':memory:', hooks: { onStatement } })
  const world = new World(store)
  const agent = await world.agent()
  const conversation = world.conversationOf(agent)
  const ids = { agentId: agent.id, importId: conversation.id }
  const counts: number[] = []
  for (let batch = 0; batch < 5; batch += 1) {
    const messages = Array.from({ length: 20 }, (_, index) =>
      world.message(agent, `heron ${index}`, { conversationId: conversation.id }),
    )
    const start = batch === 0 ? { conversation, messages: [] } : null
    count = 0
    await store.importMessages(world.scope, { ...ids, start, messages, at: world.at() })
    counts.push(count)
  }
  await store.close()
  expect(new Set(counts.slice(1)).size).toBe(1)
  expect(counts[4]).toBeLessThan(20 * 8 + 20)
})
