import { expect, it } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import type { AppError } from '../../errors/app-error.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { toolId } from '../../tools/registry.ts'
import { canaryScript, plantCanaries, tablesWith } from '../../testing/forget-canaries.ts'

const word = 'zugheron4711x'
const page = { limit: 100, order: 'asc' } as const

interface Planted extends AsyncDisposable {
  readonly test: TestApp
  readonly agent: Agent
  readonly messageId: string
}

async function plant(): Promise<Planted> {
  const test = await createTestApp({ script: canaryScript(word) })
  const { agent, messageId } = await plantCanaries(test, word)
  return { test, agent, messageId, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() }
}

async function forget({ test, agent }: Planted, ...ids: readonly string[]) {
  const request = { ids, query: null, cutOnly: false, agentId: agent.id }
  const { token } = await test.app.services.forget.preview(defaultScope, request)
  return await test.app.services.forget.confirm(defaultScope, request, token)
}

/** Identifiers of what the canaries went into. */
async function idsOf({ test, agent, messageId }: Planted) {
  const { store, services } = test.app
  const [message] = await store.getMessages(defaultScope, { ids: [messageId] })
  const runId = message?.runId ?? ''
  const { turnId } = await store.getRun(defaultScope, { id: runId })
  const [imported] = await services.imports.list(defaultScope, agent.id)
  const [block] = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
  const changes = await store.listMemoryChanges(defaultScope, { agentId: agent.id, limit: 99 })
  const facts = await store.listFacts(defaultScope, { agentId: agent.id, limit: 9 })
  return {
    runId,
    turnId,
    importId: imported?.importId ?? '',
    blockId: block?.id ?? '',
    factId: facts.find(({ value }) => value === word)?.id ?? '',
    change: changes.find(({ subject, runId: run }) => subject === 'block' && run === runId),
  }
}

