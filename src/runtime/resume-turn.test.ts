import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { createNumberedIds } from '../testing/numbered-ids.ts'
import { eventTypes, lastText, readHistory } from '../testing/run-frames.ts'
import { toolId } from '../tools/registry.ts'
import type { ActionTool } from '../tools/tool.ts'

/** A tool that takes a minute the first time it is called, and notes each call. */
function slowTool(replay: ActionTool<unknown>['replay'], calls: string[]): ActionTool<unknown> {
  return {
    kind: 'action',
    name: 'send_letter',
    description: 'Sends a letter.',
    parameters: z.object({}),
    tags: [],
    toolType: 'custom',
    parallel: false,
    returnLimit: 10_000,
    replay,
    quotesMemory: false,
    async run(_input, { signal }) {
      calls.push('called')
      if (calls.length === 1)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return { text: 'Sent.' }
    },
  }
}

/** Stops a process while it runs `send_letter`; returns what the next process makes of the turn. */
async function stopDuringTool(replay: ActionTool<unknown>['replay']): Promise<{
  readonly calls: number
  readonly toolReturn: string
  readonly ends: number
}> {
  const store = await openMemoryStore()
  const calls: string[] = []
  const ids = createNumberedIds()
  const tools = [slowTool(replay, calls)]
  const script = [{ toolCalls: [{ name: 'send_letter', arguments: {} }] }]
  const first = await createTestApp({
    script,
    tools,
    ids,
    store: { ...store, close: () => Promise.resolve() },
  })
  const agent = await first.createAgent({ toolIds: [toolId('send_letter')] })
  const { run } = await first.say(agent, 'Send it.')
  await first.clock.advance(1)
  const stopping = first.app.runtime.stop({ deadlineMs: 0 })
  await first.clock.advance(1)
  await stopping

  await using second = await createTestApp({
    script: [{ text: 'Looked into it.' }],
    tools,
    ids,
    store,
  })
  await second.app.runtime.recover(defaultScope, { conversationId: run.conversationId })
  const frames = await second.frames(run.id)
  const message = frames.find((frame) => frame.message?.role === 'tool')?.message
  return {
    calls: calls.length,
    toolReturn: message?.toolReturns[0]?.text ?? '',
    ends: eventTypes(frames).filter((type) => type === 'run-ended').length,
  }
}

describe('a process that stops in the middle of a turn', () => {
  it('leaves the turn to the next one, which answers once', async () => {
    const store = await openMemoryStore()
    const shared = { ...store, close: () => Promise.resolve() }
    const first = await createTestApp({
      script: [{ delayMs: 60_000, text: 'Never seen.' }],
      store: shared,
    })
    const agent = await first.createAgent()
    const { run } = await first.say(agent, 'Still there?')
    await first.clock.advance(1)
    const stopping = first.app.runtime.stop({ deadlineMs: 0 })
    await first.clock.advance(1)
    await stopping
    expect((await store.getRun(defaultScope, { id: run.id })).status).toBe('running')
    expect(await first.app.services.runs.get(defaultScope, run.id)).toMatchObject({
      status: 'created',
      metadata: { interrupted: true },
    })

    await using second = await createTestApp({ script: [{ text: 'Back again.' }], store })
    const conversationId = defaultConversationId(agent.id)
    expect(await second.app.runtime.recover(defaultScope, { conversationId })).toBe(1)
    const frames = await second.frames(run.id)
    expect(lastText(frames)).toBe('Back again.')
    expect(eventTypes(frames).filter((type) => type === 'run-ended')).toHaveLength(1)
    expect(await readHistory(second, agent.id)).toEqual([
      'user: Still there?',
      'assistant: Back again.',
    ])
  })

  it('never runs a tool twice that may have taken effect, and tells the model', async () => {
    const outcome = await stopDuringTool('once')
    expect(outcome).toMatchObject({ calls: 1, ends: 1 })
    expect(outcome.toolReturn).toContain('interrupted before its result was recorded')
  })

  it('runs a tool again that declares itself idempotent', async () => {
    expect(await stopDuringTool('idempotent')).toEqual({ calls: 2, toolReturn: 'Sent.', ends: 1 })
  })
})
