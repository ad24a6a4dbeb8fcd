import { expect, it } from 'vitest'
import { describeStores } from '../../../test/setup/describe-stores.ts'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import type { ForgetReceipt } from '../../domain/forget.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Store } from '../../storage/store.ts'
import { textTableNames } from '../../storage/stored-texts.ts'
import { createTestApp, userInput, type TestApp } from '../../testing/create-test-app.ts'
import type { ScriptedStep } from '../../testing/scripted-model.ts'
import { toolId } from '../../tools/registry.ts'
import type { ForgetRequest } from './forget-targets.ts'

const word = 'zugheron4711x'
const page = { limit: 100, order: 'asc' } as const

/** Forgets what a preview shows, or just some words. */
async function forget(
  { app }: TestApp,
  agent: Agent,
  given: Partial<ForgetRequest>,
): Promise<ForgetReceipt> {
  const request = { ids: [], query: null, cutOnly: false, agentId: agent.id, ...given }
  const { token } = await app.services.forget.preview(defaultScope, request)
  return await app.services.forget.confirm(defaultScope, request, token)
}

/** Everything that an agent was told and said, as one text. */
async function said({ app }: TestApp, agent: Agent): Promise<string> {
  return JSON.stringify(await app.store.listMessages(defaultScope, { agentId: agent.id, ...page }))
}

/** The tables with words of an agent, and of a block that it had, that hold the word. */
async function tablesWith({ app }: TestApp, agent: Agent): Promise<readonly string[]> {
  const named = { agentIds: [agent.id], archiveIds: [], blockIds: [] }
  const owners = await app.store.findForgetOwners(defaultScope, named)
  const found: string[] = []
  for (const table of textTableNames) {
    const rows = await app.store.listStoredTexts(defaultScope, { owners, table, limit: 1000 })
    if (JSON.stringify(rows).includes(word)) found.push(table)
  }
  return found
}

const hourly = { type: 'every', milliseconds: 3_600_000 } as const

async function schedule(test: TestApp, agent: Agent, texts: readonly string[]) {
  return await test.app.services.schedules.create(defaultScope, {
    conversationId: defaultConversationId(agent.id),
    timing: hourly,
    input: {
      messages: texts.map((text) => ({
        role: 'user',
        content: [{ type: 'text', text }],
        name: null,
        senderId: null,
      })),
      maxSteps: null,
      callbackUrl: `https://example.test/${word}`,
      returnMessageTypes: null,
    },
    missed: 'once',
  })
}

