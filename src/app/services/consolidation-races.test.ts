import { expect, it } from 'vitest'
import { describeStores } from '../../../test/setup/describe-stores.ts'
import { neverConsolidated } from '../../domain/consolidation.ts'
import { defaultScope } from '../../domain/scope.ts'
import type { Store } from '../../storage/store.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { tablesWith } from '../../testing/forget-canaries.ts'
import { sampleBlock } from '../../testing/samples.ts'

const word = 'zugheron4711x'

/** What happens just before the next write of a consolidation, once. */
interface Meanwhile {
  action: (() => Promise<unknown>) | undefined
}

function interrupt(store: Store, meanwhile: Meanwhile): Store {
  const take = async (): Promise<void> => {
    const { action } = meanwhile
    meanwhile.action = undefined
    await action?.()
  }
  return {
    ...store,
    async changeMemory(scope, input) {
      await take()
      return await store.changeMemory(scope, input)
    },
    async proposeMemory(scope, input) {
      await take()
      return await store.proposeMemory(scope, input)
    },
  }
}

/** What an agent remembers, and what a model answers about it. */
interface Remembered {
  readonly block?: string
  readonly passages?: readonly string[]
  readonly facts?: readonly string[]
  /** Default: no model is asked. */
  readonly answer?: string
  readonly mode?: 'review'
}

async function remember(open: () => Promise<Store>, given: Remembered) {
  const { block = '', passages = [], facts = [], answer } = given
  const meanwhile: Meanwhile = { action: undefined }
  const store = interrupt(await open(), meanwhile)
  const script = answer === undefined ? [] : [{ text: answer }]
  const test = await createTestApp({ store, script })
  const { services, ids } = test.app
  const human = sampleBlock({ id: `block-${ids.uuid()}`, label: 'human', value: block })
  const agent = await test.createAgent({}, [human])
  const tokensPerDay = answer === undefined ? null : 10_000
  const policy = { ...neverConsolidated, tokensPerDay }
  await services.consolidation.setPolicy(defaultScope, agent.id, policy)
  for (const text of passages) {
    const draft = { text, tags: [], metadata: {}, createdAt: null }
    await services.archives.addPassages(defaultScope, { agentId: agent.id }, [draft])
  }
  for (const [index, value] of facts.entries()) {
    const since = new Date(test.clock.now() - (9 - index) * 86_400_000).toISOString().slice(0, 10)
    const statement = { subject: 'user', attribute: 'password', value, since }
    await services.facts.add(defaultScope, agent.id, { ...statement, corrects: false })
  }
  if (given.mode !== undefined) {
    await services.memory.setMode(defaultScope, agent.id, given.mode)
  }
  const forget = async (cutOnly: boolean): Promise<void> => {
    const request = { ids: [], query: word, cutOnly, agentId: agent.id }
    const { token } = await services.forget.preview(defaultScope, request)
    await services.forget.confirm(defaultScope, request, token)
  }
  return {
    test,
    agent,
    meanwhile,
    forget,
    tablesWith: () => tablesWith(test.app, { agentId: agent.id, word }),
    run: () => services.consolidation.run(defaultScope, agent.id),
    passages: async () =>
      await store.listPassages(defaultScope, { agentId: agent.id, limit: 9, order: 'asc' }),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}

const ways: Readonly<Record<string, Remembered & { readonly cutOnly: boolean }>> = {
  'a suggestion about passages': {
    passages: [`Anna only drinks green tea ${word} in the morning`, `Anna drinks tea ${word}`],
    answer: '{"passages": [{"entry": 2, "of": 1}]}',
    cutOnly: false,
  },
  'a suggestion about lines': {
    block: `Anna only drinks green tea ${word} in the morning\nAnna drinks tea ${word}`,
    answer: '{"lines": [{"entry": 2, "of": 1}]}',
    cutOnly: true,
  },
  'a join of passages': {
    passages: [`Anna drinks tea ${word}.`, `Ben drinks coffee ${word}.`],
    answer: '{"merge": [[1, 2]]}',
    cutOnly: true,
  },
  'a proposal about what a fact replaced': {
    block: 'Anna drinks tea.\nThe password is blue heron',
    facts: ['blue heron', word],
    mode: 'review',
    cutOnly: false,
  },
  'a proposal about what another passage says': {
    passages: [`It is ${word}. Anna drinks tea.`, `Anna drinks tea.`],
    mode: 'review',
    cutOnly: true,
  },
}

describeStores('what is forgotten while memory is tidied', (open) => {
  it.each(Object.entries(ways))('stays forgotten by %s', async (_name, { cutOnly, ...given }) => {
    await using place = await remember(open, given)
    place.meanwhile.action = () => place.forget(cutOnly)
    await place.run()
    expect(place.meanwhile.action).toBeUndefined()
    expect(await place.tablesWith()).toEqual([])
  })
})

describeStores('what keeps a text that goes', (open) => {
  it('has to be there when it goes', async () => {
    const texts = [
      'Anna drinks tea in the morning. Ben does not.',
      'Anna drinks tea in the morning.',
    ]
    await using place = await remember(open, { passages: texts })
    const [keeper] = await place.passages()
    place.meanwhile.action = () =>
      place.test.app.services.archives.deletePassage(
        defaultScope,
        { agentId: place.agent.id },
        keeper?.id ?? '',
      )
    expect(await place.run()).toMatchObject({ changes: [], skipped: 1 })
    expect((await place.passages()).map(({ text }) => text)).toEqual([texts[1]])
  })

  it('is proposed once, whoever looks at the same time', async () => {
    const answer = '{"passages": [{"entry": 2, "of": 1}]}'
    const passages = ['Anna only drinks green tea in the morning', 'Anna drinks tea']
    await using place = await remember(open, { passages, answer })
    place.test.model.script({ text: answer })
    place.meanwhile.action = place.run
    const { proposals, skipped } = await place.run()
    expect({ proposals, skipped }).toEqual({ proposals: [], skipped: 1 })
    const { memory } = place.test.app.services
    expect(await memory.proposals(defaultScope, place.agent.id, { limit: 9 })).toHaveLength(1)
  })
})
