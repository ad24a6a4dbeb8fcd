import { expect, test } from 'vitest'
import { describeWire, type Wire } from './open-wire.ts'

/** An agent that was told `count` numbers, each answered with one message. */
async function talkedTo(wire: Wire, count: number): Promise<string> {
  const agent = await wire.client.agents.create({ include_base_tools: false })
  for (let number = 1; number <= count; number += 1) {
    wire.test.model.script({ text: `Answer ${number}` })
    await wire.client.agents.messages.create(agent.id, { input: `Question ${number}` })
  }
  return agent.id
}

const content = (message: object): unknown => ('content' in message ? message.content : null)

describeWire('message lists', (open) => {
  test('an agent lists the newest, oldest first, and pages end [messages.agent-list, messages.paging]', async () => {
    await using wire = await open()
    const { client } = wire
    const id = await talkedTo(wire, 3)
    const list = async (query: object): Promise<readonly unknown[]> =>
      (await client.agents.messages.list(id, query)).items.map(content)
    const spoken = ['Question 1', 'Answer 1', 'Question 2', 'Answer 2', 'Question 3', 'Answer 3']
    expect((await list({})).slice(1)).toEqual(spoken)
    expect(await list({ limit: 2 })).toEqual(['Question 3', 'Answer 3'])
    expect(await list({ limit: 1 })).toEqual(['Answer 3'])
    expect((await list({ limit: 2, order: 'asc' }))[1]).toBe('Question 1')
    const all = (await client.agents.messages.list(id)).items
    const second = all[2]?.id ?? ''
    expect(await list({ after: second, limit: 1, order: 'asc' })).toEqual(['Question 2'])
    expect(await list({ before: second, limit: 1 })).toEqual(['Question 1'])
    const forwards: unknown[] = []
    for await (const message of client.agents.messages.list(id, { limit: 2, order: 'asc' })) {
      forwards.push(content(message))
    }
    expect(forwards.slice(1)).toEqual(spoken)
    const backwards: unknown[] = []
    for await (const message of client.agents.messages.list(id, {
      limit: 2,
      before: all[5]?.id ?? '',
    })) {
      backwards.push(content(message))
    }
    expect(backwards).toHaveLength(5)
    let pages = 0
    for await (const _page of (await client.agents.messages.list(id, { limit: 2 })).iterPages())
      pages += 1
    expect(pages).toBe(2)
    await expect(
      client.agents.messages.list(id, { after: 'message-00000000-0000-4000-8000-00000000dead' }),
    ).rejects.toMatchObject({ status: 404 })
  })

  test('a conversation lists newest first and pages end [messages.conversation-list, messages.paging]', async () => {
    await using wire = await open()
    const { client } = wire
    const agent = await client.agents.create({ include_base_tools: false })
    const conversation = await client.conversations.create({ agent_id: agent.id })
    for (const number of [1, 2, 3]) {
      wire.test.model.script({ reasoning: `Thought ${number}`, text: `Answer ${number}` })
      const reply = await wire.send('POST', `/v1/conversations/${conversation.id}/messages`, {
        input: `Question ${number}`,
        streaming: false,
      })
      expect(reply.status).toBe(200)
    }
    const list = async (query: object): Promise<readonly unknown[]> =>
      (await client.conversations.messages.list(conversation.id, query)).items.map(
        (message) => content(message) ?? message.message_type,
      )
    expect(await list({ limit: 2 })).toEqual(['reasoning_message', 'Answer 3', 'Question 3'])
    expect((await list({ limit: 3, order: 'asc' })).slice(1)).toEqual([
      'Question 1',
      'reasoning_message',
      'Answer 1',
    ])
    expect(await list({ limit: 1, after: 'message-unknown' })).toEqual([
      'reasoning_message',
      'Answer 3',
    ])
    const seen = new Set<string>()
    for await (const message of client.conversations.messages.list(conversation.id, {
      limit: 3,
    })) {
      seen.add(message.id)
    }
    expect(seen.size).toBeGreaterThan(2)
    const forwards: unknown[] = []
    for await (const message of client.conversations.messages.list(conversation.id, {
      limit: 2,
      order: 'asc',
    })) {
      forwards.push(content(message))
    }
    expect(forwards).toHaveLength(10)
    expect(await list({ include_return_message_types: ['user_message'] })).toEqual([
      'Question 3',
      'Question 2',
      'Question 1',
    ])
  })

  test('conversation_id=default leaves other conversations out [messages.agent-list]', async () => {
    await using wire = await open()
    const { client } = wire
    const id = await talkedTo(wire, 1)
    const conversation = await client.conversations.create({ agent_id: id })
    wire.test.model.script({ text: 'Apart.' })
    await wire.send('POST', `/v1/conversations/${conversation.id}/messages`, {
      input: 'Here?',
      streaming: false,
    })
    const contents = async (query: object): Promise<readonly unknown[]> =>
      (await client.agents.messages.list(id, query)).items.map(content)
    expect(await contents({})).toContain('Apart.')
    expect(await contents({ conversation_id: 'default' })).not.toContain('Apart.')
    expect(await contents({ conversation_id: conversation.id })).not.toContain('Answer 1')
    const everywhere = (await (await wire.fetch('/v1/messages/?limit=2')).json()) as object[]
    expect(everywhere.map(content)).toEqual(['Here?', 'Apart.'])
  })

  test('one message is an array of its client messages [messages.retrieve]', async () => {
    await using wire = await open({ script: [{ reasoning: 'Hm.', text: 'Yes.' }] })
    const agent = await wire.test.createAgent()
    const reply = await wire.client.agents.messages.create(agent.id, { input: 'Yes?' })
    const found = (await (
      await wire.fetch(`/v1/messages/${reply.messages[0]?.id}`)
    ).json()) as object[]
    expect(found).toMatchObject([
      { message_type: 'reasoning_message', reasoning: 'Hm.' },
      { message_type: 'assistant_message', content: 'Yes.' },
    ])
    const missing = await wire.fetch('/v1/messages/message-00000000-0000-4000-8000-00000000dead')
    expect(missing.status).toBe(404)
  })

  test('messages are found by words, with where they were said [messages.search]', async () => {
    await using wire = await open()
    const { client } = wire
    const id = await talkedTo(wire, 2)
    wire.test.model.script({ text: 'A harbor, noted.' })
    await client.agents.messages.create(id, { input: 'My boat lies in Rostock harbor.' })
    const hits = await client.messages.search({ query: 'rostock boat', agent_id: id })
    expect(hits[0]).toMatchObject({
      message_type: 'user_message',
      content: 'My boat lies in Rostock harbor.',
      agent_id: id,
      conversation_id: null,
    })
    await expect(client.messages.search({ query: 'x' })).rejects.toMatchObject({ status: 501 })
  })

  test('a search explains its results when asked to [messages.explain]', async () => {
    await using wire = await open()
    const id = await talkedTo(wire, 1)
    wire.test.model.script({ text: 'A harbor, noted.' })
    await wire.client.agents.messages.create(id, { input: 'My boat lies in Rostock harbor.' })
    const ask = async (body: object): Promise<unknown> =>
      await (await wire.send('POST', '/v1/messages/search', { agent_id: id, ...body })).json()
    expect(await ask({ query: 'When was the boat in rostock?', explain: true })).toMatchObject({
      results: [
        {
          content: 'My boat lies in Rostock harbor.',
          relevance: {
            coverage: 1,
            parts: { text: 1, speaker: 1, when: 1, range: 1, session: expect.any(Number) },
          },
        },
      ],
      reason: null,
      has_more: false,
      explanation: {
        version: expect.any(Number),
        terms: [
          { term: 'boat', word: 'boat', documents: 1, asked: true },
          { term: 'rostock', word: 'rostock', documents: 1, asked: true },
        ],
        complete: true,
        ranges: [],
        asks_when: true,
      },
    })
    const chosen = await ask({ query: 'boat', explain: true, complete_up_to: 0 })
    expect(chosen).toMatchObject({ results: [{}], explanation: { complete: false } })
    const nothing = await ask({ query: 'zeppelins', explain: true })
    expect(nothing).toMatchObject({
      results: [],
      reason: 'Nothing stored contains any of: zeppelins.',
    })
    const passages = await wire.send('POST', '/v1/passages/search', {
      agent_id: id,
      query: 'zeppelins',
      explain: true,
    })
    expect(await passages.json()).toMatchObject({ results: [], explanation: { stored: 0 } })
    const fact = { attribute: 'harbor', value: 'Rostock' }
    await wire.send('POST', `/v1/agents/${id}/facts`, fact)
    const facts = async (query: string): Promise<unknown> =>
      await (await wire.fetch(`/v1/agents/${id}/facts?${query}`)).json()
    expect(await facts('query=which%20harbor&explain=true')).toMatchObject({
      facts: [{ value: 'Rostock', relevance: { coverage: 1, parts: { text: 1 } } }],
      explanation: { terms: [{ word: 'harbor', documents: 1 }], stored: 1, relevant: true },
    })
    expect(await facts('explain=true')).toMatchObject({
      facts: [{ relevance: { score: 0, parts: null } }],
      explanation: null,
    })
    expect(JSON.stringify(await facts('query=harbor'))).not.toContain('relevance')
  })
})
