import { expect, test } from 'vitest'
import type { ModelRequest } from '../../src/llm/model.ts'
import { createScriptedModel } from '../../src/testing/scripted-model.ts'
import { describeWire } from './open-wire.ts'

type Body = Record<string, unknown>

const filler = 'word '.repeat(120)

/** The messages of a request as the route shows them. */
function shownMessages({ messages }: ModelRequest): unknown {
  return messages.map((message) =>
    message.role === 'tool'
      ? {
          role: 'tool',
          tool_returns: message.returns.map(({ callId, name, text, isError }) => ({
            tool_call_id: callId,
            name,
            tool_return: text,
            is_err: isError,
          })),
        }
      : message.role === 'user'
        ? message
        : {
            role: 'assistant',
            content: message.content,
            tool_calls: message.toolCalls.map(({ callId, name, arguments: text }) => ({
              name,
              arguments: text,
              tool_call_id: callId,
            })),
          },
  )
}

describeWire('contexts', (open) => {
  test('every section of the window is told with its tokens [context.overview]', async () => {
    const model = createScriptedModel({
      otherwise: ({ tools }) => ({ text: tools.length === 0 ? 'They count.' : `Ok. ${filler}` }),
    })
    await using wire = await open({ models: [model] })
    const agent = await wire.test.createAgent({ contextWindow: 4600 })
    const read = async (query = ''): Promise<Body> =>
      (await (await wire.fetch(`/v1/agents/${agent.id}/context${query}`)).json()) as Body
    const empty = await read()
    expect(empty).toMatchObject({
      context_window_size_max: 4600,
      num_messages: 1,
      num_recall_memory: 1,
      num_archival_memory: 0,
      system_prompt: agent.system,
      core_memory: expect.stringContaining('Likes tea.'),
      external_memory_summary: expect.stringContaining('<memory_metadata>'),
      summary_memory: null,
      messages: [],
      memory_filesystem: null,
      tool_usage_rules: null,
      directories: null,
    })
    for (let index = 0; index < 7; index += 1) {
      await wire.test.ask(agent, `Message ${index}. ${filler}`)
    }
    const full = await read()
    expect(full).toMatchObject({
      summary_memory: 'They count.',
      num_recall_memory: expect.any(Number),
    })
    expect(full['num_tokens_summary_memory']).toBeGreaterThan(20)
    const parts = Object.entries(full)
      .filter(([name]) => name.startsWith('num_tokens_'))
      .reduce((sum, [, tokens]) => sum + Number(tokens), 0)
    expect(parts).toBe(full['context_window_size_current'])
    const functions = full['functions_definitions'] as readonly Body[]
    expect(functions[0]).toMatchObject({ type: 'function', function: { name: expect.any(String) } })
    const shown = full['messages'] as readonly Body[]
    expect(full['num_messages']).toBe(shown.length + 2)
    expect(await read('?conversation_id=default')).toEqual(full)
    const other = await wire.test.createAgent()
    const foreign = await wire.client.conversations.create({ agent_id: other.id })
    const refused = await wire.fetch(`/v1/agents/${agent.id}/context?conversation_id=${foreign.id}`)
    expect(refused.status).toBe(404)
  })

  test('the last request is shown as it was sent, with what it shares with the one before [context.sent]', async () => {
    const call = { name: 'conversation_search', arguments: { query: 'x' } }
    await using wire = await open({
      script: [{ text: 'Hello.' }, { toolCalls: [call] }, { text: 'Nothing.' }, { text: 'Again.' }],
    })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/context?view=sent`
    const none = await wire.fetch(path)
    expect(none.status).toBe(404)
    const shares: unknown[] = []
    for (const text of ['Hi.', 'Find x.', 'Bye.']) {
      await wire.test.ask(agent, text)
      await wire.test.clock.advance(1000)
      const sent = (await (await wire.fetch(path)).json()) as Body
      const request = wire.test.model.requests.at(-1)!
      expect(sent).toMatchObject({ exact: true, system: request.system, summary_id: null })
      expect(sent['messages']).toEqual(shownMessages(request))
      const tools = (sent['tools'] as readonly Body[]).map((tool) => tool['function'])
      expect(tools).toEqual(request.tools)
      const all = JSON.stringify([request.system, request.tools, request.messages])
      expect(sent['bytes']).toBe(Buffer.byteLength(all))
      shares.push(sent['common_prefix'])
    }
    const whole = {
      step_id: expect.stringMatching(/^step-/),
      bytes: expect.any(Number),
      share: 1,
      reason: null,
    }
    expect(shares).toEqual([null, whole, whole])
    const { tools } = await wire.client.agents.retrieve(agent.id)
    await wire.client.agents.tools.detach(tools[0]?.id ?? '', { agent_id: agent.id })
    const later = (await (await wire.fetch(path)).json()) as Body
    const { system } = wire.test.model.requests.at(-1)!
    expect(later).toMatchObject({ exact: false, tools: null, system })
  })

  test('a trace says what was recalled and why, and what a compaction changed [context.sent]', async () => {
    const model = createScriptedModel({
      otherwise: ({ tools }) => ({ text: tools.length === 0 ? 'They count.' : `Ok. ${filler}` }),
    })
    await using wire = await open({ models: [model] })
    const agent = await wire.test.createAgent({ contextWindow: 4600 })
    const read = async (): Promise<Body> =>
      (await (await wire.fetch(`/v1/agents/${agent.id}/context?view=sent`)).json()) as Body
    await wire.test.ask(agent, 'My boat is called Albatross.')
    let compacted: Body = {}
    for (let index = 0; index < 7; index += 1) {
      await wire.test.ask(agent, `Day ${index}. ${filler}`)
      const sent = await read()
      if (sent['summary_id'] !== null && compacted['summary_id'] === undefined) compacted = sent
    }
    expect(compacted).toMatchObject({
      exact: true,
      prefix: { rebuilt: true },
      common_prefix: { share: expect.any(Number), reason: 'compacted' },
    })
    await wire.test.ask(agent, 'What is the name of my boat?')
    const recall = (await read())['recall'] as readonly Body[]
    expect(recall[0]).toMatchObject({
      kind: 'message',
      verdict: 'shown',
      coverage: expect.any(Number),
    })
    expect(JSON.stringify(recall)).not.toContain('Albatross')
  })
})
