import { describe, expect, it } from 'vitest'
import { sampleItems } from '../testing/samples.ts'
import { missingReturnText, toModelMessages } from './model-messages.ts'

const call = { callId: 'c1', name: 'note', arguments: '{}' }

describe('toModelMessages()', () => {
  it('gives every tool call a return, a missing one as an interruption', () => {
    const messages = toModelMessages(
      sampleItems([
        {},
        { role: 'assistant', content: [], toolCalls: [call] },
        { content: [{ type: 'text', text: 'Still there?' }] },
      ]),
    )
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user'])
    expect(messages[2]).toMatchObject({
      returns: [{ callId: 'c1', text: missingReturnText, isError: true }],
    })
  })

  it('leaves out an assistant message that says nothing', () => {
    const messages = toModelMessages(sampleItems([{}, { role: 'assistant', content: [] }]))
    expect(messages.map(({ role }) => role)).toEqual(['user'])
  })

  it('sends a system message inside a conversation as a user message', () => {
    const messages = toModelMessages(
      sampleItems([{ role: 'system', content: [{ type: 'text', text: 'The door opened.' }] }]),
    )
    expect(messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'The door opened.' }] },
    ])
  })
})
