import type { Letta } from '@letta-ai/letta-client'
import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

type Message = Letta.Agents.Message

const user = (content: string): { role: 'user'; content: string } => ({ role: 'user', content })
const types = (messages: readonly Message[]): readonly unknown[] =>
  messages.map((message) => message.message_type)

describeWire('sending', (open) => {
  test('the whole turn comes back in order, without the input [send.response]', async () => {
    await using wire = await open({
      script: [
        {
          reasoning: 'She is Ada.',
          text: 'I note it.',
          toolCalls: [
            {
              name: 'core_memory_append',
              arguments: { label: 'human', content: 'Ada' },
              callId: 'call-a',
            },
            { name: 'conversation_search', arguments: { query: 'Ada' }, callId: 'call-b' },
          ],
        },
        {
          text: 'Done.',
          usage: { promptTokens: 20, completionTokens: 3, totalTokens: 23, cachedInputTokens: 8 },
        },
      ],
    })
    const agent = await wire.test.createAgent()
    const reply = await wire.client.agents.messages.create(agent.id, {
      messages: [user('I am Ada.')],
    })
    expect(types(reply.messages)).toEqual([
      'reasoning_message',
      'assistant_message',
      'tool_call_message',
      'tool_return_message',
      'assistant_message',
    ])
    expect(reply.messages[2]).toMatchObject({
      name: null,
      tool_call: { name: 'core_memory_append', tool_call_id: 'call-a' },
      tool_calls: [{ tool_call_id: 'call-a' }, { tool_call_id: 'call-b' }],
    })
    expect(reply.messages[3]).toMatchObject({
      status: 'success',
      tool_call_id: 'call-a',
      tool_returns: [
        { type: 'tool', status: 'success', tool_call_id: 'call-a' },
        { type: 'tool', status: 'success', tool_call_id: 'call-b' },
      ],
    })
    expect(reply.messages[4]).toMatchObject({ content: 'Done.' })
    expect(reply.stop_reason).toMatchObject({
      message_type: 'stop_reason',
      stop_reason: 'end_turn',
    })
    const runId = reply.messages[0]?.run_id
    expect(reply.usage).toMatchObject({
      message_type: 'usage_statistics',
      completion_tokens: 8,
      prompt_tokens: 30,
      total_tokens: 38,
      step_count: 2,
      run_ids: [runId],
      cached_input_tokens: 8,
    })
    expect(reply).toMatchObject({ logprobs: null, turns: null })
  })

  test('input and parts are one user message, as they were sent [send.input, send.content-parts]', async () => {
    await using wire = await open({ script: [{ text: 'a' }, { text: 'b' }] })
    const agent = await wire.test.createAgent()
    await wire.client.agents.messages.create(agent.id, { input: 'Just this.' })
    const image = { type: 'base64' as const, media_type: 'image/png', data: 'AAAA' }
    await wire.client.agents.messages.create(agent.id, {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look:' },
            { type: 'image', source: image },
          ],
          name: 'Ada',
        },
      ],
    })
    const { items } = await wire.client.agents.messages.list(agent.id)
    const said = items.filter((message) => message.message_type === 'user_message')
    expect(said[0]).toMatchObject({ content: 'Just this.', name: null })
    expect(said[1]).toMatchObject({
      name: 'Ada',
      content: [
        { type: 'text', text: 'Look:', signature: null },
        { type: 'image', source: image },
      ],
    })
    for (const body of [{}, { messages: [user('a')], input: 'b' }]) {
      expect((await wire.send('POST', `/v1/agents/${agent.id}/messages`, body)).status).toBe(422)
    }
  })

  test('only the types asked for come back, and the end always [send.types]', async () => {
    await using wire = await open({ script: [{ reasoning: 'Hm.', text: 'Yes.' }] })
    const agent = await wire.test.createAgent()
    const reply = await wire.client.agents.messages.create(agent.id, {
      messages: [user('Yes?')],
      include_return_message_types: ['assistant_message'],
    })
    expect(types(reply.messages)).toEqual(['assistant_message'])
    expect(reply.stop_reason.stop_reason).toBe('end_turn')
    expect(reply.usage.step_count).toBe(1)
    const runId = reply.messages[0]?.run_id ?? ''
    const listed = await wire.client.runs.messages.list(runId)
    expect(types(listed.items)).toEqual(['assistant_message'])
  })

  test.each([{ stream_tokens: true }, { include_pings: false }, { background: true }])(
    'without streaming %o is refused [send.stream-flags]',
    async (flags) => {
      await using wire = await open()
      const agent = await wire.test.createAgent()
      for (const path of [
        `/v1/agents/${agent.id}/messages`,
        '/v1/conversations/default/messages',
      ]) {
        const body = { messages: [user('Hi')], streaming: false, agent_id: agent.id, ...flags }
        const reply = await wire.send('POST', path, body)
        expect(reply.status).toBe(422)
        expect(await reply.text()).toContain('Streaming options set without streaming enabled')
      }
    },
  )

  test('async answers with a background run, which goes on by itself [send.async]', async () => {
    await using wire = await open({ script: [{ text: 'Later.' }] })
    const agent = await wire.test.createAgent()
    const run = await wire.client.agents.messages.createAsync(agent.id, {
      messages: [user('Go.')],
    })
    expect(run).toMatchObject({
      agent_id: agent.id,
      background: true,
      metadata: { run_type: 'send_message_async' },
    })
    await wire.test.frames(run.id)
    expect(await wire.client.runs.retrieve(run.id)).toMatchObject({
      status: 'completed',
      stop_reason: 'end_turn',
    })
    const refused = wire.client.agents.messages.createAsync(agent.id, {
      messages: [user('Go.')],
      callback_url: 'http://localhost/done',
    })
    await expect(refused).rejects.toMatchObject({ status: 400 })
    await expect(refused).rejects.toThrow('LETTA_OUTBOUND_ALLOW')
    expect((await wire.client.runs.list({ agent_id: agent.id })).items).toHaveLength(1)
  })

  test('an approval that nobody asked for is refused with the known sentence [send.approval]', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    for (const answer of [
      {
        type: 'approval',
        approvals: [{ type: 'approval', tool_call_id: 'call-1', approve: true }],
      },
      { approve: true, approval_request_id: 'message-1' },
      {
        type: 'tool_return',
        tool_returns: [{ type: 'tool', tool_call_id: 'c', status: 'success', tool_return: '' }],
      },
    ]) {
      const reply = await wire.send('POST', `/v1/agents/${agent.id}/messages`, {
        messages: [answer],
      })
      expect(reply.status).toBe(400)
      expect(await reply.text()).toContain('No tool call is currently awaiting approval')
    }
  })

  test('override_model must exist and leaves the agent as it is [send.override-model, errors.model]', async () => {
    await using wire = await open({ script: [{ text: 'ok' }] })
    const agent = await wire.test.createAgent()
    const refused = wire.client.agents.messages.create(agent.id, {
      messages: [user('Hi')],
      override_model: 'openai/gpt-99',
    })
    await expect(refused).rejects.toMatchObject({ status: 404 })
    await expect(refused).rejects.toThrow(/openai\/gpt-99/)
    await wire.client.agents.messages.create(agent.id, {
      messages: [user('Hi')],
      override_model: 'openai/scripted',
    })
    expect((await wire.client.agents.retrieve(agent.id)).model).toBe('letta/auto')
  })

  test.each([
    ['llm_authentication', 401],
    ['llm_insufficient_credits', 402],
    ['llm_rate_limit', 429],
    ['llm_timeout', 504],
    ['llm_bad_request', 400],
    ['llm_error', 500],
  ] as const)(
    'the failure %s is answered with status %i and never repeated [send.failure, retry.header, runs.failed]',
    async (code, status) => {
      await using wire = await open({
        script: [{ failure: { code, message: 'No.', detail: 'said so' } }],
      })
      const agent = await wire.test.createAgent()
      const reply = await wire.send('POST', `/v1/agents/${agent.id}/messages`, {
        messages: [user('Hi')],
      })
      expect(reply.status).toBe(status)
      expect(reply.headers.get('x-should-retry')).toBe('false')
      const runId = reply.headers.get('x-letta-run-id') ?? ''
      expect(await reply.json()).toMatchObject({ error: { type: code }, run_id: runId })
      const run = await wire.client.runs.retrieve(runId)
      expect(run).toMatchObject({
        status: 'failed',
        metadata: { error: { error_type: code, run_id: runId } },
      })
    },
  )
})
