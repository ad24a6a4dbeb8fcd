import { expect, it } from 'vitest'
import { z } from 'zod'
import { describeStores } from '../../../test/setup/describe-stores.ts'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId, newIdentifier } from '../../domain/identifier.ts'
import { newJob } from '../../domain/job.ts'
import { defaultScope } from '../../domain/scope.ts'
import type { Store } from '../../storage/store.ts'
import { textTableNames } from '../../storage/stored-texts.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { defineTool } from '../../tools/define-tool.ts'
import { toolId } from '../../tools/registry.ts'
import { sampleBlock } from '../../testing/samples.ts'
import type { ScriptedStep } from '../../testing/scripted-model.ts'

const word = 'zugheron4711x'

/** What a test does at a place of the next forgetting. */
interface Meanwhile {
  beforeCommit?: (() => Promise<unknown>) | undefined
  afterCommit?: (() => Promise<unknown>) | undefined
}

/** A store in which something else happens just before and after the commit of a forgetting, once. */
function interrupt(store: Store, meanwhile: Meanwhile): Store {
  const take = async (name: keyof Meanwhile): Promise<void> => {
    const action = meanwhile[name]
    meanwhile[name] = undefined
    await action?.()
  }
  return {
    ...store,
    async applyForget(scope, write) {
      await take('beforeCommit')
      const receipt = await store.applyForget(scope, write)
      await take('afterCommit')
      return receipt
    },
  }
}

/** Ways into the store that are no turn. */
const writes: Readonly<Record<string, (test: TestApp, agent: Agent) => Promise<unknown>>> = {
  signal: async ({ app }, agent) =>
    await app.store.sendSignal(defaultScope, {
      signal: {
        id: newIdentifier(app.ids, 'signal'),
        conversationId: defaultConversationId(agent.id),
        name: 'letter',
        payload: { said: `It is ${word}.` },
        createdAt: app.clock.now(),
        consumedAt: null,
      },
      at: app.clock.now(),
    }),
  schedule: async ({ app }, agent) =>
    await app.services.schedules.create(defaultScope, {
      conversationId: defaultConversationId(agent.id),
      timing: { type: 'every', milliseconds: 3_600_000 },
      input: {
        messages: [
          { role: 'user', content: [{ type: 'text', text: word }], name: null, senderId: null },
        ],
        maxSteps: null,
        callbackUrl: null,
        returnMessageTypes: null,
      },
      missed: 'once',
    }),
  'job of the agent': async (test, agent) => await enqueue(test, agent.id),
  'job of the tenant': async (test) => await enqueue(test, ''),
  import: async ({ app }, agent) =>
    await app.services.imports.importMessages(defaultScope, agent.id, {
      importId: null,
      messages: [
        { role: 'user', text: word, name: null, createdAt: null, otid: 'late-1', session: null },
      ],
    }),
}

async function enqueue({ app }: TestApp, lane: string): Promise<unknown> {
  const job = newJob({
    id: newIdentifier(app.ids, 'job'),
    tenantId: defaultScope.tenantId,
    lane,
    kind: 'elsewhere',
    payload: { said: word },
    maxAttempts: 1,
    at: app.clock.now(),
  })
  return await app.store.enqueueJob(defaultScope, { job })
}

function ask(agent: Agent) {
  return { ids: [], query: word, cutOnly: false, agentId: agent.id }
}

/** The tables of an agent that hold the word. */
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

/** An agent that was told the word, and what is to happen while it forgets. */
interface Told extends AsyncDisposable {
  readonly test: TestApp
  readonly agent: Agent
  readonly meanwhile: Meanwhile
}

/** Tells an agent the word; `later` is what it answers afterwards. */
async function tellSecret(
  open: () => Promise<Store>,
  ...later: readonly ScriptedStep[]
): Promise<Told> {
  const meanwhile: Meanwhile = {}
  const store = interrupt(await open(), meanwhile)
  const test = await createTestApp({ store, script: [{ text: 'Noted.' }, ...later] })
  const agent = await test.createAgent()
  await test.ask(agent, `My locker opens with ${word}.`)
  return { test, agent, meanwhile, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() }
}

