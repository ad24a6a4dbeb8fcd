import { describe, expect, it } from 'vitest'
import { defaultConversationId } from '../domain/identifier.ts'
import { summaryOf } from '../domain/message.ts'
import { defaultScope } from '../domain/scope.ts'
import { defaultCompactionSettings } from '../domain/summary.ts'
import type { Agent } from '../domain/agent.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { createScriptedModel } from '../testing/scripted-model.ts'
import type { CompactOutcome } from './compact-conversation.ts'

async function open(): Promise<{ test: TestApp; agent: Agent } & AsyncDisposable> {
  const clock = createFakeClock()
  const model = createScriptedModel({
    clock,
    otherwise: ({ tools }) => ({
      delayMs: 1000,
      text: tools.length === 0 ? 'They greeted.' : 'Hello.',
    }),
  })
  const test = await createTestApp({ models: [model], clock })
  const agent = await test.createAgent()
  return { test, agent, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() }
}

function compact({ test, agent }: { test: TestApp; agent: Agent }): Promise<CompactOutcome> {
  return test.app.runtime.compact(defaultScope, {
    conversationId: defaultConversationId(agent.id),
    settings: () => ({ ...defaultCompactionSettings, mode: 'all' }),
    signal: new AbortController().signal,
  })
}

describe('Runtime.compact()', () => {
  it('comes after the turn that runs, and before those that come meanwhile', async () => {
    await using place = await open()
    const { test, agent } = place
    const first = await test.say(agent, 'One.')
    const outcome = compact(place)
    await test.clock.advance(1500)
    expect((await test.frames(first.run.id)).at(-1)?.event.event.type).toBe('run-ended')
    const second = await test.say(agent, 'Two.')
    await test.clock.advance(5000)
    expect(await outcome).toMatchObject({ isChanged: true, messagesBefore: 3, messagesAfter: 2 })
    await test.frames(second.run.id)
    const messages = await test.app.store.listMessages(defaultScope, {
      agentId: agent.id,
      limit: 10,
      order: 'asc',
    })
    const said = messages.map((message) => summaryOf(message)?.text ?? message.role)
    expect(said).toEqual(['system', 'user', 'assistant', 'user', 'They greeted.', 'assistant'])
  })

  it('is refused while another process runs the conversation', async () => {
    const store = await openMemoryStore()
    await using test = await createTestApp({ store: { ...store, ownerState: async () => 'alive' } })
    const agent = await test.createAgent()
    const conversationId = defaultConversationId(agent.id)
    const at = test.clock.now()
    await test.app.store.claimLease(defaultScope, {
      conversationId,
      owner: 'another process',
      at,
      until: at + 60_000,
    })
    await expect(compact({ test, agent })).rejects.toMatchObject({ code: 'conversation_busy' })
  })

  it('keeps the turn that waits for an answer whole', async () => {
    const call = { name: 'core_memory_append', arguments: { label: 'human', content: 'x' } }
    await using test = await createTestApp({
      script: [{ text: 'One.' }, { text: 'Two.' }, { toolCalls: [call] }, { text: 'Summed.' }],
    })
    const toolRules = [{ type: 'requires_approval', tool_name: call.name }]
    const agent = await test.createAgent({ toolRules })
    for (const text of ['1', '2', 'Append it.']) await test.ask(agent, text)
    expect(await compact({ test, agent })).toMatchObject({ messagesBefore: 7, messagesAfter: 4 })
    const [pending] = await test.app.store.listPendingApprovals(defaultScope, { limit: 1 })
    test.model.script({ text: 'Appended.' })
    const { run } = await test.app.runtime.answer(defaultScope, {
      conversationId: defaultConversationId(agent.id),
      answers: pending!.message.toolCalls.map(({ callId }) => ({
        kind: 'approval',
        callId,
        approve: true,
        reason: null,
      })),
      followUps: [],
      otid: null,
      groupId: null,
      options: {},
      runType: 'send_message',
      background: false,
      requestConfig: {},
      requestHash: null,
      callbackUrl: null,
      isRetry: false,
    })
    await test.frames(run.id)
    const sent = JSON.stringify(test.model.requests.at(-1)?.messages)
    expect(sent).toContain('Summed.')
    expect(sent).toContain('Append it.')
    expect(sent).not.toContain('"1"')
  })
})
