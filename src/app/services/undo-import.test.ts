import { expect, it } from 'vitest'
import { describeStores } from '../../../test/setup/describe-stores.ts'
import type { Agent } from '../../domain/agent.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { toolId } from '../../tools/registry.ts'

const sentence = 'My boat is called Wigeon.'

const learn = (value: string) => ({
  toolCalls: [{ name: 'remember_fact', arguments: { attribute: 'boat', value } }],
})

/** An agent that has imported a sentence. */
async function importSentence({ app }: TestApp, agent: Agent): Promise<string> {
  const message = { role: 'user', text: sentence, name: null, createdAt: null } as const
  const { importId } = await app.services.imports.importMessages(defaultScope, agent.id, {
    importId: null,
    messages: [{ ...message, otid: 'a', session: null }],
  })
  return importId ?? ''
}

async function factsOf({ app }: TestApp, { id: agentId }: Agent) {
  return await app.store.listFacts(defaultScope, { agentId, limit: 9 })
}

const toolIds = ['remember_fact', 'conversation_search'].map(toolId)

describeStores('a fact that was recalled from an import', (open) => {
  it('goes when the import is taken back, and comes back when that is undone', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [learn('Wigeon'), { text: 'Noted.' }],
    })
    const agent = await test.createAgent({ toolIds })
    const importId = await importSentence(test, agent)
    await test.ask(agent, 'What is my boat called? Keep it in mind.')
    expect(await factsOf(test, agent)).toMatchObject([{ value: 'Wigeon' }])
    const { imports, memory } = test.app.services
    const [change] = await imports.delete(defaultScope, agent.id, importId)
    expect(change?.change).toMatchObject({ action: 'delete', reason: 'undo import' })
    expect(await factsOf(test, agent)).toEqual([])
    expect(await imports.list(defaultScope, agent.id)).toEqual([])
    await memory.undo(defaultScope, agent.id, change?.change.number ?? 0)
    expect(await factsOf(test, agent)).toMatchObject([{ value: 'Wigeon' }])
    await expect(imports.delete(defaultScope, agent.id, importId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('stays when the user said it, too', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [learn('Wigeon'), { text: 'Noted.' }, learn('Wigeon'), { text: 'Again.' }],
    })
    const agent = await test.createAgent({ toolIds })
    const importId = await importSentence(test, agent)
    await test.ask(agent, 'It is the Wigeon, as you know.')
    expect(await test.app.services.imports.delete(defaultScope, agent.id, importId)).toEqual([])
    expect(await factsOf(test, agent)).toMatchObject([{ value: 'Wigeon' }])
  })

  it('goes when its message is forgotten', async () => {
    await using test = await createTestApp({
      store: await open(),
      script: [learn('Wigeon'), { text: 'Noted.' }],
    })
    const agent = await test.createAgent({ toolIds })
    await importSentence(test, agent)
    await test.ask(agent, 'What is my boat called? Keep it in mind.')
    const page = { agentId: agent.id, limit: 99, order: 'asc' } as const
    const messages = await test.app.store.listMessages(defaultScope, page)
    const imported = messages.find(({ content }) => JSON.stringify(content).includes(sentence))
    const { forget } = test.app.services
    const ids = [imported?.id ?? '']
    const request = { ids, query: null, cutOnly: false, agentId: agent.id }
    const { token } = await forget.preview(defaultScope, request)
    await forget.confirm(defaultScope, request, token)
    expect(await factsOf(test, agent)).toEqual([])
  })
})
