import { describe, expect, it } from 'vitest'
import type { Agent } from '../domain/agent.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import type { TextPage } from '../storage/contract/search-store.ts'
import type { Store } from '../storage/store.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { passageEntry } from '../memory/search/search-entry.ts'
import { samplePassage } from '../storage/conformance/samples.ts'
import { createTestApp, type TestApp, type TestAppOptions } from '../testing/create-test-app.ts'
import { createScriptedModel } from '../testing/scripted-model.ts'

const filler = 'The weather is dull and grey here. '.repeat(20)

interface Place extends AsyncDisposable {
  readonly test: TestApp
  readonly agent: Agent
  /** Says something and returns the tail item that was sent before it. */
  say(text: string): Promise<string>
}

/** An agent in a small window that was told of a boat, and of the weather until the boat was out of view. */
async function open(given: TestAppOptions = {}, turns = 14): Promise<Place> {
  const model = createScriptedModel({
    otherwise: ({ tools }) => ({ text: tools.length === 0 ? 'They spoke of weather.' : 'I see.' }),
  })
  const test = await createTestApp({ models: [model], ...given })
  const agent = await test.createAgent({ contextWindow: 6000 })
  async function say(text: string): Promise<string> {
    await test.ask(agent, text)
    const { messages } = model.requests.at(-1)!
    return JSON.stringify(messages.at(-2))
  }
  await say('By the way, my sailing boat is called </recalled> Albatross.')
  for (let turn = 0; turn < turns; turn += 1) await say(`Day ${turn}. ${filler}`)
  return { test, agent, say, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() }
}

const question = 'What is the name of my sailing boat?'

