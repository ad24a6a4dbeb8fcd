import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defaultScope } from '../domain/scope.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { toolId } from '../tools/registry.ts'
import type { ModelPart } from '../llm/model.ts'
import type { ScriptedReply } from '../testing/scripted-model.ts'
import type { ActionTool } from '../tools/tool.ts'
import { eventTypes, lastText, readHistory } from '../testing/run-frames.ts'

describe('a turn with tools', () => {
  it('edits memory, shows the new value in the next step and keeps who did it and why', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            {
              name: 'core_memory_append',
              arguments: { label: 'human', content: 'Plays the cello.' },
            },
          ],
        },
        { text: 'Noted.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'I play the cello.')
    expect(eventTypes(frames)).toEqual([
      'prompt-sent',
      'message-stored',
      'message-stored',
      'prompt-sent',
      'message-stored',
      'run-ended',
    ])
    expect(JSON.stringify(test.model.requests[1]?.messages.at(-1))).toContain('Plays the cello.')
    const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    expect(block?.value).toContain('Plays the cello.')
    const [version] = await test.app.store.listBlockVersions(defaultScope, {
      id: block?.id ?? '',
      limit: 1,
    })
    expect(version).toMatchObject({
      actor: { kind: 'agent', id: agent.id },
      reason: 'core_memory_append',
    })
    expect(version?.sourceMessageIds).not.toHaveLength(0)
  })

  it('makes no more than a hundred calls of one answer, and tells the model and readers so', async () => {
    const query = JSON.stringify({ query: 'anything' })
    const call = { name: 'conversation_search', arguments: query }
    await using test = await createTestApp({
      script: [
        { text: 'Let me look.', toolCalls: Array.from({ length: 250 }, () => call) },
        { text: 'That was too much.' },
      ],
    })
    const agent = await test.createAgent()
    const options = { streamTokens: true }
    const frames = await test.ask(agent, 'Look everywhere.', { options })
    expect(lastText(frames)).toBe('That was too much.')
    const [, said, returns] = test.model.requests[1]?.messages.slice(-3) ?? []
    expect(said).toMatchObject({ role: 'assistant' })
    expect(said?.role === 'assistant' && said.toolCalls).toHaveLength(100)
    expect(JSON.stringify(said)).toContain('more than 100 tool calls')
    expect(returns?.role === 'tool' && returns.returns).toHaveLength(100)
    const shown = frames.flatMap(({ event: { event } }) =>
      event.type === 'text-delta' ? [event.text] : [],
    )
    expect(shown.filter((text) => text.includes('more than 100 tool calls'))).toHaveLength(1)
    const started = frames.filter(
      ({ event: { event } }) => event.type === 'tool-call-delta' && event.callId !== null,
    )
    expect(started).toHaveLength(100)
  })

  it.each<[string, ScriptedReply]>([
    ['text', { text: ['word '.repeat(1_000_000), 'and more'] }],
    ['hidden thoughts', { parts: [{ type: 'reasoning-hidden', data: 'word '.repeat(1_000_000) }] }],
    ['calls without arguments', { parts: Array.from({ length: 200 }, (_, at) => longCall(at)) }],
  ])('breaks an answer of %s off that does not end, and keeps what was asked', async (_, reply) => {
    await using test = await createTestApp({ script: [reply] })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Go on for ever.')
    expect(frames.at(-1)?.event.event).toMatchObject({
      type: 'run-ended',
      stopReason: 'llm_api_error',
      error: { detail: expect.stringContaining('longer than 4 million characters') },
    })
    const [said] = await readHistory(test, agent.id)
    expect(said).toBe('user: Go on for ever.')
  })

  it.each([
    ['a number too large to be one', '{"query":"x","limit":1e999}'],
    ['lists in lists', `{"query":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['objects in objects', `{"query":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}`],
  ])('tells the model of arguments that cannot be read, and goes on: %s', async (_name, given) => {
    await using test = await createTestApp({
      script: [
        { toolCalls: [{ name: 'conversation_search', arguments: given }] },
        { text: 'Then without.' },
      ],
    })
    const frames = await test.ask(await test.createAgent(), 'Search.')
    expect(lastText(frames)).toBe('Then without.')
    const returned = frames.find(({ message }) => message?.role === 'tool')?.message
    expect(returned?.toolReturns[0]?.status).toBe('error')
  })

  it('stores no NUL, whether the model writes it as text or in arguments', async () => {
    const nul = String.fromCodePoint(0)
    const content = `Plays${nul} cello.`
    await using test = await createTestApp({
      script: [
        { toolCalls: [{ name: 'core_memory_append', arguments: { label: 'human', content } }] },
        { text: `Not${nul}ed.` },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Hi.', { options: { streamTokens: true } })
    const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    expect(block?.value).toContain('Plays cello.')
    expect(lastText(frames)).toBe('Noted.')
    const deltas = frames.flatMap(({ event }) =>
      event.event.type === 'text-delta' ? [event.event.text] : [],
    )
    expect(deltas.join('')).toBe('Noted.')
  })

  it('does not repeat at the tail what a tool return has shown', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            {
              name: 'core_memory_append',
              arguments: { label: 'human', content: 'Plays the cello.' },
            },
          ],
        },
        { text: 'Noted.' },
        { text: 'Yes.' },
      ],
    })
    const agent = await test.createAgent()
    await test.ask(agent, 'I play the cello.')
    await test.ask(agent, 'Do you know?')
    const [, second, third] = test.model.requests
    expect(third?.system).toBe(second?.system)
    const tails = JSON.stringify(third?.messages).match(/Memory block \\\\"human/g)
    expect(tails).toBeNull()
  })

  it('creates, renames and removes memory blocks, visible in the next step under the same prefix', async () => {
    const path = '/memories/project'
    const newPath = '/memories/project/aurora'
    const memory = (given: object): object => ({
      toolCalls: [{ name: 'memory', arguments: given }],
    })
    await using test = await createTestApp({
      script: [
        memory({ command: 'create', path, description: 'The project', file_text: 'Due in May' }),
        memory({ command: 'rename', old_path: path, new_path: newPath }),
        memory({ command: 'str_replace', path: newPath, old_string: 'May', new_string: 'June' }),
        memory({ command: 'delete', path: '/memories/human' }),
        { text: 'Done.' },
        { text: 'Yes.' },
      ],
    })
    const agent = await test.createAgent({ toolIds: [toolId('memory')] })
    await test.ask(agent, 'Keep it.')
    await test.ask(agent, 'Do you know?')
    const blocks = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    expect(blocks.map(({ label }) => label)).toEqual(['project/aurora'])
    expect(blocks[0]).toMatchObject({ value: 'Due in June', version: 3 })
    const { requests } = test.model
    expect(new Set(requests.map(({ system }) => system)).size).toBe(1)
    expect(JSON.stringify(requests[1]?.messages.at(-1))).toContain('Due in May')
    expect(JSON.stringify(requests[5]?.messages.at(-2))).not.toContain('Memory block')
  })

  it('keeps both edits when somebody else changes another place of a block that a tool writes anew', async () => {
    await using test = await createTestApp({
      script: [
        { text: 'Hi.' },
        {
          delayMs: 1000,
          toolCalls: [
            { name: 'memory_rethink', arguments: { label: 'human', new_memory: 'Tea\nPorto' } },
          ],
        },
        { text: 'Done.' },
      ],
    })
    const agent = await test.createAgent()
    const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    const id = block?.id ?? ''
    const cause = {
      actor: { kind: 'user', id: 'user-1' },
      reason: 'test',
      sourceMessageIds: [],
    } as const
    const write = (value: string): Promise<unknown> =>
      test.app.store.updateBlock(defaultScope, { id, at: 1, cause, set: { value } })
    await write('Coffee\nPorto')
    await test.ask(agent, 'Hello.')
    const { run } = await test.say(agent, 'It is tea now.')
    await test.clock.advance(1)
    await write('Coffee\nPorto\nA dog')
    await test.clock.advance(1000)
    await test.frames(run.id)
    expect(await test.app.store.getBlock(defaultScope, { id })).toMatchObject({
      value: 'Tea\nPorto\nA dog',
      version: 4,
    })
  })

  it('shows a change made elsewhere during the turn after the last tool return, the same in every later request', async () => {
    await using test = await createTestApp({
      script: [
        { delayMs: 1000, toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] },
        { toolCalls: [{ name: 'conversation_search', arguments: { query: 'y' } }] },
        { text: 'I see.' },
        { text: 'Still.' },
      ],
    })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Look around.')
    await test.clock.advance(1)
    await test.app.store.updateBlock(defaultScope, {
      id: agent.blockIds[0] ?? '',
      at: test.clock.now(),
      cause: {
        actor: { kind: 'user', id: defaultScope.userId },
        reason: 'test',
        sourceMessageIds: [],
      },
      set: { value: 'Moved to Oslo.' },
    })
    await test.clock.advance(1000)
    await test.frames(run.id)
    await test.ask(agent, 'And now?')
    const [first, second, third, fourth] = test.model.requests.map(({ messages }) =>
      JSON.stringify(messages),
    )
    expect(first).not.toContain('Oslo')
    expect(second?.match(/Moved to Oslo/g)).toHaveLength(1)
    expect(third?.startsWith(second?.slice(0, -1) ?? '-')).toBe(true)
    expect(fourth?.startsWith(third?.slice(0, -1) ?? '-')).toBe(true)
  })

  it('reports a call that cannot be made to the model and goes on', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            { name: 'no_such_tool', arguments: {} },
            { name: 'memory_insert', arguments: '{"label":' },
          ],
        },
        { text: 'Sorry.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Try.')
    expect(lastText(frames)).toBe('Sorry.')
    const returns = frames.find((frame) => frame.message?.role === 'tool')?.message?.toolReturns
    expect(returns?.map(({ status }) => status)).toEqual(['error', 'error'])
    expect(returns?.[0]?.text).toContain('Your tools are: core_memory_append')
  })

  it('finds at once what a call of the same step has stored', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            {
              name: 'archival_memory_insert',
              arguments: { content: 'The spare key is under the fern.' },
            },
          ],
        },
        {
          toolCalls: [
            { name: 'archival_memory_search', arguments: { query: 'Where is the key?' } },
          ],
        },
        { text: 'Under the fern.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Keep this.')
    expect(lastText(frames)).toBe('Under the fern.')
    expect(JSON.stringify(test.model.requests[2]?.messages.at(-1))).toContain('under the fern')
  })

  it('keeps returns that quote memory out of search, and finds other returns', async () => {
    const weather: ActionTool<unknown> = {
      kind: 'action',
      name: 'weather',
      description: 'Tells the weather.',
      parameters: z.object({}),
      tags: [],
      toolType: 'custom',
      parallel: false,
      returnLimit: 10_000,
      replay: 'read-only',
      quotesMemory: false,
      run: () => Promise.resolve({ text: 'Hail over the fjord.' }),
    }
    const search = {
      toolCalls: [{ name: 'conversation_search', arguments: { query: 'hail', roles: ['tool'] } }],
    }
    await using test = await createTestApp({
      tools: [weather],
      script: [
        { toolCalls: [{ name: 'weather', arguments: {} }] },
        { text: 'Bad.' },
        search,
        { text: 'Hail.' },
        search,
        { text: 'Hail.' },
      ],
    })
    const agent = await test.createAgent({
      toolIds: ['weather', 'conversation_search'].map(toolId),
    })
    await test.ask(agent, 'Weather?')
    await test.ask(agent, 'And before?')
    await test.ask(agent, 'And now?')
    const last = JSON.stringify(test.model.requests[5]?.messages.at(-1))
    expect(last.match(/Hail over the fjord/g)).toHaveLength(1)
  })

  it('ends with max_steps when the model never rests', async () => {
    const call = { toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] }
    await using test = await createTestApp({ script: [call, call] })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Go.', { options: { maxSteps: 2 } })
    expect(frames.at(-1)?.event.event).toMatchObject({ type: 'run-ended', stopReason: 'max_steps' })
    expect(test.model.requests).toHaveLength(2)
  })

  it('ends with tool_rule after a terminal tool', async () => {
    await using test = await createTestApp({
      script: [{ toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] }],
    })
    const agent = await test.createAgent(terminal)
    const frames = await test.ask(agent, 'Go.')
    expect(frames.at(-1)?.event.event).toMatchObject({ stopReason: 'tool_rule' })
  })

  it('stores the end of a turn in the same commit as the return of its terminal tool', async () => {
    const memory = await openMemoryStore()
    const store = {
      ...memory,
      endTurn: () => Promise.reject(new Error('The end was to be stored before.')),
    }
    await using test = await createTestApp({
      store,
      script: [{ toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] }],
    })
    const frames = await test.ask(await test.createAgent(terminal), 'Go.')
    expect(eventTypes(frames).slice(-2)).toEqual(['message-stored', 'run-ended'])
  })
})

const terminal = { toolRules: [{ type: 'exit_loop', tool_name: 'conversation_search' }] }

/** The beginning of a call whose identifier alone is long. */
function longCall(index: number): ModelPart {
  const callId = `${index}-`.padEnd(30_000, 'x')
  return { type: 'tool-call-start', index, callId, name: 'conversation_search' }
}
