import { expect, test } from 'vitest'
import type { StreamEvent } from './messages.ts'
import { type TurnFrame, TurnReader } from './turn-reader.ts'

const date = '2026-01-01T00:00:00+00:00'

function assistant(id: string, content: string): TurnFrame {
  return { id, date, message_type: 'assistant_message', content }
}

function call(id: string, delta: object): TurnFrame {
  const tool_call = { name: null, arguments: null, tool_call_id: null, ...delta }
  return {
    id,
    date,
    message_type: 'tool_call_message',
    tool_call,
    tool_calls: tool_call,
  } as TurnFrame
}

function stop(stop_reason: 'end_turn' | 'requires_approval'): TurnFrame {
  return { message_type: 'stop_reason', stop_reason }
}

function readAll(frames: readonly TurnFrame[]): { reader: TurnReader; events: StreamEvent[] } {
  const reader = new TurnReader()
  return { reader, events: frames.flatMap((frame) => reader.read(frame)) }
}

test('TurnReader puts the answer first and the rest after it in order', () => {
  const { reader, events } = readAll([
    { id: 'ping-1', date, message_type: 'ping', run_id: 'run-1' },
    { id: 'm1', date, message_type: 'reasoning_message', reasoning: 'Hm' },
    assistant('m1', 'Let me '),
    assistant('m1', 'look.'),
    call('m1', { name: 'conversation_search', tool_call_id: 'c1', arguments: '{"que' }),
    call('m1', { arguments: 'ry":"x"}' }),
    {
      id: 'm2',
      date,
      message_type: 'tool_return_message',
      tool_call_id: 'c1',
      tool_return: 'found',
      status: 'success',
    },
    assistant('m3', 'It is x.'),
    stop('end_turn'),
  ])
  const response = reader.end()
  expect(response.map(({ type, text }) => [type, text])).toEqual([
    ['assistant', 'It is x.'],
    ['reasoning', 'Hm'],
    ['assistant', 'Let me look.'],
    ['tool_call', '{"query":"x"}'],
    ['tool_return', 'found'],
  ])
  expect(response[4]).toMatchObject({ toolName: 'conversation_search', status: 'success' })
  expect(response).toMatchObject({ runId: 'run-1', stopReason: 'end_turn' })
  expect(events.map(({ type }) => type)).toEqual([
    'accepted',
    'reasoning',
    'text',
    'text',
    'tool_call',
    'tool_return',
    'text',
  ])
})

test('TurnReader keeps parallel calls apart whose deltas interleave', () => {
  const { reader } = readAll([
    call('m1', { name: 'a', tool_call_id: 'c1', arguments: '{"x":' }),
    call('m1', { name: 'b', tool_call_id: 'c2', arguments: '{"y":' }),
    call('m1', { tool_call_id: 'c1', arguments: '1}' }),
    call('m1', { tool_call_id: 'c2', arguments: '2}' }),
    assistant('m2', 'done'),
    stop('end_turn'),
  ])
  expect(
    reader
      .end()
      .slice(1)
      .map(({ toolName, text }) => [toolName, text]),
  ).toEqual([
    ['a', '{"x":1}'],
    ['b', '{"y":2}'],
  ])
})

test('TurnReader forgets a message that was dropped', () => {
  const { reader, events } = readAll([
    { id: 'm1', date, message_type: 'reasoning_message', reasoning: 'Hm' },
    assistant('m1', 'Half an ans'),
    {
      message_type: 'event_message',
      event_type: 'message_dropped',
      event_data: { message_id: 'm1' },
    },
    assistant('m2', 'The answer'),
    stop('end_turn'),
  ])
  expect(events).toContainEqual({ type: 'dropped', messageId: 'm1' })
  expect(reader.end().map(({ text }) => text)).toEqual(['The answer'])
})

test('TurnReader has no answer when the agent said nothing', () => {
  expect(() => readAll([stop('end_turn')]).reader.end()).toThrow(
    expect.objectContaining({ code: 'no_answer' }),
  )
  expect(() => readAll([stop('requires_approval')]).reader.end()).toThrow(
    expect.objectContaining({ code: 'pending_approval' }),
  )
})