describeStores('what is written while something is forgotten', (open) => {
  it('before the commit has it refused, until it was looked at', async () => {
    await using told = await tellSecret(open)
    const { test, agent, meanwhile } = told
    const { forget } = test.app.services
    for (const [name, write] of Object.entries(writes)) {
      const { token } = await forget.preview(defaultScope, ask(agent))
      meanwhile.beforeCommit = () => write(test, agent)
      await expect(forget.confirm(defaultScope, ask(agent), token), name).rejects.toMatchObject({
        code: 'conflict',
        data: { reason: 'changed' },
      })
    }
    expect(await forget.list(defaultScope, { limit: 9 })).toEqual([])
    const { token } = await forget.preview(defaultScope, ask(agent))
    const receipt = await forget.confirm(defaultScope, ask(agent), token)
    expect(receipt.residue).toMatchObject({ rowsFound: 0 })
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it('about something else does not matter', async () => {
    await using told = await tellSecret(open, { text: 'Fine.' })
    const { test, agent, meanwhile } = told
    const { forget } = test.app.services
    const { token } = await forget.preview(defaultScope, ask(agent))
    meanwhile.beforeCommit = () => test.ask(agent, 'The herons came back.')
    expect(await forget.confirm(defaultScope, ask(agent), token)).toMatchObject({ state: 'done' })
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it('all the time does not hold up a forgetting for ever', async () => {
    await using told = await tellSecret(open)
    const { test, agent, meanwhile } = told
    const { forget, archives } = test.app.services
    const { token } = await forget.preview(defaultScope, ask(agent))
    const draft = { tags: [], metadata: {}, createdAt: null }
    let count = 0
    const disturb = async (): Promise<void> => {
      count += 1
      const text = count < 5 ? 'A heron.' : `It is ${word}.`
      await archives.addPassages(defaultScope, { agentId: agent.id }, [{ ...draft, text }])
      meanwhile.beforeCommit = count < 5 ? disturb : undefined
    }
    meanwhile.beforeCommit = disturb
    const receipt = await forget.confirm(defaultScope, ask(agent), token)
    expect(count).toBe(5)
    expect(receipt).toMatchObject({
      counts: { 'message remove': 2, 'passage cut': 1 },
      residue: { rowsFound: 0 },
    })
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it('does not hold up what is forgotten by age', async () => {
    const meanwhile: Meanwhile = {}
    await using test = await createTestApp({
      store: interrupt(await open(), meanwhile),
      script: [{ text: 'Fine.' }],
    })
    const { forget, archives } = test.app.services
    const agent = await test.createAgent()
    const passage = { text: word, tags: [], metadata: {}, createdAt: test.clock.now() }
    const [stored] = await archives.addPassages(defaultScope, { agentId: agent.id }, [passage])
    const before: unknown[] = []
    meanwhile.beforeCommit = async () => before.push(await test.ask(agent, 'Hello.'))
    const receipt = await forget.expire(defaultScope, [stored?.id ?? '', 'passage-that-is-gone'])
    expect(before).toHaveLength(1)
    expect(receipt).toMatchObject({ state: 'done', origin: 'retention', residue: null })
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it('in a turn that runs keeps nothing that is forgotten by age beside it', async () => {
    const outcomes: unknown[] = []
    const wait = defineTool({
      name: 'wait_for_it',
      description: 'Waits.',
      parameters: z.object({}),
      replay: 'read-only',
      run: async () => {
        const { forget } = test.app.services
        const ids = [stored?.id ?? '']
        outcomes.push(await forget.expire(defaultScope, ids).catch((error: unknown) => error))
        outcomes.push(await forget.expire(defaultScope, ids, { besideTurns: true }))
        return 'Waited.'
      },
    })
    await using test = await createTestApp({
      store: await open(),
      script: [{ toolCalls: [{ name: 'wait_for_it', arguments: {} }] }, { text: 'Fine.' }],
      tools: [wait],
    })
    const agent = await test.createAgent({ toolIds: [toolId('wait_for_it')] })
    const passage = { text: word, tags: [], metadata: {}, createdAt: test.clock.now() }
    const [stored] = await test.app.services.archives.addPassages(
      defaultScope,
      { agentId: agent.id },
      [passage],
    )
    const frames = await test.ask(agent, 'Hello.')
    expect(frames.at(-1)?.event.event).toMatchObject({ type: 'run-ended', stopReason: 'end_turn' })
    expect(outcomes).toMatchObject([
      { code: 'conflict', data: { reason: 'running' } },
      { state: 'done', origin: 'retention', counts: { 'passage remove': 1 } },
    ])
    expect(await tablesWith(test, agent)).toEqual([])
  })

  it('after the commit loses the words, too, and is counted', async () => {
    await using told = await tellSecret(open)
    const { test, agent, meanwhile } = told
    const { forget } = test.app.services
    const { token } = await forget.preview(defaultScope, ask(agent))
    meanwhile.afterCommit = async () => {
      for (const write of Object.values(writes)) await write(test, agent)
    }
    const receipt = await forget.confirm(defaultScope, ask(agent), token)
    expect(receipt).toMatchObject({
      state: 'done',
      counts: { 'message remove': 2, 'message cut': 1, 'signal cut': 1, 'job cut': 2 },
      residue: { rowsFound: 0 },
    })
    expect(await tablesWith(test, agent)).toEqual([])
    expect(await forget.list(defaultScope, { limit: 9 })).toEqual([receipt])
  })

  it('in a turn that is not over is told in the receipt', async () => {
    await using told = await tellSecret(open)
    const { test, agent, meanwhile } = told
    const { forget } = test.app.services
    const { token } = await forget.preview(defaultScope, ask(agent))
    const id = defaultConversationId(agent.id)
    const at = test.clock.now()
    await test.app.store.pauseConversation(defaultScope, { id, now: false, at })
    meanwhile.afterCommit = () => test.say(agent, `Is it ${word}?`)
    const receipt = await forget.confirm(defaultScope, ask(agent), token)
    expect(receipt.residue?.rowsFound).toBeGreaterThan(0)
  })
})

describeStores('what other agents said about shared memory', (open) => {
  async function share(test: TestApp): Promise<readonly [Agent, Agent]> {
    const agent = await test.createAgent()
    const other = await test.createAgent({}, [])
    const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    const at = test.clock.now()
    const shared = { agentId: other.id, blockId: block?.id ?? '', at }
    await test.app.store.attachBlock(defaultScope, shared)
    await test.ask(other, `Theirs opens with ${word}.`)
    await test.ask(agent, `My locker opens with ${word}.`)
    return [agent, other]
  }

  it('is left, and named to those who may see the agent', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [{ text: 'Noted.' }, { text: 'Fine.' }],
    })
    const { forget } = test.app.services
    const [agent, other] = await share(test)
    const preview = await forget.preview(defaultScope, ask(agent))
    const rows = expect.any(Number) as number
    const elsewhere = { agents: [{ agentId: other.id, rows }], unsearched: 0 }
    expect(preview.elsewhere).toEqual(elsewhere)
    const receipt = await forget.confirm(defaultScope, ask(agent), preview.token)
    expect(receipt.residue).toMatchObject({ rowsFound: 0, elsewhere })
    expect(await tablesWith(test, agent)).toEqual([])
    expect(await tablesWith(test, other)).not.toEqual([])
    const limited = { ...defaultScope, agentIds: [agent.id] }
    const hidden = { agents: [{ agentId: null, rows }], unsearched: 0 }
    expect((await forget.get(limited, receipt.id)).residue?.elsewhere).toEqual(hidden)
    const [listed] = await forget.list(limited, { limit: 9 })
    expect(JSON.stringify(listed)).not.toContain(other.id)
    const theirs = { ...ask(agent), query: 'locker' }
    expect((await forget.preview(limited, theirs)).elsewhere).toEqual({ agents: [], unsearched: 1 })
  })

  it('is named when the agent itself is forgotten', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [{ text: 'Noted.' }, { text: 'Fine.' }],
    })
    const { forget } = test.app.services
    const [agent, other] = await share(test)
    const request = { ids: [agent.id], query: word, cutOnly: false, agentId: agent.id }
    const { token } = await forget.preview(defaultScope, request)
    const receipt = await forget.confirm(defaultScope, request, token)
    expect(receipt).toMatchObject({ state: 'done', agentId: null })
    expect(receipt.residue).toMatchObject({
      rowsFound: 0,
      elsewhere: { agents: [{ agentId: other.id }], unsearched: 0 },
    })
  })

  it('goes, too, when that is wished', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [{ text: 'Noted.' }, { text: 'Fine.' }],
    })
    const { forget } = test.app.services
    const [agent, other] = await share(test)
    const request = { ...ask(agent), includeShared: true }
    const preview = await forget.preview(defaultScope, request)
    expect(preview.elsewhere).toEqual({ agents: [], unsearched: 0 })
    await forget.confirm(defaultScope, request, preview.token)
    expect(await tablesWith(test, agent)).toEqual([])
    expect(await tablesWith(test, other)).toEqual([])
  })
})

