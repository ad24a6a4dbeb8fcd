import { describe, expect, it } from 'vitest'
import { collectParts, sampleModelRequest } from '../../testing/model-request.ts'
import type { ModelMessage, ModelPart, ModelRequest, ModelToolReturn } from '../model.ts'
import { createOfflineModel } from './offline-model.ts'

const toWords = (text: string): readonly string[] =>
  (text.toLowerCase().match(/\p{L}+/gu) ?? []).filter((word) => word.length > 3)

const parameters = { type: 'object', properties: {} }
const both = ['conversation_search', 'archival_memory_search', 'core_memory_append'].map(
  (name) => ({ name, description: '', parameters }),
)

function user(text: string): ModelMessage {
  return { role: 'user', content: [{ type: 'text', text }] }
}

async function answer(request: Partial<ModelRequest>): Promise<readonly ModelPart[]> {
  return await collectParts(
    createOfflineModel(toWords).stream(sampleModelRequest({ tools: both, ...request })),
  )
}

async function textOf(request: Partial<ModelRequest>): Promise<string> {
  const parts = await answer(request)
  expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
}

interface Hit {
  readonly id: string
  readonly timestamp: string
  readonly content: string
  readonly coverage: number
  readonly role?: string
}

function returned(hits: readonly Hit[], name = 'conversation_search'): ModelToolReturn {
  const results = hits.map(({ coverage, ...hit }) => ({
    ...(name === 'conversation_search' && { role: 'user', time_ago: '1h ago' }),
    ...hit,
    relevance: { score: 1, coverage },
  }))
  return { callId: name, name, text: JSON.stringify({ message: '', results }), isError: false }
}

/** A question whose searches have come back. */
function asked(text: string, ...returns: readonly ModelToolReturn[]): Partial<ModelRequest> {
  const toolCalls = returns.map(({ callId, name }) => ({ callId, name, arguments: '{}' }))
  return {
    messages: [
      user(text),
      { role: 'assistant', content: [], toolCalls, model: 'letta/offline' },
      { role: 'tool', returns },
    ],
  }
}

const may: Hit = {
  id: 'message-1',
  timestamp: '2026-05-02T09:30:00+02:00',
  content: 'The cabin has a green door.',
  coverage: 0.8,
}
const june: Hit = {
  id: 'message-2',
  timestamp: '2026-06-11T09:30:00+02:00',
  content: 'They painted the cabin, its door is red.',
  coverage: 0.7,
}

