import { expect, it } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import type { ForgetRequest } from './forget-targets.ts'

const word = 'zugheron4711x'

it('words that are cut out of a passage leave no hash of them with its changes', async () => {
  const call = { name: 'archival_memory_insert', arguments: { content: `The code is ${word}.` } }
  await using test = await createTestApp({ script: [{ toolCalls: [call] }, { text: 'Noted.' }] })
  const { store, services } = test.app
  const agent = await test.createAgent()
  await test.ask(agent, 'Please note the code.')
  const query = { agentId: agent.id, limit: 99 }
  const passageChanges = async () =>
    (await store.listMemoryChanges(defaultScope, query)).filter(
      ({ subject }) => subject === 'passage',
    )
  expect(await passageChanges()).toMatchObject([{ afterHash: expect.any(String) }])
  const request: ForgetRequest = { ids: [], query: word, cutOnly: true, agentId: agent.id }
  const { token } = await services.forget.preview(defaultScope, request)
  await services.forget.confirm(defaultScope, request, token)
  expect(await passageChanges()).toMatchObject([{ beforeHash: null, afterHash: null }])
})

it('words that a turn brought into a block do not take equal ones along that stood elsewhere', async () => {
  const replace = {
    name: 'core_memory_replace',
    arguments: { label: 'human', old_content: 'Ben is 5.', new_content: 'Ben is 10.' },
  }
  await using test = await createTestApp({ script: [{ toolCalls: [replace] }, { text: 'Noted.' }] })
  const { store, services } = test.app
  const agent = await test.createAgent()
  const blocks = await store.listAgentBlocks(defaultScope, { agentId: agent.id })
  const human = blocks.find(({ label }) => label === 'human')
  const id = human?.id ?? ''
  await services.blocks.update(defaultScope, id, { value: 'Anna is 10.\nBen is 5.' })
  await test.ask(agent, 'Ben had his birthday.')
  const messages = await store.listMessages(defaultScope, {
    agentId: agent.id,
    limit: 9,
    order: 'asc',
  })
  const told = messages.find(({ role }) => role === 'user')?.id ?? ''
  const request: ForgetRequest = { ids: [told], query: null, cutOnly: false, agentId: null }
  const { token, items } = await services.forget.preview(defaultScope, request)
  expect(items).toContainEqual(
    expect.objectContaining({ kind: 'block', snippet: 'Ben is 10.', becomes: 'Ben is' }),
  )
  await services.forget.confirm(defaultScope, request, token)
  const [after] = await store.listBlocks(defaultScope, {
    filter: { ids: [id] },
    page: { limit: 1, order: 'asc' },
  })
  expect(after?.value).toContain('Anna is 10.')
  expect(after?.value).not.toContain('Ben is 10')
})

it('words that are cut out of what was asked leave no hash of the request', async () => {
  await using test = await createTestApp({ script: [{ text: 'Noted.' }, { text: 'Fine.' }] })
  const { store, services } = test.app
  const agent = await test.createAgent()
  await test.ask(agent, `Keep ${word}.`, { requestHash: 'hash of it' })
  await test.ask(agent, 'Hello.', { requestHash: 'hash of another' })
  const owners = { agentIds: [agent.id], archiveIds: [], blockIds: [] }
  const hashes = async (): Promise<unknown[]> =>
    (await store.listStoredTexts(defaultScope, { owners, table: 'runs', limit: 9 })).map(
      (row) => row['request_hash'],
    )
  expect(new Set(await hashes())).toEqual(new Set(['hash of it', 'hash of another']))
  const request: ForgetRequest = { ids: [], query: word, cutOnly: true, agentId: agent.id }
  const { token, items } = await services.forget.preview(defaultScope, request)
  expect(items.map(({ kind }) => kind)).not.toContain('run')
  await services.forget.confirm(defaultScope, request, token)
  expect(new Set(await hashes())).toEqual(new Set([null, 'hash of another']))
})
