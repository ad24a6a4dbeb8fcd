import { expect, test } from 'vitest'
import type { AgentMessage, StreamEvent } from '../../../sdk/src/index.ts'
import { describeCall, renderTurn } from './render-turn.ts'

function createMessage(patch: Partial<AgentMessage>): AgentMessage {
  return {
    id: 'message-1',
    type: 'tool_call',
    text: '{}',
    toolName: null,
    toolCallId: null,
    status: null,
    runId: null,
    stepId: null,
    ...patch,
  }
}

async function* toStream(events: readonly StreamEvent[]): AsyncIterable<StreamEvent> {
  yield* events
}

test('renderTurn() shows text, tool calls and failures, each on lines of its own', async () => {
  const parts: string[] = []
  await renderTurn(
    { write: (text) => parts.push(text) },
    toStream([
      { type: 'text', messageId: 'a', text: 'Let me ' },
      { type: 'text', messageId: 'a', text: 'look\u001b[2J.' },
      {
        type: 'tool_call',
        message: createMessage({ toolName: 'conversation_search', text: '{"query":"drone"}' }),
      },
      {
        type: 'tool_return',
        message: createMessage({ type: 'tool_return', status: 'error', text: 'no such tool' }),
      },
      { type: 'text', messageId: 'b', text: 'Done' },
    ]),
  )
  expect(parts.join('')).toBe(
    'Let me look[2J.\n· conversation_search "drone"\n· failed: no such tool\nDone\n',
  )
})

test.each([
  ['memory_insert', '{"label":"human","new_str":"Likes Go."}', 'remembers in human: Likes Go.'],
  ['core_memory_append', '{"label":"human","content":"Ada"}', 'remembers in human: Ada'],
  ['archival_memory_insert', '{"content":"A fact"}', 'files away: A fact'],
  ['web', 'not json', 'web not json'],
])('describeCall() of %s says what happens', (toolName, text, expected) => {
  expect(describeCall(createMessage({ toolName, text }))).toBe(expected)
})