it.each(['runId', 'turnId'] as const)(
  'forgetting a %s takes all that was said and made in it',
  async (name) => {
    await using planted = await plant()
    const ids = await idsOf(planted)
    await forget(planted, ids[name])
    const { store } = planted.test.app
    await expect(store.getRun(defaultScope, { id: ids.runId })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(store.getTurn(defaultScope, { id: ids.turnId })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await tablesWith(planted.test.app, { agentId: planted.agent.id, word })).toEqual([])
  },
)

it('forgetting an import takes its conversation, and what it says elsewhere', async () => {
  await using planted = await plant()
  const { importId } = await idsOf(planted)
  await forget(planted, importId)
  const { store, services } = planted.test.app
  await expect(store.getConversation(defaultScope, { id: importId })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await services.imports.list(defaultScope, planted.agent.id)).toEqual([])
})

it('forgetting the own conversation of an agent empties it and keeps it', async () => {
  await using planted = await plant()
  const { test, agent } = planted
  const id = defaultConversationId(agent.id)
  await forget(planted, id)
  const items = await test.app.store.listItems(defaultScope, {
    conversationId: id,
    fromPosition: 0,
    limit: 99,
  })
  expect(items.map((item) => (item.kind === 'message' ? item.message.role : 'tail'))).toEqual([
    'system',
  ])
  const runs = await test.app.store.listRuns(defaultScope, {
    filter: { agentIds: [agent.id] },
    page,
  })
  expect(runs).toEqual([])
  test.model.script({ text: 'Hello.' })
  await test.ask(agent, 'Hi.')
  expect(JSON.stringify(test.model.requests.at(-1))).not.toContain(word)
})

it('forgetting words takes them out of what described a block once', async () => {
  await using planted = await plant()
  const { test, agent } = planted
  const { services } = test.app
  const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
  const id = block?.id ?? ''
  const described = { metadata: { owner: word, at: [word] }, tags: [word], extra: { note: word } }
  for (const set of [described, { metadata: { owner: 'Ops' }, tags: ['x'], extra: {} }]) {
    await services.blocks.update(defaultScope, id, set)
  }
  expect(await tablesWith(planted.test.app, { agentId: planted.agent.id, word })).toContain(
    'block_versions',
  )
  const request = { ids: [], query: word, cutOnly: true, agentId: agent.id }
  const { token } = await services.forget.preview(defaultScope, request)
  const receipt = await services.forget.confirm(defaultScope, request, token)
  expect(receipt.residue?.rowsFound).toBe(0)
  expect(await tablesWith(planted.test.app, { agentId: planted.agent.id, word })).toEqual([])
  const [change] = await test.app.store.listMemoryChanges(defaultScope, {
    agentId: agent.id,
    itemId: id,
    limit: 1,
  })
  const versions = [{ subject: 'block', itemId: id, version: change?.version ?? 0 }] as const
  const [state] = await test.app.store.getMemoryStates(defaultScope, {
    agentId: agent.id,
    versions,
  })
  expect(state).toMatchObject({ block: { tags: ['x'], metadata: { owner: 'Ops' } } })
})

it('forgetting an agent takes its own blocks and archive, and leaves a receipt that names nobody', async () => {
  await using planted = await plant()
  const { test, agent } = planted
  const { blockId } = await idsOf(planted)
  const receipt = await forget({ ...planted, agent }, agent.id).catch((error: unknown) => error)
  expect(receipt).toMatchObject({ agentId: null, state: 'done' })
  const { store } = test.app
  await expect(store.getAgent(defaultScope, { id: agent.id })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(store.getBlock(defaultScope, { id: blockId })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await store.listArchives(defaultScope, { page })).toEqual([])
})

it('forgetting a change takes out of a block what it brought in, in all later versions', async () => {
  await using planted = await plant()
  const { blockId, change } = await idsOf(planted)
  await forget(planted, `m-${change?.number}`)
  const { store } = planted.test.app
  const { value } = await store.getBlock(defaultScope, { id: blockId })
  expect(value).not.toContain('Locker code')
  expect(value).toContain('Likes herons and egrets.')
  const versions = await store.listBlockVersions(defaultScope, { id: blockId, limit: 99 })
  expect(JSON.stringify(versions)).not.toContain('Locker code')
  const changes = await store.listMemoryChanges(defaultScope, {
    agentId: planted.agent.id,
    limit: 99,
  })
  const same = changes.find(({ number }) => number === change?.number)
  expect(same).toMatchObject({ afterHash: null })
})

it('forgetting a version of a block is forgetting its change; a block goes whole', async () => {
  await using planted = await plant()
  const { blockId, change } = await idsOf(planted)
  await forget(planted, `${blockId}@${change?.version}`)
  const { store } = planted.test.app
  expect((await store.getBlock(defaultScope, { id: blockId })).value).not.toContain('Locker code')
  await forget(planted, blockId)
  await expect(store.getBlock(defaultScope, { id: blockId })).rejects.toMatchObject({
    code: 'not_found',
  })
})

it('forgetting a block takes what quotes it or a former version: returns, calls, other blocks', async () => {
  const call = (name: string, input: object) => ({ toolCalls: [{ name, arguments: { ...input } }] })
  const told = 'The wombat lives in Baker Street.'
  await using test = await createTestApp({
    script: [
      call('core_memory_append', { label: 'human', content: `${told}\nCat: Bo\nDog: Rex` }),
      call('memory', {
        command: 'create',
        path: 'copy',
        description: 'x',
        file_text: `Likes tea.\n${told}`,
      }),
      call('memory_replace', { label: 'human', old_string: told, new_string: 'Moved out.' }),
      { text: 'Noted.' },
    ],
  })
  const agent = await test.createAgent({
    toolIds: ['core_memory_append', 'memory', 'memory_replace'].map(toolId),
  })
  await test.ask(agent, 'Keep this in mind.')
  const { store } = test.app
  const blocks = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
  const id = blocks.find(({ label }) => label === 'human')?.id ?? ''
  const planted = { test, agent, messageId: '', [Symbol.asyncDispose]: () => Promise.resolve() }
  const { counts, residue } = await forget(planted, id)
  expect(counts).toMatchObject({
    'block remove': 1,
    'block cut': 1,
    'message cut': expect.any(Number),
  })
  expect(residue).toMatchObject({ rowsFound: 0, filesFound: 0 })
  const messages = await store.listMessages(defaultScope, { agentId: agent.id, ...page })
  for (const words of ['wombat', 'Rex']) expect(JSON.stringify(messages)).not.toContain(words)
  expect(JSON.stringify(messages)).toContain('Keep this in mind.')
  const [copy] = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
  expect(copy?.value).toMatch(/^Likes tea\./)
  expect(copy?.value).not.toContain('wombat')
})

it('forgetting a fact of a short word takes the call and the return that word it, and searches', async () => {
  const stated = { attribute: 'pet name', value: 'Rex' }
  await using test = await createTestApp({
    script: [
      { toolCalls: [{ name: 'remember_fact', arguments: stated }] },
      { text: 'Noted.' },
      { text: 'Tyrannosaurus Rex.' },
    ],
  })
  const agent = await test.createAgent({ toolIds: [toolId('remember_fact')] })
  await test.ask(agent, 'Keep it in mind.')
  await test.ask(agent, 'Which dinosaur is largest?')
  const { store } = test.app
  const [fact] = await store.listFacts(defaultScope, { agentId: agent.id, limit: 9 })
  const planted = { test, agent, messageId: '', [Symbol.asyncDispose]: () => Promise.resolve() }
  const { residue } = await forget(planted, fact?.id ?? '')
  expect(residue).toMatchObject({ rowsFound: 0, filesFound: 0 })
  const messages = JSON.stringify(
    await store.listMessages(defaultScope, { agentId: agent.id, ...page }),
  )
  expect(messages.match(/Rex/g)).toHaveLength(1)
  expect(messages).toContain('Tyrannosaurus Rex.')
})

it('forgetting a fact lets the value before it hold again', async () => {
  await using planted = await plant()
  const { factId } = await idsOf(planted)
  await forget(planted, factId)
  const { store } = planted.test.app
  const facts = await store.listFacts(defaultScope, {
    agentId: planted.agent.id,
    validAt: planted.test.clock.now(),
    limit: 9,
  })
  expect(facts.map(({ value, validUntil }) => [value, validUntil])).toEqual([['none so far', null]])
})

it('what was forgotten comes back by no undo, restore or import', async () => {
  await using planted = await plant()
  const { test, agent } = planted
  const { services, store } = test.app
  const { blockId } = await idsOf(planted)
  const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
  const { token } = await services.forget.preview(defaultScope, request)
  await services.forget.confirm(defaultScope, request, token)
  const changes = await store.listMemoryChanges(defaultScope, { agentId: agent.id, limit: 99 })
  expect(changes.length).toBeGreaterThan(5)
  const refusals = new Set<unknown>()
  const refuse = (error: AppError): void => {
    refusals.add(error.code)
  }
  for (const { number } of changes) {
    await services.memory.undo(defaultScope, agent.id, number).catch(refuse)
  }
  const [newest] = await store.listBlockVersions(defaultScope, { id: blockId, limit: 99 })
  for (let version = 1; version <= (newest?.version ?? 0); version += 1) {
    const request = { item: blockId, to: { version } }
    await services.memory.restore(defaultScope, agent.id, request).catch(refuse)
  }
  expect(refusals).toEqual(new Set(['conflict']))
  const again = { name: null, createdAt: null, session: null, role: 'user' } as const
  const messages = [{ ...again, text: `It is ${word}.`, otid: 'old-1' }]
  const batch = await services.imports.importMessages(defaultScope, agent.id, {
    importId: null,
    messages,
  })
  expect(batch).toMatchObject({ stored: 0, known: 1, forgotten: 1 })
  expect(await tablesWith(planted.test.app, { agentId: planted.agent.id, word })).toEqual([])
  const log = await services.memory.history(defaultScope, agent.id, { limit: 99 })
  expect(log.map(({ note }) => note.text)).toContain('locker (forgotten for good)')
})

it('forgetting an answer empties it and leaves its place, so that the talk goes on', async () => {
  await using planted = await plant()
  const { test, agent } = planted
  const { runId } = await idsOf(planted)
  const messages = await test.app.store.listMessages(defaultScope, {
    agentId: agent.id,
    runId,
    ...page,
  })
  const answer = messages.find(({ toolCalls }) => toolCalls.length > 0)
  await forget(planted, answer?.id ?? '')
  const [emptied] = await test.app.store.getMessages(defaultScope, { ids: [answer?.id ?? ''] })
  expect(emptied?.content).toEqual([{ type: 'text', text: '[forgotten]' }])
  expect(emptied?.toolCalls[0]).toMatchObject({ name: 'remember_fact', arguments: '{}' })
  test.model.script({ text: 'Hello.' })
  const frames = await test.ask(agent, 'Hi.')
  expect(frames.at(-1)?.event.event).toMatchObject({ type: 'run-ended', stopReason: 'end_turn' })
})

it('forgetting waits for a turn that is not over', async () => {
  await using test = await createTestApp({ script: [{ text: 'Late.', delayMs: 1000 }] })
  const agent = await test.createAgent()
  const { run } = await test.say(agent, `Once more ${word}`)
  const request = { ids: [run.id], query: null, cutOnly: false, agentId: agent.id }
  await expect(test.app.services.forget.preview(defaultScope, request)).rejects.toMatchObject({
    code: 'conflict',
    data: { reason: 'running' },
  })
  await test.clock.advance(2000)
  expect((await test.app.services.forget.preview(defaultScope, request)).items).not.toEqual([])
})

it('forgetting what is not there is refused', async () => {
  await using test = await createTestApp()
  const agent = await test.createAgent()
  const planted = { test, agent, messageId: '', [Symbol.asyncDispose]: () => Promise.resolve() }
  for (const kind of ['message', 'passage', 'fact', 'block', 'run', 'turn', 'conv', 'agent']) {
    const id = `${kind}-11111111-1111-4111-8111-111111111111`
    await expect(forget(planted, id), id).rejects.toMatchObject({ code: 'not_found' })
  }
  await expect(forget(planted, 'm-999')).rejects.toMatchObject({ code: 'not_found' })
})
