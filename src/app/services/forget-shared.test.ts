import { expect, it } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

const word = 'zugheron4711x'

it('forgetting takes a shared block out of the stored prompts of everybody who has it', async () => {
  const call = {
    name: 'core_memory_append',
    arguments: { label: 'human', content: `Locker code: ${word}` },
  }
  await using test = await createTestApp({
    script: [{ toolCalls: [call] }, { text: 'Noted.' }, { text: 'Hello.' }],
  })
  const { store, services } = test.app
  const agent = await test.createAgent()
  const other = await test.createAgent()
  const [own] = await store.listAgentBlocks(defaultScope, { agentId: other.id })
  if (own !== undefined) {
    await store.detachBlock(defaultScope, {
      agentId: other.id,
      blockId: own.id,
      at: test.clock.now(),
    })
  }
  await test.ask(agent, `My locker opens with ${word}.`)
  const [shared] = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
  await store.attachBlock(defaultScope, {
    agentId: other.id,
    blockId: shared?.id ?? '',
    at: test.clock.now(),
  })
  await test.ask(other, 'Hello?')
  const conversation = { id: defaultConversationId(other.id) }
  const before = await store.getConversation(defaultScope, conversation)
  expect(JSON.stringify(before)).toContain(word)
  const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
  const { token } = await services.forget.preview(defaultScope, request)
  await services.forget.confirm(defaultScope, request, token)
  const after = await store.getConversation(defaultScope, conversation)
  expect(JSON.stringify(after)).not.toContain(word)
})
