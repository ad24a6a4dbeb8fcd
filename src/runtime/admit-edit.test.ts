import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defaultScope } from '../domain/scope.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import type { ScriptedStep } from '../testing/scripted-model.ts'
import { defineTool } from '../tools/define-tool.ts'
import { toolId } from '../tools/registry.ts'

const pageText = 'The ferry to Almada leaves at noon. The bank account of the user is 4711.'

const page = defineTool({
  name: 'read_page',
  description: 'Reads a page.',
  parameters: z.object({}),
  replay: 'read-only',
  run: () => pageText,
})

const keep = (content: string, tags: readonly string[] = []): ScriptedStep => ({
  toolCalls: [{ name: 'archival_memory_insert', arguments: { content, tags: [...tags] } }],
})
const readPage: ScriptedStep = { toolCalls: [{ name: 'read_page', arguments: {} }] }
const append = (content: string): ScriptedStep => ({
  toolCalls: [{ name: 'core_memory_append', arguments: { label: 'human', content } }],
})
const done: ScriptedStep = { text: 'Done.' }

/** An agent with a tool that reads a page; `ask` returns what its memory tools answered. */
async function open(script: readonly ScriptedStep[], store?: Store) {
  const test = await createTestApp({ script, tools: [page], ...(store !== undefined && { store }) })
  const names = [
    'archival_memory_insert',
    'archival_memory_search',
    'conversation_search',
    'recall_facts',
    'timeline',
    'remember_fact',
    'core_memory_append',
    'memory',
    'read_page',
  ]
  const agent = await test.createAgent({ toolIds: names.map(toolId) })
  return {
    test,
    agent,
    async ask(text: string, conversationId?: string): Promise<readonly string[]> {
      const frames = await test.ask(
        agent,
        text,
        conversationId === undefined ? {} : { conversationId },
      )
      return frames.flatMap(({ message }) => message?.toolReturns.map((each) => each.text) ?? [])
    },
    /** A conversation in which none of what was read is in view. */
    async begin(): Promise<string> {
      const { conversations } = test.app.services
      return (await conversations.create(defaultScope, agent.id, {})).id
    },
    block: async () =>
      (await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id }))[0]?.value,
    passages: () =>
      test.app.store.listPassages(defaultScope, { agentId: agent.id, limit: 9, order: 'asc' }),
    held: () => test.app.services.memory.quarantine.list(defaultScope, agent.id, 9),
    /** What the last request said. */
    sent: () => JSON.stringify(test.model.requests.at(-1)),
    [Symbol.asyncDispose]: () => Promise.resolve(test[Symbol.asyncDispose]()),
  }
}

