import { expect, test } from 'vitest'
import type { RunEventBody } from '../domain/run.ts'
import type { JsonObject } from '../util/json.ts'
import {
  createRunFrameEncoder,
  firstEventAfter,
  type RunFrameOptions,
  type WireFrame,
} from './run-frames.ts'

const messageId = 'message-00000000-0000-4000-8000-000000000000'
const nextId = 'message-00000000-0000-4000-8000-000000000080'
const stepId = 'step-1'

const usage = {
  promptTokens: 1,
  completionTokens: 2,
  totalTokens: 3,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  stepCount: 1,
  contextTokens: 3,
}

function encode(
  bodies: readonly RunEventBody[],
  options: Partial<RunFrameOptions> = {},
): readonly WireFrame[] {
  const encoder = createRunFrameEncoder({
    mode: 'tokens',
    messageTypes: null,
    startingAfter: 0,
    ...options,
  })
  return bodies.flatMap((event, index) =>
    encoder({
      event: { runId: 'run-1', sequence: index + 1, event, createdAt: 1000 },
      message: null,
    }),
  )
}

const deltas: readonly RunEventBody[] = [
  { type: 'reasoning-delta', messageId, stepId, text: 'Hm', signature: null },
  { type: 'text-delta', messageId, stepId, text: 'a' },
  { type: 'text-delta', messageId, stepId, text: 'b' },
  {
    type: 'tool-call-delta',
    messageId,
    stepId,
    index: 0,
    callId: 'c0',
    name: 'one',
    argumentsText: '{',
  },
  {
    type: 'tool-call-delta',
    messageId,
    stepId,
    index: 1,
    callId: 'c1',
    name: 'two',
    argumentsText: '[',
  },
  {
    type: 'tool-call-delta',
    messageId,
    stepId,
    index: 0,
    callId: null,
    name: null,
    argumentsText: '}',
  },
  { type: 'text-delta', messageId: nextId, stepId, text: 'c' },
]

test('token frames carry deltas, count sub-messages by otid and name each call', () => {
  const data = encode(deltas).map((frame) => frame.data)
  expect(data.map(({ otid }) => JSON.stringify(otid).slice(-3, -1))).toEqual([
    '00',
    '01',
    '01',
    '02',
    '02',
    '02',
    '80',
  ])
  expect(data.map(({ seq_id: number }) => number)).toEqual([100, 200, 300, 400, 500, 600, 700])
  expect(data[3]?.['tool_call']).toEqual({ name: 'one', arguments: '{', tool_call_id: 'c0' })
  expect(data[5]?.['tool_call']).toEqual({ arguments: '}', tool_call_id: 'c0' })
  expect(data[5]?.['tool_calls']).toEqual(data[5]?.['tool_call'])
})

test.each([100, 300, 550])('frames after %i are those of the whole stream', (startingAfter) => {
  const whole = encode(deltas)
  const rest = encode(deltas, { startingAfter })
  expect(rest).toEqual(whole.filter(({ data }) => Number(data['seq_id']) > startingAfter))
})

test('firstEventAfter() is the event that a frame number lies in', () => {
  expect([0, 1, 99, 100, 101, 250].map(firstEventAfter)).toEqual([0, 0, 0, 1, 1, 2])
})

test('a dropped message is told in token mode, and nothing of it is shown in step mode', () => {
  const dropped: RunEventBody = { type: 'message-dropped', messageId }
  expect(encode([dropped])[0]?.data).toMatchObject({
    message_type: 'event_message',
    event_type: 'message_dropped',
    event_data: { message_id: messageId },
  })
  expect(encode([...deltas, dropped], { mode: 'steps' })).toEqual([])
})

test.each([
  ['end_turn', null, ['stop_reason', 'usage_statistics']],
  ['max_steps', null, ['stop_reason', 'usage_statistics']],
  ['cancelled', null, ['stop_reason']],
  [
    'error',
    { errorType: 'internal_error', message: 'm', detail: 'd' },
    ['stop_reason', 'error_message'],
  ],
] as const)('a run that ends with %s ends its stream as known', (stopReason, error, expected) => {
  const frames = encode([{ type: 'run-ended', stopReason, usage, error }], {
    messageTypes: ['user_message'],
  })
  expect(frames.map(({ data }) => data['message_type'])).toEqual(expected)
  expect(frames.map(({ name }) => name)).toEqual(
    expected.map((type) => (type === 'error_message' ? 'error' : null)),
  )
  expect(frames.map(({ data }) => data['seq_id'])).toEqual(
    expected.map((_type, place) => 100 + place),
  )
})

test('frames keep their numbers when nothing of what a run did to memory is left to tell', () => {
  const end: RunEventBody = { type: 'run-ended', stopReason: 'end_turn', usage, error: null }
  const read = (proposed: readonly JsonObject[], startingAfter: number): readonly unknown[] => {
    const encoder = createRunFrameEncoder({ mode: 'steps', messageTypes: null, startingAfter })
    const event = { runId: 'run-1', sequence: 1, event: end, createdAt: 1000 }
    const frames = encoder({ event, message: null, memory: { changes: [], proposed } })
    return frames.map(({ data }) => [data['seq_id'], data['message_type']])
  }
  const ending = [
    [101, 'stop_reason'],
    [102, 'usage_statistics'],
  ]
  expect(read([{ id: 'm-1' }], 0)).toEqual([[100, 'event_message'], ...ending])
  expect(read([], 100)).toEqual(ending)
})
