import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defaultScope } from '../domain/scope.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { eventTypes } from '../testing/run-frames.ts'
import { toolId } from '../tools/registry.ts'
import type { ActionTool } from '../tools/tool.ts'

describe('a run that is cancelled while the first of many tools runs', () => {
  it('starts none of the others and ends as cancelled', async () => {
    const started: string[] = []
    const tool: ActionTool<unknown> = {
      kind: 'action',
      name: 'send_letter',
      description: 'Sends a letter.',
      parameters: z.object({}),
      tags: [],
      toolType: 'custom',
      parallel: false,
      returnLimit: 10_000,
      replay: 'once',
      quotesMemory: false,
      async run(_input, { signal }) {
        started.push('letter')
        if (!signal.aborted) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        }
        return { text: 'Sent.' }
      },
    }
    const call = { name: 'send_letter', arguments: {} }
    await using test = await createTestApp({
      script: [{ toolCalls: [call, call, call] }],
      tools: [tool],
    })
    const agent = await test.createAgent({ toolIds: [toolId('send_letter')] })
    const { run } = await test.say(agent, 'Send three.')
    await test.clock.advance(1)
    const cancelled = await test.app.runtime.cancel(defaultScope, { runId: run.id })
    expect(cancelled.status).toBe('cancelled')
    expect(started).toEqual(['letter'])
    const types = eventTypes(await test.frames(run.id))
    expect(types.filter((type) => type === 'run-ended')).toHaveLength(1)
  })
})