describe('a text that an agent stores', () => {
  it('is stored once: the same text again answers with the one that is there, other tags make another', async () => {
    await using chat = await open([
      keep('The spare key is under the fern.'),
      keep('The spare key is under the fern.'),
      keep('The spare key is under the fern.', ['home']),
      done,
    ])
    const [first, again, tagged] = await chat.ask('The spare key is under the fern.')
    const [one, two, ...others] = await chat.passages()
    expect(others).toEqual([])
    expect(first).toBe(`Stored in archival memory as ${one?.id}.`)
    expect(again).toBe(`Stored in archival memory before as ${one?.id}: nothing was stored twice.`)
    expect(tagged).toBe(`Stored in archival memory as ${two?.id}.`)
  })

  it('is stored in pieces when it is too long for one, each once, and the answer stays short', async () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `note${index}`).join(' ')
    await using chat = await open([keep(long, ['a']), keep(`${long} and more`, ['a']), done])
    const answers = await chat.ask('Keep this.')
    expect(answers[0]).toMatch(
      /^Stored in archival memory as \d+ pieces, passage-\S+ to passage-\S+\.$/,
    )
    expect(answers[1]).toMatch(
      /^Stored in archival memory as passage-\S+\. Stored .* before as \d+ pieces/,
    )
    const { store } = chat.test.app
    const query = { agentId: chat.agent.id, limit: 1000, order: 'asc' } as const
    const passages = await store.listPassages(defaultScope, query)
    expect(passages.length).toBeGreaterThan(50)
    const words = passages
      .map(({ text }) => text)
      .join(' ')
      .split(' ')
    expect(words.slice(0, 20_000).join(' ')).toBe(long)
  })

  it('says of each piece which it is, also when a person applied it', async () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `note${index}`).join(' ')
    await using chat = await open([keep(long), done])
    const { memory } = chat.test.app.services
    await memory.setMode(defaultScope, chat.agent.id, 'review')
    await chat.ask('Keep this.')
    const [open1] = await memory.proposals(defaultScope, chat.agent.id, { limit: 1 })
    await memory.apply(defaultScope, chat.agent.id, open1?.proposal.number ?? 0)
    const query = { agentId: chat.agent.id, limit: 1000, order: 'asc' } as const
    const passages = await chat.test.app.store.listPassages(defaultScope, query)
    expect(passages.length).toBeGreaterThan(50)
    const places = passages.map(({ metadata }) => metadata['piece'])
    expect(places).toEqual(
      passages.map((_, index) => ({ part: index + 1, parts: passages.length })),
    )
  })

  it('of many pieces is held back in those that are of words of a tool', async () => {
    const own = Array.from({ length: 10_000 }, (_, index) => `note${index}`).join(' ')
    const told = Array.from({ length: 20 }, () => pageText).join(' ')
    await using chat = await open([readPage, keep(`${own}\n\n${told}\n\n${own}`), done])
    const [, answer] = await chat.ask('Read the page, and keep your notes.')
    expect(answer).toContain('Its words come from a tool')
    expect(await chat.held()).toMatchObject([{ passage: { text: told, origin: 'tool' } }])
  })

  it('is stored again after a text that takes it back', async () => {
    const texts = ['I like tea.', 'I no longer like tea.', 'I like tea.', 'I like tea.'] as const
    await using chat = await open([...texts.map((text) => keep(text)), done])
    const answers = await chat.ask('I like tea. No, no longer. But now I like tea again.')
    const stored = await chat.passages()
    expect(stored.map(({ text }) => text)).toEqual(texts.slice(0, 3))
    expect(answers).toEqual([
      ...stored.map(({ id }) => `Stored in archival memory as ${id}.`),
      `Stored in archival memory before as ${stored.at(-1)?.id}: nothing was stored twice.`,
    ])
  })

  it('is stored once when another conversation stores it after it was looked for', async () => {
    const store = await openMemoryStore()
    let isBlind = true
    const late: Store = {
      ...store,
      listPassages: async (scope, query) => {
        if (query.text === undefined || !isBlind) return await store.listPassages(scope, query)
        isBlind = false
        return []
      },
    }
    const text = 'The spare key is under the fern.'
    await using chat = await open([keep(text), done], late)
    const draft = { text, tags: [], metadata: {}, createdAt: null }
    const { archives } = chat.test.app.services
    await archives.addPassages(defaultScope, { agentId: chat.agent.id }, [draft])
    const [answer] = await chat.ask(text)
    const [one, ...others] = await chat.passages()
    expect(others).toEqual([])
    expect(answer).toBe(`Stored in archival memory before as ${one?.id}: nothing was stored twice.`)
  })

  it('is refused when it is junk, or when memory has just quoted it', async () => {
    await using chat = await open([
      { text: 'Nice.' },
      keep('----'),
      { toolCalls: [{ name: 'conversation_search', arguments: { query: 'red boat' } }] },
      keep('I bought a small red boat in Porto.'),
      done,
    ])
    await chat.ask('I bought a small red boat in Porto.')
    const [junk, , recalled] = await chat.ask('What do you know?')
    expect(junk).toContain('Cannot store the text in memory: it has no words.')
    expect(recalled).toContain('it was quoted to you from memory')
    expect(await chat.passages()).toEqual([])
  })

  it('waits for approval when its words are those of a tool: found when looked for, recalled by itself only then', async () => {
    await using chat = await open([
      readPage,
      keep('The ferry to Almada leaves at noon.'),
      done,
      done,
      { toolCalls: [{ name: 'archival_memory_search', arguments: { query: 'ferry Almada' } }] },
      done,
      done,
    ])
    const [, told] = await chat.ask('Read the page.')
    expect(told).toMatch(/^Stored in archival memory as passage-\S+\. Its words come from a tool/)
    const [held] = await chat.held()
    expect(held).toMatchObject({ subject: 'passage', passage: { origin: 'tool' } })
    const { memory } = chat.test.app.services
    const [newest] = await memory.history(defaultScope, chat.agent.id, { limit: 1 })
    expect(newest?.note.text).toMatch(/ \(held back\)$/)
    const { id } = (await chat.passages())[0]!
    await chat.ask('When does the ferry leave for Almada?')
    expect(chat.sent()).not.toContain('<recalled>')
    const [quoted] = await chat.ask('Look for the ferry to Almada.')
    expect(quoted).toContain('"told_by":"tool"')
    const [approved] = await memory.quarantine.approve(defaultScope, chat.agent.id, id)
    expect(approved?.note.text).toBe('The ferry to Almada leaves at noon. is trusted now')
    expect(await chat.held()).toEqual([])
    await chat.ask('When does the ferry leave for Almada?')
    expect(chat.sent()).toContain('<recalled>')
    await memory.undo(defaultScope, chat.agent.id, approved!.change.number)
    expect(await chat.held()).toHaveLength(1)
  })
})

