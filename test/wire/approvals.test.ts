import { expect, test } from 'vitest'
import type {
  LettaResponse,
  MessageCreateParamsNonStreaming,
} from '@letta-ai/letta-client/resources/agents/messages'
import { toolId } from '../../src/tools/registry.ts'
import type { ScriptedStep } from '../../src/testing/scripted-model.ts'
import { createLauncher } from './launcher.ts'
import { dataOf, describeWire, readFrames, type OpenWire, type Wire } from './open-wire.ts'

const guard = { type: 'requires_approval', tool_name: 'launch' } as const
const call = { name: 'launch', arguments: { name: 'kea' }, callId: 'call-1' }
const search = { name: 'conversation_search', arguments: { query: 'drones' }, callId: 'call-2' }

type SentMessage = NonNullable<MessageCreateParamsNonStreaming['messages']>[number]

interface Guarded extends AsyncDisposable {
  readonly wire: Wire
  readonly id: string
  readonly launched: readonly string[]
  /** Sends messages to the agent and waits for the reply. */
  send(...messages: readonly SentMessage[]): Promise<LettaResponse>
}

/** An agent whose model answers as scripted and whose tool has to be allowed. */
async function openGuarded(open: OpenWire, ...script: readonly ScriptedStep[]): Promise<Guarded> {
  const { tool, launched } = createLauncher()
  const wire = await open({ script, tools: [tool] })
  const toolIds = [toolId('launch'), toolId('conversation_search')]
  const { id } = await wire.test.createAgent({ toolIds, toolRules: [guard] })
  return {
    wire,
    id,
    launched,
    send: async (...messages) =>
      await wire.client.agents.messages.create(id, { messages: [...messages], streaming: false }),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

const go: SentMessage = { role: 'user', content: 'Launch the kea.' }

function answer(approve: boolean, ...callIds: readonly string[]): SentMessage {
  const approvals = callIds.map((id) => ({
    type: 'approval' as const,
    tool_call_id: id,
    approve,
    ...(!approve && { reason: 'too windy' }),
  }))
  return { type: 'approval', approvals }
}

function typesOf(messages: readonly { readonly message_type?: unknown }[]): readonly unknown[] {
  return messages.map(({ message_type }) => message_type)
}

const mismatch = (received: string): string =>
  `Invalid tool call IDs. Expected '['call-1']', but received '${received}'.`

describeWire('approvals', (open) => {
  test('a guarded call waits and runs once when it is allowed [approval.request, approval.state, approval.approve]', async () => {
    await using guarded = await openGuarded(
      open,
      { text: 'Shall I?', toolCalls: [call] },
      { text: 'It flies.' },
    )
    const { wire, id, launched } = guarded
    const asked = await guarded.send(go)
    expect(typesOf(asked.messages)).toEqual(['assistant_message', 'approval_request_message'])
    expect(asked.stop_reason).toMatchObject({ stop_reason: 'requires_approval' })
    const request = asked.messages.at(-1)
    const wanted = { name: 'launch', arguments: '{"name":"kea"}', tool_call_id: 'call-1' }
    expect(request).toMatchObject({ tool_call: wanted, tool_calls: [wanted] })
    const [first] = (await wire.client.runs.list({ agent_id: id })).items
    expect(first).toMatchObject({ status: 'completed', stop_reason: 'requires_approval' })
    const include = ['agent.pending_approval'] as const
    const waiting = await wire.client.agents.retrieve(id, { include: [...include] })
    expect(waiting.pending_approval).toMatchObject({ id: request?.id, tool_calls: [wanted] })
    expect(waiting.message_ids?.at(-1)).toBe(request?.id)
    expect(launched).toEqual([])

    const done = await guarded.send(answer(true, 'call-1'))
    expect(typesOf(done.messages)).toEqual(['tool_return_message', 'assistant_message'])
    expect(done.messages[0]).toMatchObject({ tool_return: 'launched kea', status: 'success' })
    expect(done.stop_reason).toMatchObject({ stop_reason: 'end_turn' })
    expect(launched).toEqual(['kea'])
    const after = await wire.client.agents.retrieve(id, { include: [...include] })
    expect(after.pending_approval).toBeNull()
    const runs = (await wire.client.runs.list({ agent_id: id })).items
    expect(new Set(runs.map(({ metadata }) => metadata?.['turn_id'])).size).toBe(1)
    expect(runs).toHaveLength(2)
    const sent = wire.test.model.requests[1]?.messages.slice(-2)
    expect(sent).toMatchObject([
      { role: 'assistant', content: [{ text: 'Shall I?' }], toolCalls: [{ callId: 'call-1' }] },
      { role: 'tool', returns: [{ callId: 'call-1', text: 'launched kea' }] },
    ])
  })

  test('other calls of the step wait with it and run after the answer [approval.parallel, approval.history]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [search, call] }, { text: 'Done.' })
    const { wire, id } = guarded
    const asked = await guarded.send(go)
    expect(typesOf(asked.messages)).toEqual(['tool_call_message', 'approval_request_message'])
    expect(asked.messages[0]).toMatchObject({ tool_calls: [{ tool_call_id: 'call-2' }] })
    expect(asked.messages[1]).toMatchObject({ tool_calls: [{ tool_call_id: 'call-1' }] })
    const done = await guarded.send(answer(true, 'call-1'))
    expect(done.messages[0]).toMatchObject({
      tool_returns: [{ tool_call_id: 'call-2' }, { tool_call_id: 'call-1' }],
    })
    const listed = (await wire.client.agents.messages.list(id, { order: 'asc' })).items
    expect(typesOf(listed)).toEqual([
      'system_message',
      'user_message',
      'tool_call_message',
      'approval_request_message',
      'approval_response_message',
      'tool_return_message',
      'assistant_message',
    ])
    expect(listed[4]).toMatchObject({
      approvals: [{ type: 'approval', tool_call_id: 'call-1', approve: true, reason: null }],
      approve: true,
      approval_request_id: 'call-1',
    })
    const byId = await wire.fetch(`/v1/messages/${listed[3]?.id ?? ''}`)
    expect(await byId.json()).toMatchObject([{ message_type: 'approval_request_message' }])
    const [newest] = (await wire.client.runs.list({ agent_id: id })).items
    const ofRun = (await wire.client.runs.messages.list(newest?.id ?? '', { order: 'asc' })).items
    expect(typesOf(ofRun)[0]).toBe('approval_response_message')
    const sent = wire.test.model.requests[1]?.messages.slice(-2)
    expect(sent).toMatchObject([
      { toolCalls: [{ callId: 'call-2' }, { callId: 'call-1' }] },
      { returns: [{ callId: 'call-2' }, { callId: 'call-1' }] },
    ])
  })

  test('a denied call does not run and the model reads why [approval.deny]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [call] }, { text: 'I see.' })
    await guarded.send(go)
    const done = await guarded.send(answer(false, 'call-1'))
    expect(done.messages[0]).toMatchObject({
      status: 'error',
      tool_return: 'Error: request to call tool denied. User reason: too windy',
    })
    expect(guarded.launched).toEqual([])
    expect(done.messages.at(-1)).toMatchObject({ content: 'I see.' })
  })

  test('answers for other calls are refused and change nothing [approval.ids]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [call] }, { text: 'Up.' })
    const { wire, id } = guarded
    await guarded.send(go)
    for (const [callIds, received] of [
      [['call-9'], "['call-9']"],
      [['call-1', 'call-9'], "['call-1', 'call-9']"],
      [[], '[]'],
    ] as const) {
      const refused = await wire.send('POST', `/v1/agents/${id}/messages`, {
        messages: [answer(true, ...callIds)],
      })
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ detail: mismatch(received) })
    }
    expect((await guarded.send(answer(true, 'call-1'))).messages).toHaveLength(2)
  })

  test('clients of old answer with one flag, by message or call [approval.legacy]', async () => {
    await using guarded = await openGuarded(
      open,
      { toolCalls: [call] },
      { toolCalls: [{ ...call, callId: 'call-7' }] },
      { text: 'Enough.' },
    )
    const asked = await guarded.send(go)
    const byMessage = await guarded.send({
      type: 'approval',
      approve: true,
      approval_request_id: asked.messages.at(-1)?.id ?? null,
    })
    expect(byMessage.stop_reason).toMatchObject({ stop_reason: 'requires_approval' })
    const byCall = await guarded.send({
      approve: false,
      approval_request_id: 'call-7',
      reason: 'enough',
    })
    expect(byCall.messages[0]).toMatchObject({ tool_call_id: 'call-7', status: 'error' })
    expect(guarded.launched).toEqual(['kea'])
  })

  test('what is said with the answer comes after the returns [approval.follow-ups]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [call] }, { text: 'Yes, two.' })
    await guarded.send(go)
    const extra: SentMessage = { role: 'user', content: 'And one more?' }
    await guarded.send(answer(true, 'call-1'), extra)
    expect(guarded.wire.test.model.requests[1]?.messages.slice(-2)).toMatchObject([
      { role: 'tool' },
      { role: 'user', content: [{ text: 'And one more?' }] },
    ])
    const state = await guarded.wire.client.agents.retrieve(guarded.id)
    expect(state.message_ids).toHaveLength(7)
  })

  test('the same answer again is the run it opened, another one is refused [approval.again]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [call] }, { text: 'Up.' })
    const { wire, id } = guarded
    await guarded.send(go)
    const first = await guarded.send(answer(true, 'call-1'))
    const again = await guarded.send(answer(true, 'call-1'))
    expect(again.messages).toEqual(first.messages)
    expect(guarded.launched).toEqual(['kea'])
    const other = await wire.send('POST', `/v1/agents/${id}/messages`, {
      messages: [answer(false, 'call-1')],
    })
    expect(other.status).toBe(400)
    expect(await other.json()).toMatchObject({
      code: 'approval_answered',
      detail: expect.stringContaining('No tool call is currently awaiting approval'),
    })
  })

  test('an answer with an otid of before is compared, too, and one that names the message comes again [approval.again, approval.legacy]', async () => {
    await using guarded = await openGuarded(
      open,
      { text: 'Hello.' },
      { toolCalls: [call] },
      { text: 'Up.' },
    )
    const { wire, id } = guarded
    const [spoken, answered] = [
      '0b8b6c8e-0000-4000-8000-0000000000aa',
      '0b8b6c8e-0000-4000-8000-0000000000bb',
    ]
    await guarded.send({ ...go, otid: spoken })
    const asked = await guarded.send(go)
    const post = (...messages: readonly object[]): Promise<Response> =>
      wire.send('POST', `/v1/agents/${id}/messages`, { messages })
    const lost = await post({ ...answer(true, 'call-1'), otid: spoken })
    expect([lost.status, await lost.json()]).toMatchObject([400, { code: 'otid_reused' }])
    const byMessage = {
      type: 'approval',
      approve: true,
      approval_request_id: asked.messages.at(-1)?.id ?? null,
      otid: answered,
    }
    const first = await post(byMessage)
    expect(first.status).toBe(200)
    const runId = first.headers.get('x-letta-run-id')
    for (const same of [
      byMessage,
      { ...byMessage, otid: null },
      { ...answer(true, 'call-1'), otid: answered },
    ]) {
      const again = await post(same)
      expect([again.status, again.headers.get('x-letta-run-id')]).toEqual([200, runId])
    }
    const other = await post({ ...answer(false, 'call-1'), otid: answered })
    expect([other.status, await other.json()]).toMatchObject([400, { code: 'approval_answered' }])
    expect(guarded.launched).toEqual(['kea'])
  })

  test('a message meanwhile is refused by status or in the stream [approval.blocks]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [call] })
    const { wire, id } = guarded
    const asked = await guarded.send(go)
    const sentence =
      'CONFLICT: Cannot send a new message: The agent is waiting for approval on a tool call. Please approve or deny the pending request before continuing.'
    for (const path of [`/v1/agents/${id}/messages`, `/v1/agents/${id}/messages/async`]) {
      const refused = await wire.send('POST', path, { input: 'Hello?' })
      expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([409, 'false'])
      expect(await refused.json()).toMatchObject({
        detail: {
          code: 'PENDING_APPROVAL',
          message: sentence,
          pending_request_id: asked.messages.at(-1)?.id,
        },
      })
    }
    const early = await wire.send('POST', `/v1/agents/${id}/messages/stream`, {
      input: 'Hello?',
      include_pings: false,
    })
    expect(early.status).toBe(409)
    const frames = await readFrames(
      await wire.send('POST', `/v1/agents/${id}/messages/stream`, { input: 'Hello?' }),
    )
    expect(dataOf(frames)).toMatchObject([
      { message_type: 'ping' },
      { message_type: 'stop_reason', stop_reason: 'error' },
      { message_type: 'error_message', error_type: 'internal_error', detail: sentence },
    ])
    expect([frames.at(-2)?.event, frames.at(-1)?.data]).toEqual(['error', '[DONE]'])
  })

  test('cancelling meanwhile denies the calls and frees the conversation [approval.cancel]', async () => {
    await using guarded = await openGuarded(
      open,
      { toolCalls: [search, call] },
      { text: 'Landed.' },
    )
    const { wire, id } = guarded
    await guarded.send(go)
    const [run] = (await wire.client.runs.list({ agent_id: id })).items
    const cancelled = await wire.client.agents.messages.cancel(id)
    expect(cancelled).toEqual({ [run?.id ?? '']: 'cancelled' })
    const late = await wire.send('POST', `/v1/agents/${id}/messages`, {
      messages: [answer(false, 'call-1')],
    })
    expect(late.status).toBe(400)
    const next = await guarded.send({ role: 'user', content: 'Leave it.' })
    expect(next.messages.at(-1)).toMatchObject({ content: 'Landed.' })
    const text = 'The user cancelled the request, so the tool call was denied.'
    expect(wire.test.model.requests[1]?.messages.slice(-3)).toMatchObject([
      { toolCalls: [{ callId: 'call-2' }, { callId: 'call-1' }] },
      { returns: [{ text }, { text: expect.stringContaining(text) }] },
      { role: 'user' },
    ])
    const again = await wire.send('POST', `/v1/agents/${id}/messages/cancel`, {})
    expect(again.status).toBe(409)
  })

  test('deltas of a request carry the id and otid it is kept by [approval.tokens]', async () => {
    await using guarded = await openGuarded(open, { text: 'Shall I?', toolCalls: [search, call] })
    const { wire, id } = guarded
    const frames = dataOf(
      await readFrames(
        await wire.send('POST', `/v1/agents/${id}/messages/stream`, {
          input: 'Go.',
          stream_tokens: true,
          background: true,
        }),
      ),
    )
    const deltas = frames.filter((frame) => frame['message_type'] === 'approval_request_message')
    expect(deltas[0]).toMatchObject({ tool_call: { name: 'launch', tool_call_id: 'call-1' } })
    const written = deltas.map((frame) => (frame['tool_call'] as { arguments: string }).arguments)
    expect(written.join('')).toBe('{"name":"kea"}')
    expect(frames.at(-2)).toMatchObject({ stop_reason: 'requires_approval' })
    const listed = (await wire.client.agents.messages.list(id)).items
    const request = listed.find(({ message_type }) => message_type === 'approval_request_message')
    expect(deltas[0]).toMatchObject({ id: request?.id, otid: request?.otid })
    const steps = dataOf(
      await readFrames(
        await wire.send('POST', `/v1/agents/${id}/messages/stream`, {
          messages: [answer(false, 'call-1')],
        }),
      ),
    ).map((frame) => frame['message_type'])
    expect(steps).toContain('tool_return_message')
  })

  test('a rule is set and cleared by body or query, and tools bring it along [approval.toggle]', async () => {
    await using guarded = await openGuarded(open)
    const { wire, id } = guarded
    const path = `/v1/agents/${id}/tools/approval/conversation_search`
    const rulesOf = async (): Promise<readonly unknown[]> =>
      ((await wire.client.agents.retrieve(id)).tool_rules ?? []).map((rule) => rule.tool_name)
    await wire.client.agents.tools.updateApproval('conversation_search', {
      agent_id: id,
      body_requires_approval: true,
    })
    expect(await rulesOf()).toEqual(['launch', 'conversation_search'])
    for (const [query, body, expected] of [
      ['?requires_approval=false', {}, 1],
      ['', { requires_approval: true }, 2],
      ['?query_requires_approval=false', {}, 1],
      ['', { body_requires_approval: true }, 2],
      ['', { requires_approval: false }, 1],
    ] as const) {
      expect((await wire.send('PATCH', `${path}${query}`, body)).status).toBe(200)
      expect(await rulesOf()).toHaveLength(expected)
    }
    expect((await wire.send('PATCH', path, {})).status).toBe(422)
    const unknown = path.replace('conversation_search', 'nothing')
    expect((await wire.send('PATCH', unknown, { requires_approval: true })).status).toBe(404)
    const { tool } = createLauncher({ requiresApproval: true })
    await using other = await open({ tools: [tool] })
    const made = await other.client.agents.create({ tools: ['launch'], include_base_tools: false })
    expect(made.tool_rules).toMatchObject([guard])
    const plain = await other.client.agents.create({ include_base_tools: false })
    await other.client.agents.tools.attach(toolId('launch'), { agent_id: plain.id })
    expect((await other.client.agents.retrieve(plain.id)).tool_rules).toMatchObject([guard])
    const shown = await other.client.tools.retrieve(toolId('launch'))
    expect(shown.default_requires_approval).toBe(true)
  })

  test('nobody else sees, answers or cancels a request [approval.tenant]', async () => {
    await using guarded = await openGuarded(open, { toolCalls: [call] })
    const { wire, id } = guarded
    await guarded.send(go)
    const [run] = (await wire.client.runs.list({ agent_id: id })).items
    const stranger = {
      kind: 'tenant',
      tenantId: 'org-00000000-0000-4000-8000-00000000abcd',
      userId: 'user-00000000-0000-4000-8000-00000000abcd',
      role: 'admin',
    } as const
    const { runtime, store } = wire.app
    expect(await store.listPendingApprovals(stranger, { agentId: id, limit: 9 })).toEqual([])
    await expect(runtime.cancel(stranger, { runId: run?.id ?? '' })).rejects.toMatchObject({
      code: 'not_found',
    })
    const other = await wire.send(
      'POST',
      '/v1/agents/agent-00000000-0000-4000-8000-00000000abcd/messages',
      {
        messages: [answer(true, 'call-1')],
      },
    )
    expect(other.status).toBe(404)
    expect(guarded.launched).toEqual([])
  })
})