describeStores('what was forgotten', (open) => {
  it('stays away when its message comes again', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [{ text: 'Noted.' }, { text: 'Fine.' }],
    })
    const agent = await test.createAgent()
    const request = { messages: [userInput(`It opens with ${word}.`, 'key-1')] }
    await test.ask(agent, '', request)
    await forget(test, agent, { query: word })
    await expect(test.say(agent, '', request)).rejects.toMatchObject({
      code: 'gone',
      data: { reason: 'forgotten' },
    })
    expect(await said(test, agent)).not.toContain(word)
    await test.ask(agent, '', { messages: [userInput(`It opens with ${word}.`, 'key-2')] })
    expect(await said(test, agent)).toContain(word)
  })

  it('is not left in keys that a client chose, nor in part of an address', async () => {
    await using test = await createTestApp({ store: await open(), script: [{ text: 'Hello.' }] })
    const agent = await test.createAgent()
    const messages = [{ ...userInput('Hello there.', `key-${word}`), senderId: word }]
    const callbackUrl = `https://example.test/${word}`
    await test.ask(agent, '', { messages, callbackUrl })
    const { store, clock } = test.app
    const conversationId = defaultConversationId(agent.id)
    const at = clock.now()
    const signal = { id: `letter-${word}`, name: 'letter', payload: {}, createdAt: at }
    await store.sendSignal(defaultScope, {
      signal: { ...signal, conversationId, consumedAt: null },
      at,
    })
    expect((await forget(test, agent, { query: word })).counts).toMatchObject({
      'message cut': 1,
      'message key remove': 1,
      'run cut': 1,
      'signal remove': 1,
    })
    expect(await said(test, agent)).not.toContain(word)
    const filter = { agentIds: [agent.id] }
    const [run] = await store.listRuns(defaultScope, { filter, page })
    expect(run?.callbackUrl).toBeNull()
  })

  it('is not said again by a schedule', async () => {
    await using test = await createTestApp({ store: await open() })
    const agent = await test.createAgent()
    const { schedules } = test.app.services
    await schedule(test, agent, [`Ask whether ${word} still fits.`])
    const receipt = await forget(test, agent, { query: word })
    expect(receipt.counts).toEqual({ 'schedule remove': 1 })
    const listed = { conversationId: defaultConversationId(agent.id), page }
    expect(await schedules.list(defaultScope, listed)).toEqual([])
    test.app.jobs.start()
    await test.clock.advance(2 * hourly.milliseconds)
    expect(test.model.requests).toEqual([])
  })

  it('is cut out of what a schedule says where only words go, and all of it goes with its last words', async () => {
    await using test = await createTestApp({ store: await open() })
    const agent = await test.createAgent()
    const { schedules } = test.app.services
    await schedule(test, agent, [`Ask whether ${word} still fits.`, `${word}!`])
    await schedule(test, agent, [word])
    const receipt = await forget(test, agent, { query: word, cutOnly: true })
    expect(receipt.counts).toEqual({ 'schedule cut': 1, 'schedule remove': 1 })
    const listed = { conversationId: defaultConversationId(agent.id), page }
    const [left, ...others] = await schedules.list(defaultScope, listed)
    expect(others).toEqual([])
    expect(left?.input).toMatchObject({
      messages: [{ content: [{ type: 'text', text: 'Ask whether [forgotten] still fits.' }] }],
      callbackUrl: null,
    })
  })

  it('goes with the schedules and signals of a conversation that stays', async () => {
    await using test = await createTestApp({ store: await open(), script: [{ text: 'Fine.' }] })
    const agent = await test.createAgent()
    await test.ask(agent, 'Water them.')
    await schedule(test, agent, ['Water them.'])
    const conversationId = defaultConversationId(agent.id)
    expect((await forget(test, agent, { ids: [conversationId] })).counts).toMatchObject({
      'schedule remove': 1,
    })
    const { schedules } = test.app.services
    expect(await schedules.list(defaultScope, { conversationId, page })).toEqual([])
  })

  it('is not left in what a tool of the client returned', async () => {
    const paper = { name: 'read_paper', description: 'Reads a paper.', parameters: {} }
    await using test = await createTestApp({
      store: await open(),
      script: [
        { toolCalls: [{ name: paper.name, arguments: {}, callId: 'c' }] },
        { text: 'Fine.' },
      ],
    })
    const agent = await test.createAgent()
    await test.ask(agent, 'Read it.', { options: { clientTools: [paper] } })
    const { run } = await test.app.runtime.answer(defaultScope, {
      conversationId: defaultConversationId(agent.id),
      answers: [
        {
          kind: 'return',
          callId: 'c',
          text: `It says ${word}.`,
          status: 'success',
          stdout: null,
          stderr: null,
        },
      ],
      otid: null,
      groupId: null,
      followUps: [],
      options: { clientTools: [paper] },
      runType: 'send_message',
      background: false,
      requestConfig: {},
      requestHash: null,
      callbackUrl: null,
      isRetry: false,
    })
    await test.frames(run.id)
    expect(await said(test, agent)).toContain(word)
    const { residue } = await forget(test, agent, { query: word })
    expect(residue?.rowsFound).toBe(0)
    expect(await said(test, agent)).not.toContain(word)
  })
})

/** A store in which something else happens just before the next change of memory, once. */
function interrupt(
  store: Store,
  meanwhile: { action?: (() => Promise<unknown>) | undefined },
): Store {
  return {
    ...store,
    async changeMemory(scope, input) {
      const { action } = meanwhile
      meanwhile.action = undefined
      await action?.()
      return await store.changeMemory(scope, input)
    },
  }
}