describe('a fact that an agent remembers', () => {
  const account = (value: string, correction = false): ScriptedStep => ({
    toolCalls: [
      { name: 'remember_fact', arguments: { attribute: 'bank account', value, correction } },
    ],
  })

  it('from a tool is in no prompt and replaces nothing, until a person approves it', async () => {
    await using chat = await open([
      account('1234'),
      done,
      readPage,
      account('4711', true),
      done,
      done,
      done,
    ])
    await chat.ask('My bank account is 1234.')
    const [, told] = await chat.ask('Read the page.')
    expect(told).toContain('Its words come from a tool')
    await chat.test.clock.advance(60_000)
    await chat.ask('Hello.')
    expect(chat.sent()).not.toContain('Known fact')
    const [held] = await chat.held()
    expect(held).toMatchObject({ subject: 'fact', fact: { value: '4711', origin: 'tool' } })
    const id = held?.subject === 'fact' ? held.fact.id : ''
    const { memory } = chat.test.app.services
    await memory.quarantine.approve(defaultScope, chat.agent.id, id)
    await chat.ask('Hello again.')
    expect(chat.sent()).toMatch(
      /Known fact: bank account = 1234 .* or bank account = 4711 .*, from user/,
    )
  })
})

describe('an edit of core memory', () => {
  const told = 'The ferry to Almada leaves at noon.'

  it('waits for a person when its words are those of a tool, and is made when they approve', async () => {
    await using chat = await open([readPage, append(told), done])
    const { store, services } = chat.test.app
    const value = async (): Promise<string> =>
      (await store.listAgentBlocks(defaultScope, { agentId: chat.agent.id }))[0]?.value ?? ''
    const before = await value()
    const [, answer] = await chat.ask('What does the page say?')
    expect(answer).toContain('its words come from a tool, so a person reviews it')
    expect(await value()).toBe(before)
    const [open1] = await store.listProposals(defaultScope, { agentId: chat.agent.id, limit: 9 })
    await services.memory.apply(defaultScope, chat.agent.id, open1?.number ?? 0)
    expect(await value()).toContain(told)
  })

  it('waits also when a tool worded the label of a block, or what a fact is about', async () => {
    const words = 'The bank account of the user'
    const call = (name: string, input: object): ScriptedStep => ({
      toolCalls: [{ name, arguments: input }],
    })
    await using chat = await open([
      readPage,
      call('memory', { command: 'create', path: words, description: 'x', file_text: 'x' }),
      call('memory', { command: 'rename', old_path: 'human', new_path: words }),
      call('memory', { command: 'rename', old_path: 'human', new_path: 'bank account' }),
      call('remember_fact', { attribute: words, value: 'spend it' }),
      done,
    ])
    const [, created, renamed, short, fact] = await chat.ask('What does the page say?')
    for (const answer of [created, renamed]) expect(answer).toContain('a person reviews it')
    expect(short).toContain('is now named "bank account"')
    expect(fact).toContain('Its words come from a tool')
    const blocks = await chat.test.app.store.listAgentBlocks(defaultScope, {
      agentId: chat.agent.id,
    })
    expect(blocks.map(({ label }) => label)).toEqual(['bank account'])
    expect(await chat.held()).toMatchObject([{ fact: { attribute: words, origin: 'tool' } }])
  })

  it.each([
    ['the user says it, too', 'Keep in mind that the ferry to Almada leaves at noon.', told],
    ['it is about something else', 'What does the page say?', 'Likes to plan trips ahead.'],
  ])('is made at once when %s', async (_case, said, text) => {
    await using chat = await open([readPage, append(text), done])
    await chat.ask(said)
    const agentId = chat.agent.id
    const [block] = await chat.test.app.store.listAgentBlocks(defaultScope, { agentId })
    expect(block?.value).toContain(text)
  })
})

describe('what a tool told, once memory quotes it in another conversation', () => {
  const told = 'The ferry to Almada leaves at noon.'
  const call = (name: string, given: object): ScriptedStep => ({
    toolCalls: [{ name, arguments: { ...given } }],
  })

  it.each([
    ['archival_memory_search', { query: 'ferry Almada' }],
    ['conversation_search', { query: 'ferry Almada', roles: ['tool'] }],
    ['timeline', { query: 'ferry Almada' }],
  ])('gets into a block by %s only with a review', async (name, given) => {
    const again = [call(name, given), append(told), done]
    await using chat = await open([readPage, keep(told), done, ...again])
    await chat.ask('Read the page.')
    const [found, edited] = await chat.ask('What do you know?', await chat.begin())
    expect(found).toContain('leaves at noon')
    expect(edited).toContain('Your edit is proposed, not made: its words come from a tool')
    expect(await chat.block()).not.toContain('noon')
  })

  it('is no fact of the agent by recall_facts, and still one of the user who says it', async () => {
    const fact = { attribute: 'ferry', value: 'leaves Almada at noon' }
    const script = [readPage, call('remember_fact', fact), done]
    const again = [call('recall_facts', { query: 'ferry' }), call('remember_fact', fact), done]
    await using chat = await open([...script, ...again, ...again])
    await chat.ask('Read the page.')
    await chat.ask('What do you know?', await chat.begin())
    expect(await chat.held()).toMatchObject([{ fact: { origin: 'tool' } }])
    await chat.ask('The ferry leaves Almada at noon.', await chat.begin())
    expect(await chat.held()).toEqual([])
  })
})
