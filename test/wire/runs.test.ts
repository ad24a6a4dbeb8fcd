import { expect, test } from 'vitest'
import { describeWire } from './open-wire.ts'

const runFields =
  `id status created_at completed_at agent_id conversation_id base_template_id background metadata
  request_config stop_reason callback_url callback_sent_at callback_status_code callback_error ttft_ns
  total_duration_ns`.split(/\s+/)

describeWire('runs', (open) => {
  test('a run tells what it did [runs.object, runs.usage, runs.messages, steps.object]', async () => {
    await using wire = await open({
      script: [
        { toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] },
        {
          text: 'Nothing.',
          usage: { promptTokens: 7, completionTokens: 2, totalTokens: 9, cachedInputTokens: 3 },
        },
      ],
    })
    const { client } = wire
    const agent = await wire.test.createAgent()
    const reply = await client.agents.messages.create(agent.id, { input: 'Search.' })
    const runId = reply.messages[0]?.run_id ?? ''
    const run = await client.runs.retrieve(runId)
    expect(Object.keys(run).toSorted()).toEqual(runFields.toSorted())
    expect(run).toMatchObject({
      status: 'completed',
      stop_reason: 'end_turn',
      background: false,
      metadata: { run_type: 'send_message', turn_id: expect.stringMatching(/^turn-/) },
      request_config: {
        use_assistant_message: true,
        assistant_message_tool_name: 'send_message',
        assistant_message_tool_kwarg: 'message',
        include_return_message_types: null,
      },
    })
    expect(await client.runs.usage.retrieve(runId)).toEqual({
      completion_tokens: 7,
      prompt_tokens: 17,
      total_tokens: 24,
      prompt_tokens_details: {
        cached_tokens: 3,
        cache_read_tokens: 3,
        cache_creation_tokens: null,
      },
      completion_tokens_details: { reasoning_tokens: null },
    })
    const { items } = await client.runs.messages.list(runId)
    expect(items.map(({ message_type: type }) => type)).toEqual([
      'user_message',
      'tool_call_message',
      'tool_return_message',
      'assistant_message',
    ])
    const steps = (await client.runs.steps.list(runId)).items
    expect(steps).toHaveLength(2)
    expect(steps[0]).toMatchObject({
      run_id: runId,
      agent_id: agent.id,
      status: 'success',
      prompt_tokens: 7,
    })
    const step = await client.steps.retrieve(steps[1]?.id ?? '')
    expect(step).toEqual(steps[1])
    const said = await client.steps.messages.list(step.id)
    expect(said.items.map(({ message_type: type }) => type)).toEqual([
      'tool_call_message',
      'tool_return_message',
    ])
    expect((await client.steps.list({ agent_id: agent.id })).items).toHaveLength(2)
  })

  test('runs are listed by agent, status and activity, and page to the end [runs.list]', async () => {
    await using wire = await open({
      script: [{ text: '1' }, { text: '2' }, { text: '3' }, { delayMs: 500, text: '4' }],
    })
    const { client, test: kit } = wire
    const agent = await kit.createAgent()
    for (const input of ['a', 'b', 'c']) {
      await client.agents.messages.create(agent.id, { input })
      await kit.clock.advance(1000)
    }
    const last = await client.agents.messages.createAsync(agent.id, { input: 'd' })
    const ids = async (query: object): Promise<readonly string[]> =>
      (await client.runs.list(query)).items.map(({ id }) => id)
    expect(await ids({ active: true })).toEqual([last.id])
    expect(await ids({ statuses: ['completed'], agent_id: agent.id })).toHaveLength(3)
    expect(await ids({ background: true })).toEqual([last.id])
    expect(await ids({ agent_id: 'agent-00000000-0000-4000-8000-00000000dead' })).toEqual([])
    const paged: string[] = []
    for await (const run of client.runs.list({ limit: 1 })) paged.push(run.id)
    expect(paged).toHaveLength(4)
    expect(paged).toEqual(await ids({}))
    expect(paged.toReversed()).toEqual(await ids({ order: 'asc' }))
    expect((await wire.fetch('/v1/runs/?statuses=odd')).status).toBe(400)
    expect((await wire.fetch('/v1/runs/?limit=1001')).status).toBe(422)
    await kit.clock.advance(500)
    await kit.frames(last.id)
    expect(await ids({ active: true })).toEqual([])
  })

  test('a failed run can be tried again without a new message [runs.failed]', async () => {
    await using wire = await open({
      script: [
        { failure: { code: 'llm_error', message: 'Down.', detail: '' } },
        { text: 'Up again.' },
      ],
    })
    const { client } = wire
    const agent = await wire.test.createAgent()
    const failed = await wire.send('POST', `/v1/agents/${agent.id}/messages`, { input: 'Hello?' })
    const runId = failed.headers.get('x-letta-run-id') ?? ''
    expect((await client.runs.retrieve(runId)).status).toBe('failed')
    const retried = (await (await wire.send('POST', `/v1/runs/${runId}/retry`, {})).json()) as {
      id: string
    }
    expect(retried.id).not.toBe(runId)
    await wire.test.frames(retried.id)
    const { items } = await client.agents.messages.list(agent.id)
    expect(items.slice(1).map((item) => ('content' in item ? item.content : null))).toEqual([
      'Hello?',
      'Up again.',
    ])
    expect((await wire.send('POST', `/v1/runs/${retried.id}/retry`, {})).status).toBe(409)
  })
})
