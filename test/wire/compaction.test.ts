import type { Agent } from '../../src/domain/agent.ts'
import { expect, test } from 'vitest'
import { defaultScope } from '../../src/domain/scope.ts'
import { createScriptedModel } from '../../src/testing/scripted-model.ts'
import { dataOf, describeWire, readFrames, type OpenWire, type Wire } from './open-wire.ts'

const filler = 'word '.repeat(120)

/** An agent in a small window that has been told ten things. */
async function openTalk(
  open: OpenWire,
  told = 7,
): Promise<{ readonly wire: Wire; readonly agent: Agent } & AsyncDisposable> {
  const model = createScriptedModel({
    otherwise: ({ tools }) => ({
      text: tools.length === 0 ? 'The user counts.' : `Noted. ${filler}`,
    }),
  })
  const wire = await open({ models: [model] })
  const agent = await wire.test.createAgent({ contextWindow: 6000 })
  for (let index = 1; index <= told; index += 1) {
    await wire.test.ask(agent, `Message ${index}. ${filler}`)
  }
  return { wire, agent, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() }
}

/** Sends messages until a reply tells of a compaction. */
async function untilCompacted(
  { wire, agent }: { readonly wire: Wire; readonly agent: Agent },
  send: (text: string) => Promise<readonly Record<string, unknown>[]>,
): Promise<readonly Record<string, unknown>[]> {
  for (let index = 0; index < 6; index += 1) {
    const frames = await send(`More ${index}. ${filler}`)
    const messages = await wire.app.store.listMessages(defaultScope, {
      agentId: agent.id,
      roles: ['summary'],
      limit: 1,
      order: 'asc',
    })
    if (messages.length > 0) return frames
  }
  throw new Error('Nothing was compacted')
}

function textOf(message: object): string {
  return 'content' in message && typeof message.content === 'string' ? message.content : ''
}

describeWire('compaction', (open) => {
  test('clients that ask see that one began, and the summary, before the answer [compaction.stream]', async () => {
    await using talk = await openTalk(open)
    const { wire, agent } = talk
    const frames = await untilCompacted(talk, async (content) => {
      const response = await wire.send('POST', `/v1/agents/${agent.id}/messages/stream`, {
        messages: [{ role: 'user', content }],
        include_compaction_messages: true,
        stream_tokens: true,
      })
      return dataOf(await readFrames(response))
    })
    const types = frames.map((frame) => frame['message_type'])
    expect(types.slice(0, 4)).toEqual([
      'ping',
      'event_message',
      'summary_message',
      'assistant_message',
    ])
    expect(frames[1]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      event_type: 'compaction',
      event_data: { trigger: 'post_step_context_check', context_window: 6000 },
    })
    expect(frames[2]).toMatchObject({
      id: expect.stringMatching(/^message-/),
      summary: 'The user counts.',
      compaction_stats: {
        trigger: 'post_step_context_check',
        context_tokens_before: expect.any(Number),
        context_tokens_after: expect.any(Number),
        context_window: 6000,
      },
    })
  })

  test('others see nothing of it, and lists show the summary as a packed user message [compaction.list]', async () => {
    await using talk = await openTalk(open)
    const { wire, agent } = talk
    await untilCompacted(talk, async (content) => {
      const reply = await wire.client.agents.messages.create(agent.id, {
        messages: [{ role: 'user', content }],
      })
      expect(reply.messages.map(({ message_type }) => message_type)).toEqual(['assistant_message'])
      return []
    })
    const listed = await wire.client.agents.messages.list(agent.id, { limit: 100, order: 'asc' })
    const summaries = listed.items.filter(
      (message) => message.message_type === 'user_message' && textOf(message).startsWith('{'),
    )
    const packed = summaries.map((message) => JSON.parse(textOf(message)) as object)
    expect(packed).toMatchObject([
      {
        type: 'system_alert',
        message: expect.stringContaining('The user counts.'),
        time: expect.any(String),
        compaction_stats: { trigger: 'post_step_context_check' },
      },
    ])
    const state = await wire.client.agents.retrieve(agent.id)
    expect(state.message_ids?.[1]).toBe(summaries[0]?.id)
    expect(state.message_ids).not.toContain(listed.items[1]?.id)
    expect(JSON.stringify(listed.items)).toContain('Message 1.')
  })

  test('a conversation is compacted by hand, as the settings of agent and request say [compaction.manual, compaction.settings]', async () => {
    await using talk = await openTalk(open, 4)
    const { wire, agent } = talk
    const changed = await wire.client.agents.update(agent.id, {
      compaction_settings: { mode: 'all', clip_chars: 8 },
    })
    expect(changed.compaction_settings).toMatchObject({
      mode: 'all',
      clip_chars: 8,
      sliding_window_percentage: 0.3,
      prompt_acknowledgement: false,
      model: null,
    })
    const half = { compaction_settings: { mode: 'sliding_window' as const } }
    const first = await wire.client.agents.messages.compact(agent.id, half)
    expect(first).toEqual({
      summary: 'The use…',
      num_messages_before: 9,
      num_messages_after: expect.any(Number),
    })
    expect(first.num_messages_after).toBeLessThan(9)
    expect(first.num_messages_after).toBeGreaterThan(2)
    const all = await wire.client.conversations.messages.compact('default', { agent_id: agent.id })
    expect(all).toMatchObject({ num_messages_after: 2 })
    const again = await wire.client.conversations.messages.compact('default', {
      agent_id: agent.id,
    })
    expect(again).toEqual({ summary: 'The use…', num_messages_before: 2, num_messages_after: 2 })
    const listed = await wire.client.agents.messages.list(agent.id, { limit: 100 })
    expect(JSON.stringify(listed.items)).toContain('Message 1.')
    const frames = await wire.test.ask(agent, 'And now?')
    expect(frames.at(-1)?.event.event).toMatchObject({ type: 'run-ended', error: null })
  })

  test('what cannot be compacted is refused with a reason [compaction.manual]', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    const { status: empty } = await wire.send('POST', `/v1/agents/${agent.id}/summarize`, {})
    expect(empty).toBe(400)
    const wrong = await wire.send('POST', `/v1/agents/${agent.id}/summarize`, {
      compaction_settings: { mode: 'shred' },
    })
    expect(wrong.status).toBe(422)
    const unknown = '/v1/conversations/conv-00000000-0000-4000-8000-00000000dead/compact'
    expect((await wire.send('POST', unknown, {})).status).toBe(404)
  })
})
