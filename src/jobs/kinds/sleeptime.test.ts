import { expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { groupOf } from '../../domain/sleeptime.ts'
import { createTestApp, type TestAppOptions } from '../../testing/create-test-app.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { createScriptedModel } from '../../testing/scripted-model.ts'
import { randomIds } from '../../util/id-source.ts'
import { createSleeptimeKind } from './sleeptime.ts'
import { encodeGroup } from '../../wire/group.ts'

const minute = 60_000

/** A model that answers, and as a background agent notes in the block human how often it was called. */
function createModel() {
  let calls = 0
  return createScriptedModel({
    otherwise: ({ tools, messages }) => {
      if (!tools.some(({ name }) => name === 'memory_finish_edits')) return { text: 'I see.' }
      if (messages.at(-1)?.role === 'tool') {
        return { toolCalls: [{ name: 'memory_finish_edits', arguments: {} }] }
      }
      calls += 1
      const edit = { label: 'human', new_string: `Background call ${calls}.` }
      return { toolCalls: [{ name: 'memory_insert', arguments: edit }] }
    },
  })
}

/** An agent with a background agent that is called after every two turns. */
async function open(options: TestAppOptions = {}) {
  const model = createModel()
  const test = await createTestApp({ models: [model], ...options })
  const { app, clock } = test
  const created = await test.createAgent()
  const agent = await app.services.agents.setSleeptime(defaultScope, created.id, true)
  const [group] = await app.services.groups.ofAgent(defaultScope, agent.id)
  await app.services.groups.update(defaultScope, agent.id.replace('agent', 'group'), {
    frequency: 2,
  })
  const memberId = group?.group.memberIds[0] ?? ''
  return {
    test,
    app,
    clock,
    agent,
    memberId,
    tell: async (text: string) => {
      await clock.advance(minute)
      await test.ask(agent, text)
      await clock.advance(100)
    },
    /** What the background agent was handed, oldest first. */
    handed: async (given = app) => {
      const messages = await given.store.listMessages(defaultScope, {
        agentId: memberId,
        roles: ['user'],
        limit: 99,
        order: 'asc',
      })
      return messages.map(({ content }) => JSON.stringify(content))
    },
    jobs: () => app.store.listJobs(defaultScope, { kinds: ['sleeptime'], limit: 9 }),
    [Symbol.asyncDispose]: () => Promise.resolve(test[Symbol.asyncDispose]()),
  }
}

test('a background agent gets what was said after the first turn and every so many, and edits the shared memory', async () => {
  await using place = await open()
  place.app.jobs.start()
  for (const text of ['One.', 'Two.', 'Three.', 'Four.']) await place.tell(text)
  await place.clock.advance(minute)
  const [first = '', second = '', ...others] = await place.handed()
  expect(others).toEqual([])
  expect(first).toContain('user: One.')
  expect(first).toContain('assistant: I see.')
  expect(second).not.toContain('One.')
  expect(second).toMatch(/user: Two\..*user: Three\./)
  expect(second).not.toContain('Four.')
  const [block] = await place.app.store.listAgentBlocks(defaultScope, { agentId: place.agent.id })
  expect(block?.value).toContain('Background call 1.')
  expect(block?.value).toContain('Background call 2.')
  const [group] = await place.app.services.groups.ofAgent(defaultScope, place.memberId)
  const messages = await place.app.store.listMessages(defaultScope, {
    agentId: place.agent.id,
    roles: ['assistant'],
    limit: 9,
    order: 'asc',
  })
  expect(group?.lastProcessedId).toBe(messages[2]?.id)
  expect(group && encodeGroup(group)).toMatchObject({ turns_counter: 1 })
})

test('a process that dies after a turn loses no background run, and a job done twice hands nothing on twice', async () => {
  const store = await openMemoryStore()
  await using place = await open({ store })
  await place.tell('One.')
  const [job] = await place.jobs()
  expect(job?.state).toBe('ready')
  expect(await place.handed()).toEqual([])
  await using next = await createTestApp({
    models: [createModel()],
    store,
    clock: place.clock,
    ids: randomIds,
  })
  const kind = createSleeptimeKind(next.app)
  const { signal } = new AbortController()
  await kind.run(job!, signal)
  await kind.run(job!, signal)
  expect(await place.handed(next.app)).toHaveLength(1)
})

test('goes on behind a message that was forgotten, and says nothing of imported ones', async () => {
  await using place = await open()
  place.app.jobs.start()
  await place.tell('One.')
  await place.app.services.imports.importMessages(defaultScope, place.agent.id, {
    messages: [
      { role: 'user', text: 'Old news.', name: null, otid: null, createdAt: 1, session: null },
    ],
    importId: null,
  })
  const [, last] = await place.app.store.listMessages(defaultScope, {
    agentId: place.agent.id,
    roles: ['user', 'assistant'],
    limit: 9,
    order: 'asc',
  })
  await place.clock.advance(minute)
  const { forget } = place.app.services
  const wanted = { ids: [last?.id ?? ''], query: null, cutOnly: false, agentId: null }
  const { token } = await forget.preview(defaultScope, wanted)
  await forget.confirm(defaultScope, wanted, token)
  await place.tell('Two.')
  await place.tell('Three.')
  await place.clock.advance(minute)
  const [, second = '', ...others] = await place.handed()
  expect(others).toEqual([])
  expect(second).toMatch(/user: Two\..*user: Three\./)
  expect(second).not.toContain('Old news')
})

test('a group that rests, or whose agent is gone, hands nothing on and fails nothing', async () => {
  await using place = await open()
  const { agents } = place.app.services
  await place.tell('One.')
  const resting = await agents.setSleeptime(defaultScope, place.agent.id, false)
  expect(groupOf(resting)).toMatchObject({ isEnabled: false, frequency: 2 })
  await place.tell('Two.')
  await place.tell('Three.')
  expect(await place.jobs()).toHaveLength(1)
  await place.app.store.deleteAgent(defaultScope, { id: place.memberId })
  place.app.jobs.start()
  await place.clock.advance(minute)
  expect(await place.jobs()).toMatchObject([{ state: 'done' }])
})
