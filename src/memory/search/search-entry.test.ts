import { describe, expect, test } from 'vitest'
import { messageEntry, passageEntry, type SearchableMessage } from './search-entry.ts'

function message(fields: Partial<SearchableMessage>): SearchableMessage {
  return {
    role: 'user',
    content: [],
    toolCalls: [],
    toolReturns: [],
    name: null,
    searchable: true,
    createdAt: Date.UTC(2023, 4, 8, 13, 56),
    ...fields,
  }
}

const text = [{ type: 'text', text: 'Green parrots' }] as const

/** The own tokens a message is found by; null when it is not. */
function tokensOf(fields: Partial<SearchableMessage>): readonly string[] | null {
  return messageEntry(message(fields), { timezone: 'UTC' })?.tokens ?? null
}

function toolReturn(name: string): SearchableMessage['toolReturns'][number] {
  return { callId: 'c', name, status: 'success', text: `from ${name}`, stdout: null, stderr: null }
}

describe('messageEntry()', () => {
  test('finds users and assistants by their text', () => {
    expect(tokensOf({ content: text })).toEqual(['green', 'parrot'])
    expect(tokensOf({ role: 'assistant', content: text })).toEqual(['green', 'parrot'])
  })

  test('finds a message by the name of its speaker', () => {
    const entry = messageEntry(message({ content: text, name: 'Orla Byrne' }), { timezone: 'UTC' })
    expect(entry).toMatchObject({ tokens: ['green', 'parrot'], speaker: ['orla', 'byrn'] })
  })

  test('leaves out pictures and reasoning', () => {
    const content = [
      { type: 'image', source: { url: 'http://x' } },
      { type: 'reasoning', text: 'secret thought', signature: null },
    ] as const
    expect(tokensOf({ role: 'assistant', content })).toBeNull()
  })

  test('finds what an assistant said through send_message, and survives broken arguments', () => {
    const call = (argumentsText: string) => ({
      callId: 'c',
      name: 'send_message',
      arguments: argumentsText,
    })
    const toolCalls = [call('{"message":"Blue whales"}'), call('{"mess')]
    expect(tokensOf({ role: 'assistant', toolCalls })).toEqual(['blue', 'whale'])
  })

  test('finds what tools returned', () => {
    const toolReturns = [toolReturn('weather')]
    expect(tokensOf({ role: 'tool', toolReturns })).toEqual(['weather'])
  })

  test.each(['system', 'summary', 'approval'] as const)('never finds %s messages', (role) => {
    expect(tokensOf({ role, content: text })).toBeNull()
  })

  test('never finds what is marked as not searchable', () => {
    expect(tokensOf({ content: text, searchable: false })).toBeNull()
  })

  test('tells the day in the zone of the agent, and the days that its words point at', () => {
    const said = message({
      content: [{ type: 'text', text: 'I ran yesterday and two months ago. Next Friday too?' }],
      createdAt: Date.UTC(2023, 4, 8, 23, 30),
    })
    expect(messageEntry(said, { timezone: 'UTC' })).toMatchObject({
      dates: 'monday 8 may 2023 sunday 7 may 2023 march 2023 friday 12 may 2023'.split(' '),
      wordCount: 10,
      isQuestion: true,
      isTemporal: true,
      session: null,
    })
    const inBerlin = messageEntry(said, { timezone: 'Europe/Berlin', session: 's1' })
    expect(inBerlin?.dates.slice(0, 4)).toEqual(['tuesday', '9', 'may', '2023'])
    expect(inBerlin?.session).toBe('s1')
  })
})

describe('passageEntry()', () => {
  test.each([
    ['Anna Lee: hello', ['anna', 'lee']],
    ['Zoë: hi', ['zoe']],
    ['anna: hello', []],
    ['https://x: y', []],
    ['Anna:', []],
    ['The one who said this was Anna: hello', []],
  ])('takes the name before a colon for the speaker: %s', (textOf, speaker) => {
    const entry = passageEntry({ text: textOf, createdAt: 0 }, { timezone: 'UTC' })
    expect(entry.speaker).toEqual(speaker)
  })
})
