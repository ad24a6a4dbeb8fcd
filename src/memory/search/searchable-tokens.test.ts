import { describe, expect, test } from 'vitest'
import { searchableTokens, type SearchableMessage } from './searchable-tokens.ts'

function message(fields: Partial<SearchableMessage>): SearchableMessage {
  return {
    role: 'user',
    content: [],
    toolCalls: [],
    toolReturns: [],
    name: null,
    searchable: true,
    ...fields,
  }
}

const text = [{ type: 'text', text: 'Green parrots' }] as const

function toolReturn(name: string): SearchableMessage['toolReturns'][number] {
  return { callId: 'c', name, status: 'success', text: `from ${name}`, stdout: null, stderr: null }
}

describe('searchableTokens()', () => {
  test('finds users and assistants by their text', () => {
    expect(searchableTokens(message({ content: text }))).toEqual(['green', 'parrot'])
    expect(searchableTokens(message({ role: 'assistant', content: text }))).toEqual([
      'green',
      'parrot',
    ])
  })

  test('finds a message by the name of its speaker', () => {
    expect(searchableTokens(message({ content: text, name: 'Orla' }))).toEqual([
      'orla',
      'green',
      'parrot',
    ])
  })

  test('leaves out pictures and reasoning', () => {
    const content = [
      { type: 'image', source: { url: 'http://x' } },
      { type: 'reasoning', text: 'secret thought', signature: null },
    ] as const
    expect(searchableTokens(message({ role: 'assistant', content }))).toBeNull()
  })

  test('finds what an assistant said through send_message, and survives broken arguments', () => {
    const call = (argumentsText: string) => ({
      callId: 'c',
      name: 'send_message',
      arguments: argumentsText,
    })
    const toolCalls = [call('{"message":"Blue whales"}'), call('{"mess')]
    expect(searchableTokens(message({ role: 'assistant', toolCalls }))).toEqual(['blue', 'whale'])
  })

  test('finds what tools returned', () => {
    const toolReturns = [toolReturn('weather')]
    expect(searchableTokens(message({ role: 'tool', toolReturns }))).toEqual(['weather'])
  })

  test.each(['system', 'summary', 'approval'] as const)('never finds %s messages', (role) => {
    expect(searchableTokens(message({ role, content: text }))).toBeNull()
  })

  test('never finds what is marked as not searchable', () => {
    expect(searchableTokens(message({ content: text, searchable: false }))).toBeNull()
  })
})
