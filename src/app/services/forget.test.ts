import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createTemporaryFolder } from '../../storage/conformance/temporary-folder.ts'
import { openStore } from '../../storage/open-store.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { createScriptedModel } from '../../testing/scripted-model.ts'
import {
  canaryScript,
  keptFact,
  plantCanaries,
  secretSentence,
} from '../../testing/forget-canaries.ts'
import type { ForgetRequest } from './forget-targets.ts'

const word = 'zugheron4711x'

/** An app whose data lies in a folder, with a log there. */
async function openOnDisk(): Promise<
  { readonly test: TestApp; readonly home: string } & AsyncDisposable
> {
  const folder = await createTemporaryFolder()
  const test = await createTestApp({
    store: await openStore({ location: folder.path }),
    logger: createLogger({ level: 'info', to: { home: folder.path } }),
    script: canaryScript(word),
  })
  return {
    test,
    home: folder.path,
    async [Symbol.asyncDispose]() {
      await test.app.close()
      await folder.remove()
    },
  }
}

/** The files of a folder that hold a word in any letters, but for the backups. */
function filesWith(home: string, text: string): readonly string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('backups'))
    .filter((file) => readFileSync(file, 'latin1').toLowerCase().includes(text))
}

function ask(given: Partial<ForgetRequest>): ForgetRequest {
  return { ids: [], query: null, cutOnly: false, agentId: null, ...given }
}

async function confirm(
  test: TestApp,
  request: ForgetRequest,
): Promise<Awaited<ReturnType<TestApp['app']['services']['forget']['confirm']>>> {
  const { forget } = test.app.services
  const { token } = await forget.preview(defaultScope, request)
  return await forget.confirm(defaultScope, request, token)
}

describe('forgetting', () => {
  it('by words leaves nothing in any byte of any file, and says so in a receipt without content', async () => {
    await using place = await openOnDisk()
    const { test, home } = place
    const { agent, kept } = await plantCanaries(test, word)
    mkdirSync(join(home, 'backups'), { recursive: true })
    writeFileSync(join(home, 'backups', 'old.db'), word)
    expect(filesWith(home, word).length).toBeGreaterThan(1)
    const receipt = await confirm(test, ask({ query: word, agentId: agent.id }))
    expect(filesWith(home, word)).toEqual([])
    expect(receipt).toMatchObject({
      state: 'done',
      origin: 'query',
      residue: { rowsFound: 0, filesFound: 0 },
    })
    expect(receipt.residue?.rowsSearched).toBeGreaterThan(10)
    expect(receipt.residue?.filesSearched).toBeGreaterThan(1)
    expect(receipt.outside).toContain('backups/old.db')
    expect(JSON.stringify(receipt)).not.toContain(word)
    expect(await test.app.services.forget.list(defaultScope, { limit: 9 })).toEqual([receipt])
    const messages = await test.app.store.listMessages(defaultScope, {
      agentId: agent.id,
      limit: 100,
      order: 'asc',
    })
    expect(JSON.stringify(messages)).toContain(kept)
    const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    expect(block?.value).toContain('Likes herons and egrets.')
    expect(JSON.stringify(block)).not.toContain('Locker')
  })

  it('of a message takes its turn, what memory made of it, and every quotation of it', async () => {
    await using place = await openOnDisk()
    const { test, home } = place
    const { agent, messageId, kept } = await plantCanaries(test, word)
    const request = ask({ ids: [messageId] })
    const preview = await test.app.services.forget.preview(defaultScope, request)
    const reasons = new Set(preview.items.map(({ kind, reason }) => `${kind} ${reason}`))
    for (const expected of [
      'message asked',
      'message same-turn',
      'message quotes',
      'passage derived',
      'block derived',
      'fact derived',
    ]) {
      expect(reasons).toContain(expected)
    }
    const receipt = await test.app.services.forget.confirm(defaultScope, request, preview.token)
    expect(receipt).toMatchObject({ state: 'done', residue: { rowsFound: 0, filesFound: 0 } })
    expect(filesWith(home, word)).toEqual([])
    const facts = await test.app.store.listFacts(defaultScope, {
      agentId: agent.id,
      validAt: test.clock.now(),
      limit: 9,
    })
    expect(facts.map(({ value }) => value)).toEqual([keptFact])
    const { messages } = test.model.requests.at(-1) ?? { messages: [] }
    expect(JSON.stringify(messages)).toContain(word)
    test.model.script({ text: 'Hello again.' })
    await test.ask(agent, 'Hello?')
    const sent = JSON.stringify(test.model.requests.at(-1))
    expect(sent).not.toContain(word)
    expect(sent).toContain(kept)
    expect(sent).toContain('Likes herons and egrets.')
  })

  it('only cuts the words out where that is wished', async () => {
    await using place = await openOnDisk()
    const { test, home } = place
    const { agent } = await plantCanaries(test, word)
    const before = await test.app.store.countMessages(defaultScope, { agentId: agent.id })
    await confirm(test, ask({ query: word, cutOnly: true, agentId: agent.id }))
    expect(await test.app.store.countMessages(defaultScope, { agentId: agent.id })).toBe(before)
    expect(filesWith(home, word)).toEqual([])
    const found = await test.app.store.listMessages(defaultScope, {
      agentId: agent.id,
      limit: 100,
      order: 'asc',
    })
    expect(JSON.stringify(found)).toContain(secretSentence('[forgotten]'))
  })

  it('is not done when something else would go than was shown', async () => {
    await using place = await openOnDisk()
    const { test } = place
    const { agent } = await plantCanaries(test, word)
    const { forget } = test.app.services
    const request = ask({ query: word, agentId: agent.id })
    const { token } = await forget.preview(defaultScope, request)
    test.model.script({ text: 'Yes.' })
    await test.ask(agent, `Is it ${word}?`)
    await expect(forget.confirm(defaultScope, request, token)).rejects.toMatchObject({
      code: 'conflict',
      data: { reason: 'changed' },
    })
    expect(await forget.list(defaultScope, { limit: 9 })).toEqual([])
  })

  it('goes on after the process ended in the middle, until the receipt is done', async () => {
    await using folder = await temporary()
    const store = await openStore({ location: folder.path })
    const test = await createTestApp({
      store: {
        ...store,
        // The process ends after the removal: whatever comes then never happens.
        purge: () => Promise.reject(new Error('killed')),
        finishForget: () => Promise.reject(new Error('killed')),
      },
      script: canaryScript(word),
    })
    const { agent } = await plantCanaries(test, word)
    const receipt = await confirm(test, ask({ query: word, agentId: agent.id }))
    expect(receipt.state).toBe('removed')
    await test.app.close()
    await using again = await createTestApp({
      store: await openStore({ location: folder.path }),
      startAt: test.clock.now(),
    })
    again.app.jobs.start()
    await again.clock.advance(60_000)
    const done = await again.app.services.forget.get(defaultScope, receipt.id)
    expect(done).toMatchObject({ state: 'done', cleaning: { file: 'rewritten' } })
    expect(filesWith(folder.path, word)).toEqual([])
  })

  it.each([
    ['nothing to look for', ask({}), 'invalid_argument'],
    ['a query that does not say whose memory', ask({ query: 'x' }), 'invalid_argument'],
    ['what is no id', ask({ ids: ['locker'] }), 'invalid_argument'],
    ['a version of a message', ask({ ids: [`message-${'1'.repeat(8)}@3`] }), 'invalid_argument'],
    [
      'a message that is not there',
      ask({ ids: ['message-11111111-1111-4111-8111-111111111111'] }),
      'not_found',
    ],
  ])('refuses %s', async (_name, request, code) => {
    await using test = await createTestApp()
    await expect(test.app.services.forget.preview(defaultScope, request)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^Cannot .+\.$/),
    })
  })
})

