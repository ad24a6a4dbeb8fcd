import { describe, expect, it } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import { textEntry } from '../../memory/search/search-entry.ts'
import { emptyWrite } from '../../storage/contract/memory-store.ts'
import { createScriptedModelSource } from '../../testing/scripted-model.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { toolId } from '../../tools/registry.ts'
import { slotOf } from '../../memory/facts/fact-keys.ts'
import { explainAnswer } from './memory-why.ts'
import { createConsolidationService } from './consolidation.ts'
import { readMemory } from './read-memory.ts'

/** States that birds were seen, one fact for each. */
async function seeBirds({ app }: TestApp, { id: agentId }: Agent, birds: readonly string[]) {
  const at = app.clock.now()
  const entry = textEntry({ text: 'bird', speaker: '', at }, { timezone: 'UTC' })
  const facts = birds.map((value) => ({
    action: 'create' as const,
    entry,
    fact: {
      id: newIdentifier(app.ids, 'fact'),
      agentId,
      kind: 'fact' as const,
      subject: 'user',
      attribute: value,
      value: `seen ${value}`,
      slot: slotOf('user', value),
      valueKey: value,
      isAdded: false,
      validFrom: at,
      statedUntil: null,
      origin: 'user' as const,
      sourceMessageIds: [],
    },
  }))
  const actor = { kind: 'user', id: defaultScope.userId } as const
  const cause = { actor, reason: 'test', sourceMessageIds: [] }
  await app.store.changeMemory(defaultScope, { ...emptyWrite, agentId, facts, cause, at })
}

describe('readMemory()', () => {
  it('says how many older texts it left out', async () => {
    await using test = await createTestApp()
    const agent = await test.createAgent()
    const drafts = ['heron', 'egret', 'crane'].map((text) => ({
      text,
      tags: [],
      metadata: {},
      createdAt: null,
    }))
    await test.app.services.archives.addPassages(defaultScope, { agentId: agent.id }, drafts)
    const read = async (mostPassages: number) =>
      await readMemory({ ...test.app, mostPassages }, defaultScope, agent.id)
    const newest = await read(2)
    expect(newest.passages.map(({ text }) => text)).toEqual(['egret', 'crane'])
    expect(newest.unread).toBe(1)
    expect(await read(3)).toMatchObject({ passages: { length: 3 }, unread: 0 })
    const models = createScriptedModelSource(test.model)
    const tidying = createConsolidationService({ ...test.app, models, mostPassages: 2 })
    expect(await tidying.preview(defaultScope, agent.id)).toMatchObject({ unread: 1 })
    expect(await tidying.run(defaultScope, agent.id)).toMatchObject({ unread: 1 })
  })
})

describe('explainAnswer()', () => {
  it('reads all of a run, page by page', async () => {
    const search = { name: 'conversation_search', arguments: { query: 'heron' } }
    await using test = await createTestApp({
      script: [
        { text: 'Noted.' },
        { toolCalls: [search] },
        { toolCalls: [search] },
        { text: ['By', ' the', ' weir.'] },
      ],
    })
    const agent = await test.createAgent({ toolIds: [toolId('conversation_search')] })
    await test.ask(agent, 'The heron nests by the weir.')
    const frames = await test.ask(agent, 'Where is it?')
    const runId = frames[0]?.event.runId ?? ''
    const given = { agentId: agent.id, which: { runId } }
    const whole = await explainAnswer(test.app, defaultScope, given)
    expect(whole).toMatchObject({ answer: 'By the weir.' })
    expect(JSON.stringify(whole.found)).toContain('The heron nests by the weir.')
    expect(await explainAnswer({ ...test.app, pageSize: 1 }, defaultScope, given)).toEqual(whole)
  })

  it('compares an answer with every fact, not with the newest alone', async () => {
    await using test = await createTestApp({ script: [{ text: 'You have seen a bittern.' }] })
    const agent = await test.createAgent({}, [])
    await seeBirds(test, agent, ['bittern'])
    await test.clock.advance(1000)
    await seeBirds(
      test,
      agent,
      Array.from({ length: 400 }, (_, index) => `gull${index}`),
    )
    const frames = await test.ask(agent, 'What have I seen?')
    const which = { runId: frames[0]?.event.runId ?? '' }
    const { remembered } = await explainAnswer(test.app, defaultScope, { agentId: agent.id, which })
    expect(remembered[0]).toMatchObject({ line: expect.stringContaining('bittern') })
  })

  it('names what the conversation had already, said by the user or quoted by a tool, and nothing else', async () => {
    const search = { name: 'archival_memory_search', arguments: { query: 'crane' } }
    const answers = ['Noted.', 'Vermilion.', 'By the weir.', 'Josephine did.', 'Good morning.']
    const [noted, ...rest] = answers.map((text) => ({ text }))
    await using test = await createTestApp({ script: [noted!, { toolCalls: [search] }, ...rest] })
    const agent = await test.createAgent({ toolIds: [toolId('archival_memory_search')] })
    const text = 'The harbour crane was painted vermilion by Josephine.'
    const draft = { text, tags: [], metadata: {}, createdAt: null }
    const { archives } = test.app.services
    await archives.addPassages(defaultScope, { agentId: agent.id }, [draft])
    const ask = async (words: string) => {
      const frames = await test.ask(agent, words)
      const which = { runId: frames[0]?.event.runId ?? '' }
      return await explainAnswer(test.app, defaultScope, { agentId: agent.id, which })
    }
    await ask('The heron nests by the weir.')
    const found = await ask('Which colour has the crane?')
    expect(found).toMatchObject({ found: [{ passage: { text } }], inView: [] })
    const said = await ask('Where is the nest?')
    expect(said.inView).toMatchObject([{ kind: 'message', message: { role: 'user' } }])
    expect(JSON.stringify(said.inView)).toContain('The heron nests by the weir.')
    const quoted = await ask('Who painted it?')
    expect(quoted).toMatchObject({ found: [], inView: [{ kind: 'passage', passage: { text } }] })
    expect((await ask('Hello.')).inView).toEqual([])
  })
})