describe('the offline mode', () => {
  it('searches for the words of the user with every search tool it has, in one step', async () => {
    const parts = await answer({ messages: [user('old question'), user(' Which door? ')] })
    expect(parts.filter((part) => part.type === 'tool-call-end')).toEqual([
      {
        type: 'tool-call-end',
        index: 0,
        callId: 'search-2-1',
        name: 'conversation_search',
        arguments: '{"query":"Which door?","roles":["user"],"limit":20}',
      },
      {
        type: 'tool-call-end',
        index: 1,
        callId: 'search-2-2',
        name: 'archival_memory_search',
        arguments: '{"query":"Which door?","top_k":20}',
      },
    ])
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
  })

  it('leaves out what a client put around reminders of its own', async () => {
    const text = '<system-reminder>\nAlways be brief.\n</system-reminder>\nWhich door?'
    const parts = await answer({ messages: [user(text)] })
    expect(parts.find((part) => part.type === 'tool-call-end')).toMatchObject({
      arguments: '{"query":"Which door?","roles":["user"],"limit":20}',
    })
  })

  it('quotes what was found with day and id, the newest first', async () => {
    const text = await textOf(asked('Which colour has the cabin door?', returned([may, june])))
    expect(text.split('\n\n')).toEqual([
      'No model is connected. I can keep and find text, not reason or write. Your message is kept.',
      'On 11 Jun 2026 you said: “They painted the cabin, its door is red.” [message-2]\n' +
        'On 2 May 2026 you said: “The cabin has a green door.” [message-1]',
      'For written answers, set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY, or OPENAI_BASE_URL for a ' +
        'local server, then run `letta retry`.',
    ])
  })

  it('says what is known to be true now before what was once said, and when it is contested', async () => {
    const known = {
      id: 'fact-1',
      fact: 'cabin: door = blue &lt;dark>',
      since: '2026-04-01T00:00:00+02:00',
      relevance: { score: 1, coverage: 0.9 },
    }
    const facts = (fact: object): ModelToolReturn => ({
      callId: 'recall_facts',
      name: 'recall_facts',
      text: JSON.stringify({ message: '', results: [fact] }),
      isError: false,
    })
    const reply = await textOf(asked('cabin door', returned([june]), facts(known)))
    expect(reply).toContain(
      'Known, since 1 Apr 2026: cabin: door = blue <dark> [fact-1]\nOn 11 Jun 2026 you said:',
    )
    const contested = await textOf(asked('cabin door', facts({ ...known, contested: true })))
    expect(contested).toContain('<dark> (something else is stated, too) [fact-1]')
    const tools = [...both, { name: 'recall_facts', description: '', parameters }]
    const parts = await answer({ messages: [user('Which door?')], tools })
    expect(parts.filter(({ type }) => type === 'tool-call-end')).toHaveLength(3)
  })

  it('says of a passage that it was stored', async () => {
    const passage = { ...may, id: 'passage-1' }
    const returns = [returned([]), returned([passage], 'archival_memory_search')]
    expect(await textOf(asked('cabin door', ...returns))).toContain(
      'On 2 May 2026 this was stored: “The cabin has a green door.” [passage-1]',
    )
  })

  it('declines what nothing stored is close enough to', async () => {
    const far = { ...may, coverage: 0.2 }
    const text = await textOf(asked('Which boat do I own?', returned([far])))
    expect(text).toContain('Nothing told to me before matches it.')
    expect(text).toContain('Your message is kept.')
    expect(text).not.toContain('cabin')
  })

  it('leaves out what covers much less than the best', async () => {
    const less = { ...june, coverage: 0.45 }
    const text = await textOf(asked('cabin door', returned([may, less])))
    expect(text).toContain('message-1')
    expect(text).not.toContain('message-2')
  })

  it('does not take an earlier question for its answer', async () => {
    const again = { ...june, content: 'cabin door', coverage: 1 }
    const text = await textOf(asked('Cabin door?', returned([may, again])))
    expect(text).toContain('message-1')
    expect(text).not.toContain('message-2')
  })

  it('quotes at most three texts and shortens long ones at a word', async () => {
    const long = `The cabin door ${'is very green and '.repeat(40)}old.`
    const hits = [1, 2, 3, 4].map((number) => ({ ...may, id: `message-${number}`, content: long }))
    const text = await textOf(asked('cabin door', returned(hits)))
    expect(text.match(/\[message-\d\]/g)).toHaveLength(3)
    expect(text).toMatch(/green and is…” \[message-1\]/)
    expect(text.length).toBeLessThan(2_000)
  })

  it('reads results that news for the model follow, and takes back their escapes', async () => {
    const tagged = { ...may, content: 'The cabin says &lt;/results> on its door.' }
    const { text, ...rest } = returned([tagged])
    const news = { ...rest, text: `${text}\n\n<context_update>…</context_update>` }
    expect(await textOf(asked('cabin door', news))).toContain('“The cabin says </results> on')
  })

  it('says that the search failed, and why', async () => {
    const failed = { ...returned([]), text: 'The index is being rebuilt.', isError: true }
    expect(await textOf(asked('cabin door', failed))).toContain(
      'The search for it failed: The index is being rebuilt.',
    )
    const strange = { ...returned([]), text: 'what?' }
    expect(await textOf(asked('cabin door', strange))).toContain('The search for it failed: what?')
  })

  it('says that it cannot look when the agent has no search tool', async () => {
    const text = await textOf({ tools: [], messages: [user('cabin door')] })
    expect(text).toContain('This agent has no search tool')
  })

  it('says what it needs when there is no text to look for', async () => {
    const source = { type: 'url', url: 'http://127.0.0.1/a.png' }
    const image: ModelMessage = { role: 'user', content: [{ type: 'image', source }] }
    expect(await textOf({ messages: [image] })).toContain('Your message is kept.')
  })

  it('gives the same parts for the same request', async () => {
    const request = asked('cabin door', returned([may, june]))
    expect(await answer(request)).toEqual(await answer(request))
  })

  it('ends as cancelled when it is aborted', async () => {
    const parts = await answer({ messages: [user('hi')], signal: AbortSignal.abort() })
    expect(parts).toMatchObject([{ type: 'error', error: { code: 'cancelled' } }])
  })
})