async function temporary(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await createTemporaryFolder()
  return { path: folder.path, [Symbol.asyncDispose]: () => folder.remove() }
}

describe('forgetting what a summary stands for', () => {
  it('writes that summary and those that took it up anew, without a model', async () => {
    const filler = 'word '.repeat(120)
    const model = createScriptedModel({
      otherwise: ({ tools }) =>
        tools.length === 0
          ? { text: 'They keep a boat named Wigeon at the pier.' }
          : { text: `Noted. ${filler}` },
    })
    await using test = await createTestApp({ models: [model] })
    const agent = await test.createAgent({ contextWindow: 6000 })
    await test.ask(agent, `My sailing vessel is called Wigeon, moored out by the jetty. ${filler}`)
    await test.ask(agent, `The herons came back. ${filler}`)
    for (let count = 0; count < 30; count += 1) await test.ask(agent, `Message ${count}. ${filler}`)
    const page = { agentId: agent.id, limit: 1000, order: 'asc' } as const
    const before = await test.app.store.listMessages(defaultScope, page)
    const summaries = before.filter(({ role }) => role === 'summary')
    expect(summaries.length).toBeGreaterThan(1)
    expect(JSON.stringify(summaries)).toContain('boat named Wigeon')
    const first = before.find(({ role }) => role === 'user')
    const receipt = await confirm(test, ask({ ids: [first?.id ?? ''] }))
    expect(receipt.counts).toMatchObject({ 'summary cut': summaries.length })
    const after = await test.app.store.listMessages(defaultScope, page)
    const text = JSON.stringify(after.filter(({ role }) => role === 'summary'))
    expect(text).not.toContain('Wigeon')
    expect(text).toContain('something it stood for was forgotten')
    expect(text).toContain('The herons came back.')
    await test.ask(agent, 'Hello.')
    expect(JSON.stringify(model.requests.at(-1))).not.toContain('Wigeon')
  })
})

describe('forgetting what was recalled', () => {
  it('takes the words out of the tail items that showed them', async () => {
    const filler = 'word '.repeat(120)
    const model = createScriptedModel({
      otherwise: ({ tools }) => ({
        text: tools.length === 0 ? 'They count.' : `Noted. ${filler}`,
      }),
    })
    await using test = await createTestApp({ models: [model] })
    const agent = await test.createAgent({ contextWindow: 6000 })
    await test.ask(agent, 'My sailing vessel is called Wigeon, moored by the jetty.')
    for (let count = 0; count < 14; count += 1) await test.ask(agent, `Message ${count}. ${filler}`)
    await test.ask(agent, 'What is the name of my sailing vessel?')
    expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain('Wigeon')
    const { store } = test.app
    const tails = async (): Promise<string> => {
      const conversationId = defaultConversationId(agent.id)
      const place = { conversationId, fromPosition: 0, limit: 1000 }
      const items = await store.listItems(defaultScope, place)
      return JSON.stringify(items.filter(({ kind }) => kind === 'tail'))
    }
    expect(await tails()).toContain('Wigeon')
    const page = { agentId: agent.id, limit: 5, order: 'asc' } as const
    const messages = await store.listMessages(defaultScope, page)
    const told = messages.find(({ role }) => role === 'user')
    await confirm(test, ask({ ids: [told?.id ?? ''] }))
    expect(await tails()).not.toContain('Wigeon')
    await test.ask(agent, 'What is the name of my sailing vessel?')
    expect(JSON.stringify(model.requests.at(-1))).not.toContain('Wigeon')
  })
})
