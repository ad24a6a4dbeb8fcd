import { expect, test } from 'vitest'
import type { ScriptedStep } from '../../src/testing/scripted-model.ts'
import { describeWire } from './open-wire.ts'

/** A step in which the model edits the block human. */
function edit(old: string, text: string): ScriptedStep {
  const given = { label: 'human', old_string: old, new_string: text }
  return { toolCalls: [{ name: 'memory_replace', arguments: given }] }
}

describeWire('what a run did to memory', (open) => {
  test('tells at the end of a run what it remembered and proposed, when that is asked for [memory.event]', async () => {
    await using wire = await open({
      script: [
        edit('tea', 'mate'),
        { text: 'Noted.' },
        edit('mate', 'rum'),
        { text: 'Noted.' },
        { text: 'Hello.' },
      ],
    })
    const { client } = wire
    const { id: agentId } = await client.agents.create({
      tools: ['memory_replace'],
      include_base_tools: false,
      memory_blocks: [{ label: 'human', value: 'tea' }],
    })
    const memory = `/v1/agents/${agentId}/memory`
    const path = `/v1/agents/${agentId}/messages`
    const ask = (more: object): Promise<Response> =>
      wire.send('POST', path, { messages: [{ role: 'user', content: 'Well?' }], ...more })
    const answer = async (response: Response) =>
      (await response.json()) as {
        messages: { message_type: string; event_type?: string; event_data?: object }[]
      }
    const { messages } = await answer(await ask({ include_memory_changes: true }))
    const [change] = (await (await wire.fetch(`${memory}/history`)).json()) as { id: string }[]
    expect(messages.at(-1)).toMatchObject({
      message_type: 'event_message',
      event_type: 'memory_changed',
      event_data: {
        changes: [{ id: change?.id, kind: 'changed', text: 'tea → mate' }],
        proposed: [],
      },
    })
    await wire.send('PUT', `${memory}/mode`, { mode: 'review' })
    const stream = await ask({ streaming: true, include_memory_changes: true })
    const frames = (await stream.text())
      .split('\n\n')
      .filter((frame) => frame.startsWith('data: {'))
      .map((frame) => JSON.parse(frame.slice(6)) as { message_type: string; seq_id: number | null })
    expect(frames.map(({ message_type: type }) => type).slice(-3)).toEqual([
      'event_message',
      'stop_reason',
      'usage_statistics',
    ])
    const numbers = frames.flatMap(({ seq_id: seqId }) => seqId ?? [])
    expect(numbers).toEqual([...new Set(numbers)].toSorted((left, right) => left - right))
    expect(frames.at(-3)).toMatchObject({
      event_data: {
        changes: [],
        proposed: [{ state: 'open', notes: [expect.stringContaining('rum')] }],
      },
    })
    const runId = stream.headers.get('x-letta-run-id')
    const resumed = await wire.send('POST', `/v1/runs/${runId}/stream`, {
      starting_after: numbers.at(-4),
    })
    expect(await resumed.text()).toContain('"event_type":"memory_changed"')
    const silent = await answer(await ask({ include_memory_changes: true }))
    expect(silent.messages.map(({ message_type: type }) => type)).toEqual(['assistant_message'])
  })
})