describeStores('taking back or restoring what is being forgotten', (open) => {
  async function begin(...script: readonly ScriptedStep[]) {
    const meanwhile: { action?: (() => Promise<unknown>) | undefined } = {}
    const test = await createTestApp({ store: interrupt(await open(), meanwhile), script })
    const agent = await test.createAgent({ toolIds: [toolId('remember_fact')] })
    const forgetWord = async (of: Agent): Promise<unknown> =>
      await forget(test, of, { query: word })
    return { test, agent, meanwhile, forgetWord }
  }

  /** A deleted block comes back without the words; of the others nothing is left to bring back. */
  const outcomes = /^(?:done|not_found|conflict)$/
  const outcomeOf = async (change: Promise<unknown>): Promise<string> =>
    await change.then(
      () => 'done',
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    )

  /** What can be deleted and brought back: each stores the word, deletes it again and names what it was. */
  const ways: Readonly<Record<string, (test: TestApp, agent: Agent) => Promise<string>>> = {
    async passage({ app }, { id: agentId }) {
      const draft = { text: `It is ${word}.`, tags: [], metadata: {}, createdAt: null }
      const [stored] = await app.services.archives.addPassages(defaultScope, { agentId }, [draft])
      await app.services.archives.deletePassage(defaultScope, { agentId }, stored?.id ?? '')
      return stored?.id ?? ''
    },
    async fact({ app }, { id: agentId }) {
      const stated = { subject: 'user', attribute: 'locker', value: word, corrects: false }
      const { current } = await app.services.facts.add(defaultScope, agentId, stated)
      const factId = current[0]?.id ?? ''
      await app.services.facts.remove(defaultScope, agentId, { factId, kind: 'fact' })
      return factId
    },
    async block({ app }, { id: agentId }) {
      const [block] = await app.store.listAgentBlocks(defaultScope, { agentId })
      const id = block?.id ?? ''
      await app.services.blocks.update(defaultScope, id, { value: `It is ${word}.` })
      await app.services.blocks.delete(defaultScope, id)
      return id
    },
  }

  it.each(Object.entries(ways))('brings no %s back with its words', async (_kind, prepare) => {
    const { test, agent, meanwhile, forgetWord } = await begin()
    await using _ = test
    const { services, store } = test.app
    const item = await prepare(test, agent)
    const query = { agentId: agent.id, itemId: item, limit: 1 }
    const [last] = await store.listMemoryChanges(defaultScope, query)
    meanwhile.action = () => forgetWord(agent)
    const undo = services.memory.undo(defaultScope, agent.id, last?.number ?? 0)
    await expect(outcomeOf(undo)).resolves.toMatch(outcomes)
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it('applies no proposal with its words', async () => {
    const call = {
      name: 'core_memory_append',
      arguments: { label: 'human', content: `It is ${word}.` },
    }
    const { test, meanwhile, forgetWord } = await begin({ toolCalls: [call] }, { text: 'Noted.' })
    await using _ = test
    const agent = await test.createAgent({ memoryMode: 'review' })
    await test.ask(agent, 'Keep it in mind.')
    const { memory } = test.app.services
    const [waiting] = await memory.proposals(defaultScope, agent.id, { limit: 1 })
    meanwhile.action = () => forgetWord(agent)
    const apply = memory.apply(defaultScope, agent.id, waiting?.proposal.number ?? 0)
    await expect(outcomeOf(apply)).resolves.toBe('done')
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it.each(Object.entries(ways))('restores no %s with its words', async (_kind, prepare) => {
    const { test, agent, meanwhile, forgetWord } = await begin()
    await using _ = test
    const { services, store } = test.app
    const item = await prepare(test, agent)
    const [, before] = await store.listMemoryChanges(defaultScope, {
      agentId: agent.id,
      itemId: item,
      limit: 2,
    })
    meanwhile.action = () => forgetWord(agent)
    const to = { version: before?.version ?? 0 }
    const restore = services.memory.restore(defaultScope, agent.id, { item, to })
    await expect(outcomeOf(restore)).resolves.toMatch(outcomes)
    expect(await tablesWith(test, agent)).toEqual([])
  })
})