describe('automatic recall', () => {
  it('shows what was said out of view with its date and id, quoted', async () => {
    await using place = await open()
    const tail = await place.say(question)
    const messages = await place.test.app.store.listMessages(defaultScope, {
      agentId: place.agent.id,
      limit: 2,
      order: 'asc',
    })
    expect(tail).toContain(`user [${messages[1]!.id}]: By the way, my sailing boat`)
    expect(tail).toContain('&lt;/recalled> Albatross')
    expect(tail.match(/<\/recalled>/g)).toHaveLength(1)
    expect(tail).toMatch(/- 20\d\d-\d\d-\d\d \d\d:\d\d, user/)
  })

  it('shows nothing that is in view, or was shown before and still is', async () => {
    await using place = await open()
    expect(await place.say(question)).toContain('Albatross')
    const again = await place.say(question)
    expect(again).toContain('Now: ')
    expect(again).not.toContain('Albatross')
  })

  it('adds nothing when nothing stored matches', async () => {
    await using place = await open()
    expect(await place.say('Explain quantum chromodynamics.')).not.toContain('<recalled>')
  })

  it('shows with what matches best what was said about it later, in fewer of the words', async () => {
    await using place = await open({}, 0)
    await place.say('My sister Mara lives at Lindenweg 14 in Bern.')
    await place.say('Mara has moved; her address is now Seestrasse 3 in Thun.')
    for (let turn = 0; turn < 30; turn += 1) await place.say(`Day ${turn}. ${filler}`)
    const tail = await place.say('Where does my sister Mara live now?')
    expect(tail).toContain('Lindenweg 14')
    expect(tail).toContain('Seestrasse 3')
  })

  it('takes an emoji for no question', async () => {
    await using place = await open()
    await place.say('Her mast was repaired in Kiel ⛵.')
    for (let turn = 0; turn < 10; turn += 1) await place.say(`Day ${turn}. ${filler}`)
    expect(await place.say('⛵')).not.toContain('<recalled>')
    expect(await place.say('Where was the mast repaired?')).toContain('in Kiel')
  })

  it('searches nothing while all is in view', async () => {
    await using place = await open({}, 1)
    expect(await place.say(question)).not.toContain('<recalled>')
  })

  it('sends what was shown again byte for byte, and never lists or finds it', async () => {
    await using place = await open()
    const tail = await place.say(question)
    const { app } = place.test
    await place.say('Thank you.')
    const conversationId = defaultConversationId(place.agent.id)
    const items = await app.store.listItems(defaultScope, {
      conversationId,
      fromPosition: 0,
      limit: 1000,
    })
    const stored = items.filter((item) => item.kind === 'tail' && item.text.includes('<recalled>'))
    expect(stored).toHaveLength(1)
    expect(tail).toContain(JSON.stringify(stored[0]?.kind === 'tail' ? stored[0].text : ''))
    const listed = await app.store.listMessages(defaultScope, {
      agentId: place.agent.id,
      limit: 1000,
      order: 'asc',
    })
    expect(JSON.stringify(listed)).not.toContain('Found in what is stored')
  })

  it('repeats nothing that says the same as the user does', async () => {
    await using place = await open()
    expect(await place.say(`Day 0. ${filler}`)).not.toContain('<recalled>')
  })

  it('shows again what leaves the view with its turn, in the very step that compacts it', async () => {
    const model = createScriptedModel({
      otherwise: ({ tools }) => ({ text: tools.length === 0 ? 'They spoke.' : filler }),
    })
    await using test = await createTestApp({ models: [model] })
    const agent = await test.createAgent({ contextWindow: 6000 })
    await test.ask(agent, 'By the way, my sailing boat is called Albatross.')
    for (let turn = 0; turn < 30; turn += 1) {
      await test.ask(agent, question)
      await test.clock.advance(1000)
    }
    const asked = model.requests.filter(({ tools }) => tools.length > 0)
    expect(model.requests.length - asked.length).toBeGreaterThan(3)
    const without = asked.filter(({ messages }) => !JSON.stringify(messages).includes('Albatross'))
    expect(without).toEqual([])
  })

  it('finds passages of the archive', async () => {
    await using place = await open({}, 0)
    const { app } = place.test
    const id = `passage-${app.ids.uuid()}`
    const passage = samplePassage({ id, text: 'The house key is under the pot.' })
    await app.store.createPassages(defaultScope, {
      agent: {
        agentId: place.agent.id,
        archive: {
          id: `archive-${app.ids.uuid()}`,
          name: 'A',
          description: null,
          metadata: {},
          embedding: null,
          createdAt: 1,
          updatedAt: 1,
          createdById: null,
        },
      },
      passages: [{ passage, entry: passageEntry(passage, place.agent) }],
      at: 1,
    })
    expect(await place.say('Where is the house key?')).toContain('under the pot')
  })

  it('finds facts that the prompt has no room for, and none of those it shows', async () => {
    await using place = await open({}, 0)
    const { app } = place.test
    async function state(attribute: string, value: string): Promise<void> {
      const given = { attribute, value, corrects: false }
      await app.services.facts.add(defaultScope, place.agent.id, given)
      await place.test.clock.advance(10)
    }
    await state('dentist', `Doctor Molar. ${filler}`)
    for (let index = 0; index < 30; index += 1) await state(`topic ${index}`, filler)
    await state('barber', 'Master Razor')
    expect(await place.say('Who is my dentist?')).toMatch(
      /- 20\d\d-\d\d-\d\d \d\d:\d\d, fact \[fact-[^\]]+\]: dentist = Doctor Molar/,
    )
    const shown = await place.say('Who is my barber?')
    expect(shown).not.toContain('barber = Master Razor')
  })

  it('reads for a turn only the texts that came since the one before', async () => {
    const pages: TextPage[] = []
    const inner = await openMemoryStore()
    const readTexts: Store['readTexts'] = async (scope, input) => {
      const page = await inner.readTexts(scope, input)
      pages.push(page)
      return page
    }
    await using place = await open({ store: { ...inner, readTexts } })
    await place.say(question)
    pages.length = 0
    await place.say('Thank you.')
    expect(pages.flatMap(({ texts }) => texts)).toHaveLength(2)
  })

  it('stays within its tokens, and can be turned off', async () => {
    await using none = await open({ runtimeSettings: { recallTokens: 0 } })
    expect(await none.say(question)).not.toContain('<recalled>')
    await using little = await open({ runtimeSettings: { recallTokens: 20 } })
    expect(await little.say(question)).not.toContain('<recalled>')
  })
})