it('the texts that a process holds for searching are let go with the commit', async () => {
  await using test = await createTestApp({ script: [{ text: 'Noted.' }] })
  const { store, texts, services } = test.app
  const agent = await test.createAgent()
  await test.ask(agent, `My locker opens with ${word}.`)
  const held: unknown[] = []
  const readTexts: Store['readTexts'] = async (scope, input) => {
    held.push(input.known)
    return await store.readTexts(scope, input)
  }
  const owner = { kind: 'messages', agentId: agent.id } as const
  const wanted = { owner, completeUpTo: 99, tags: [], tagMatch: 'any' } as const
  const read = async (): Promise<unknown> =>
    await texts.read({ store: { readTexts }, scope: defaultScope }, wanted)
  await read()
  await read()
  const { token } = await services.forget.preview(defaultScope, ask(agent))
  await services.forget.confirm(defaultScope, ask(agent), token)
  await read()
  expect(held).toEqual([null, expect.objectContaining({ removed: 0 }), null])
})

it('a block that no agent has is searched again, too', async () => {
  await using test = await createTestApp()
  const { store, blocks, forget } = { store: test.app.store, ...test.app.services }
  const actor = { kind: 'user', id: defaultScope.userId } as const
  const block = await store.createBlock(defaultScope, {
    block: sampleBlock({ label: 'loose', value: 'We count herons.' }),
    cause: { actor, reason: 'test', sourceMessageIds: [] },
  })
  const value = `We count herons.\nTheir nest is beside the old lighthouse ${word}.`
  await blocks.update(defaultScope, block.id, { value })
  const request = { ids: [`${block.id}@2`], query: null, cutOnly: false, agentId: null }
  const { token } = await forget.preview(defaultScope, request)
  const { residue } = await forget.confirm(defaultScope, request, token)
  expect(residue?.rowsSearched).toBeGreaterThan(3)
  expect(residue?.rowsFound).toBe(0)
  expect((await store.getBlock(defaultScope, { id: block.id })).value).toBe('We count herons.')
})
