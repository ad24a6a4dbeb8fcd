import { expect, test } from 'vitest'
import { toolId } from '../../src/tools/registry.ts'
import { createLauncher } from './launcher.ts'
import { describeWire } from './open-wire.ts'

const call = { name: 'launch', arguments: { name: 'kea' }, callId: 'call-1' }

const clientTool = {
  name: 'read_file',
  description: 'Reads a file of the user.',
  parameters: { type: 'object', properties: { path: { type: 'string' } } },
}

describeWire('client tools', (open) => {
  test('a call waits for what the caller returns, by either message [client-tools.return]', async () => {
    const read = { name: 'read_file', arguments: { path: 'a.txt' } }
    await using wire = await open({
      script: [
        { toolCalls: [{ ...read, callId: 'call-1' }] },
        { toolCalls: [{ ...read, callId: 'call-2' }] },
        { text: 'Both read.' },
      ],
    })
    const { id } = await wire.test.createAgent()
    const asked = await wire.client.agents.messages.create(id, {
      input: 'Read.',
      client_tools: [clientTool],
    })
    expect(asked.messages.at(-1)).toMatchObject({ message_type: 'approval_request_message' })
    const offered = wire.test.model.requests[0]?.tools.find(({ name }) => name === 'read_file')
    expect(offered).toEqual(clientTool)
    const first = await wire.client.agents.messages.create(id, {
      messages: [
        {
          type: 'approval',
          approvals: [
            {
              type: 'tool',
              tool_call_id: 'call-1',
              status: 'success',
              tool_return: [{ type: 'text', text: 'one' }],
              stdout: ['read'],
            },
          ],
        },
      ],
      client_tools: [clientTool],
    })
    expect(first.messages).toMatchObject([
      { message_type: 'tool_return_message', tool_return: 'one', stdout: ['read'] },
      { message_type: 'approval_request_message' },
    ])
    const second = await wire.client.agents.messages.create(id, {
      messages: [
        {
          type: 'tool_return',
          tool_returns: [
            { type: 'tool', tool_call_id: 'call-2', status: 'error', tool_return: 'no such file' },
          ],
        },
      ],
    })
    expect(second.messages).toMatchObject([
      { tool_return: 'no such file', status: 'error' },
      { content: 'Both read.' },
    ])
    expect(wire.test.model.requests[2]?.tools.map(({ name }) => name)).toContain('read_file')
  })

  test('another return for a call that was answered is refused, the first stands [client-tools.again]', async () => {
    await using wire = await open({
      script: [{ toolCalls: [call] }, { text: 'Up.' }, { toolCalls: [{ ...call, callId: 'c-2' }] }],
    })
    const { id } = await wire.test.createAgent()
    const own = { ...clientTool, name: 'launch' }
    const path = `/v1/agents/${id}/messages`
    const answer = (text: string, more: object = {}): Promise<Response> => {
      const result = { tool_call_id: 'call-1', status: 'success', tool_return: text, ...more }
      return wire.send('POST', path, {
        messages: [{ type: 'tool_return', tool_returns: [result] }],
      })
    }
    const refused = {
      code: 'approval_answered',
      detail:
        'Cannot process approval response: call-1 was answered before with something else, and the first answer stands. No tool call is currently awaiting approval under this id. Send a regular message to say what is different.',
    }
    await wire.client.agents.messages.create(id, { input: 'Go.', client_tools: [own] })
    const first = await answer('flew')
    const again = await answer('flew')
    const silent = await answer('flew', { stdout: [], stderr: [] })
    expect([first.status, again.status, silent.status]).toEqual([200, 200, 200])
    expect(await again.json()).toEqual(await first.json())
    for (const other of [
      await answer('crashed'),
      await answer('flew', { status: 'error' }),
      await answer('flew', { stderr: ['low battery'] }),
    ]) {
      expect(other.status).toBe(400)
      expect(await other.json()).toMatchObject(refused)
    }
    await wire.client.agents.messages.create(id, { input: 'Go.', client_tools: [own] })
    const late = await answer('crashed')
    expect([late.status, await late.json()]).toMatchObject([400, refused])
    const returns = wire.test.model.requests.flatMap(({ messages }) => JSON.stringify(messages))
    expect(returns.some((text) => text.includes('crashed'))).toBe(false)
  })

  test('a client tool takes the place of a server tool, for its request [client-tools.replace]', async () => {
    const { tool, launched } = createLauncher()
    await using wire = await open({
      script: [{ toolCalls: [call] }, { text: 'Mine.' }, { toolCalls: [call] }, { text: 'Yours.' }],
      tools: [tool],
    })
    const { id } = await wire.test.createAgent({ toolIds: [toolId('launch')] })
    const own = { ...clientTool, name: 'launch' }
    await wire.client.agents.messages.create(id, { input: 'Go.', client_tools: [own] })
    expect(wire.test.model.requests[0]?.tools).toEqual([own])
    await wire.client.agents.messages.create(id, {
      messages: [
        {
          type: 'tool_return',
          tool_returns: [
            { type: 'tool', tool_call_id: 'call-1', status: 'success', tool_return: 'mine' },
          ],
        },
      ],
    })
    expect(launched).toEqual([])
    await wire.client.agents.messages.create(id, { input: 'Go.' })
    expect(launched).toEqual(['kea'])
  })
})
