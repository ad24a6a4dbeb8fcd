import { expect, test } from 'vitest'
import type { Message } from '../domain/message.ts'
import { encodeMessage, encodeMessages, subOtid } from './message.ts'

const message: Message = {
  id: 'message-00000000-0000-4000-8000-0000000000ff',
  agentId: 'agent-1',
  conversationId: 'conv-1',
  role: 'assistant',
  content: [],
  toolCalls: [],
  toolReturns: [],
  approvals: [],
  name: null,
  otid: '11111111-1111-4111-8111-111111111111',
  senderId: null,
  groupId: null,
  runId: 'run-1',
  stepId: 'step-1',
  model: null,
  isError: false,
  searchable: true,
  createdAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  sequence: 1,
}

test('subOtid() replaces the low seven bits of the last byte', () => {
  expect(subOtid('00000000-0000-4000-8000-0000000000ff', 0)).toMatch(/80$/)
  expect(subOtid('00000000-0000-4000-8000-0000000000ff', 2)).toMatch(/82$/)
  expect(subOtid('00000000-0000-4000-8000-00000000007f', 1)).toMatch(/01$/)
})

test('encodeMessage() splits an assistant message, merging neighbours of a kind', () => {
  const encoded = encodeMessage({
    ...message,
    content: [
      { type: 'reasoning', text: 'a', signature: null },
      { type: 'reasoning', text: 'b', signature: 'sig' },
      { type: 'redacted_reasoning', data: 'opaque' },
      { type: 'redacted_reasoning', data: null },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ],
    toolCalls: [
      { callId: 'c1', name: 'one', arguments: '{}' },
      { callId: 'c2', name: 'two', arguments: '{}' },
    ],
    isError: true,
  })
  expect(encoded).toMatchObject([
    {
      message_type: 'reasoning_message',
      reasoning: 'ab',
      signature: 'sig',
      source: 'reasoner_model',
    },
    { message_type: 'hidden_reasoning_message', state: 'redacted', hidden_reasoning: 'opaque' },
    { message_type: 'hidden_reasoning_message', state: 'omitted', hidden_reasoning: null },
    { message_type: 'assistant_message', content: 'Hello' },
    {
      message_type: 'tool_call_message',
      tool_call: { name: 'one', arguments: '{}', tool_call_id: 'c1' },
      tool_calls: [{ tool_call_id: 'c1' }, { tool_call_id: 'c2' }],
    },
  ])
  expect(encoded.map(({ otid }) => JSON.stringify(otid).slice(-3, -1))).toEqual([
    '80',
    '81',
    '82',
    '83',
    '84',
  ])
  for (const part of encoded) {
    expect(part).toMatchObject({
      id: message.id,
      date: '2026-01-02T03:04:05+00:00',
      run_id: 'run-1',
      step_id: 'step-1',
      is_err: true,
      sender_id: null,
      seq_id: null,
    })
  }
})

test.each([
  ['one text', [{ type: 'text', text: 'Hi' }], 'Hi'],
  ['nothing', [], ''],
  [
    'two texts',
    [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ],
    [
      { type: 'text', text: 'a', signature: null },
      { type: 'text', text: 'b', signature: null },
    ],
  ],
] as const)(
  'encodeMessage() gives a user message of %s its content and its own otid',
  (_name, parts, content) => {
    const [encoded] = encodeMessage({ ...message, role: 'user', content: parts })
    expect(encoded).toMatchObject({
      message_type: 'user_message',
      content,
      otid: message.otid,
      is_err: null,
    })
  },
)

test('encodeMessage() gives a tool message all returns and repeats the first', () => {
  const [encoded] = encodeMessage({
    ...message,
    role: 'tool',
    toolReturns: [
      { callId: 'c1', name: 'one', status: 'error', text: 'no', stdout: ['out'], stderr: null },
      { callId: 'c2', name: 'two', status: 'success', text: 'yes', stdout: null, stderr: null },
    ],
  })
  expect(encoded).toMatchObject({
    message_type: 'tool_return_message',
    name: 'one',
    tool_return: 'no',
    status: 'error',
    tool_call_id: 'c1',
    stdout: ['out'],
    tool_returns: [
      {
        type: 'tool',
        tool_return: 'no',
        status: 'error',
        tool_call_id: 'c1',
        stdout: ['out'],
        stderr: null,
      },
      {
        type: 'tool',
        tool_return: 'yes',
        status: 'success',
        tool_call_id: 'c2',
        stdout: null,
        stderr: null,
      },
    ],
  })
})

test('encodeMessages() shows summaries as user messages and filters by type', () => {
  const text = [{ type: 'text' as const, text: 'x' }]
  const messages = (['system', 'summary', 'assistant'] as const).map((role) => ({
    ...message,
    role,
    content: text,
  }))
  expect(encodeMessages(messages).map(({ message_type: type }) => type)).toEqual([
    'system_message',
    'user_message',
    'assistant_message',
  ])
  expect(encodeMessages(messages, ['system_message'])).toHaveLength(1)
  expect(encodeMessages(messages, [])).toEqual([])
})
