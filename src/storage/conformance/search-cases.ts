import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { MessageSearch, PassageSearch } from '../contract/search-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do when candidates are searched. */
export const searchCases: readonly ConformanceCase[] = [
  {
    name: 'searchMessages() finds what shares a term, with its tokens and the statistics of the scope',
    async run(world) {
      const [agent, other] = [await world.agent(), await world.agent()]
      await world.say(agent, 'red heron red')
      await world.say(agent, 'blue heron')
      await world.say(agent, 'nothing')
      await world.say(other, 'red heron')
      const found = await search(world, agent, { terms: ['red', 'heron', 'absent'] })
      expect(found.items.map(({ tokens }) => tokens.join(' ')).toSorted()).toEqual([
        'blue heron',
        'red heron red',
      ])
      expect(found.items.find(({ tokens }) => tokens[0] === 'blue')?.item).toMatchObject({
        agentId: agent.id,
        content: [{ type: 'text', text: 'blue heron' }],
      })
      expect(found.statistics).toEqual({
        documentCount: 3,
        tokenCount: 6,
        documentFrequency: { red: 1, heron: 2, absent: 0 },
      })
    },
  },
  {
    name: 'searchMessages() without terms or hits finds nothing',
    async run(world) {
      const agent = await world.agent()
      const nothing = { items: [], statistics: { documentCount: 0, tokenCount: 0 } }
      expect(await search(world, agent, { terms: ['x'] })).toMatchObject(nothing)
      await world.say(agent, 'word')
      expect((await search(world, agent, { terms: [] })).items).toEqual([])
      expect((await search(world, agent, { terms: [''] })).items).toEqual([])
      expect((await search(world, agent, { terms: ['other'] })).items).toEqual([])
      const stranger = { ...agent, id: world.id('agent') }
      await expectRefused(search(world, stranger, { terms: ['x'] }), 'not_found')
    },
  },
  {
    name: 'searchMessages() takes any token literally and whole',
    async run(world) {
      const agent = await world.agent()
      const strange = [
        'c++',
        'AND',
        'and',
        'NEAR',
        '"',
        "o'neil",
        'naïve',
        'naive',
        'straße',
        '日本語',
        '\u00e9t\u00e9',
        'e\u0301te\u0301',
        '_2b_',
        '+',
        'a*',
        'x:y',
        '(',
        '🧪',
        '__proto__',
        'UPPER',
        'tab\tbed',
        '\u{10ffff}',
      ]
      for (const token of strange) {
        const { message } = world.message(agent, token)
        await world.say(agent, token, { messages: [{ message, tokens: [token, 'common'] }] })
      }
      for (const token of strange) {
        const { items, statistics } = await search(world, agent, { terms: [token] })
        expect(items.map(({ tokens }) => tokens)).toEqual([[token, 'common']])
        expect(statistics.documentFrequency).toEqual(Object.fromEntries([[token, 1]]))
      }
      const all = await search(world, agent, { terms: strange })
      expect(all.items).toHaveLength(strange.length)
    },
  },
  {
    name: 'searchMessages() filters before the limit',
    async run(world) {
      const agent = await world.agent()
      const side = await world.conversation(agent)
      const first = await world.say(agent, 'heron one')
      const second = await world.say(agent, 'heron two', { conversationId: side.id })
      const third = await world.exchange(agent, 'go on', 'heron three')
      const [one, two] = [first.messages[0], second.messages[0]]
      const answer = third.item?.message
      const cases: readonly (readonly [Partial<MessageSearch>, readonly unknown[]])[] = [
        [{}, [answer, two, one]],
        [{ roles: ['assistant'] }, [answer]],
        [{ roles: ['user'] }, [two, one]],
        [{ roles: [] }, []],
        [{ conversationId: side.id }, [two]],
        [{ from: two?.createdAt ?? 0 }, [answer, two]],
        [{ until: two?.createdAt ?? 0 }, [two, one]],
        [{ excludeIds: [answer?.id ?? '', one?.id ?? ''] }, [two]],
        [{ roles: ['user'], limit: 1 }, [two]],
      ]
      for (const [query, expected] of cases) {
        const { items, statistics } = await search(world, agent, { terms: ['heron'], ...query })
        expect([query, items.map(({ item }) => item)]).toEqual([query, expected])
        expect(statistics.documentFrequency).toEqual({ heron: 3 })
      }
    },
  },
  {
    name: 'searchMessages() never finds what is stored as not searchable',
    async run(world) {
      const agent = await world.agent()
      const silent = world.message(agent, 'heron', { searchable: false })
      const withTokens = { ...silent, tokens: ['heron'] }
      const untold = { ...world.message(agent, 'heron'), tokens: null }
      await world.say(agent, '', { messages: [withTokens, untold] })
      expect(await world.found(agent, 'heron')).toEqual([])
    },
  },
  {
    name: 'searchMessages() takes a query of many words',
    async run(world) {
      const agent = await world.agent()
      await world.say(agent, 'needle')
      const terms = Array.from({ length: 700 }, (_, index) => `word${index}`)
      expect((await search(world, agent, { terms: [...terms, 'needle'] })).items).toHaveLength(1)
    },
  },
  {
    name: 'searchPassages() searches an agent’s archive or the one that is named',
    async run(world) {
      const { store, scope } = world
      const [agent, other] = [await world.agent(), await world.agent()]
      const [passage] = await world.remember(agent, 'grey heron')
      await world.remember(other, 'white heron')
      const terms = ['heron']
      const byAgent = await searchPassages(world, { agentId: agent.id, terms })
      expect(byAgent.items).toEqual([{ item: passage, tokens: ['grey', 'heron'] }])
      const archiveId = passage?.archiveId ?? ''
      expect(await searchPassages(world, { archiveId, terms })).toEqual(byAgent)
      const without = await world.agent()
      expect(await searchPassages(world, { agentId: without.id, terms })).toEqual({
        items: [],
        statistics: { documentCount: 0, tokenCount: 0, documentFrequency: { heron: 0 } },
      })
      const unknown = { archiveId: world.id('archive'), terms }
      await expectRefused(searchPassages(world, unknown), 'not_found')
      const added = await world.remember(agent, 'heron again')
      const afterwards = await searchPassages(world, { agentId: agent.id, terms })
      expect(afterwards.items.map(({ item }) => item.id)).toContain(added[0]?.id)
      await store.detachArchive(scope, { agentId: agent.id, archiveId })
      expect((await searchPassages(world, { agentId: agent.id, terms })).items).toEqual([])
    },
  },
  {
    name: 'searchPassages() filters by tags and time',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner = { agentId: agent.id, archive: world.newArchive() }
      const passages = [
        world.newPassage('heron', { tags: ['a', 'b'], createdAt: 1000 }),
        world.newPassage('heron', { tags: ['b'], createdAt: 2000 }),
        world.newPassage('heron', { tags: [], createdAt: 3000 }),
      ]
      await store.createPassages(scope, { agent: owner, passages, at: world.at() })
      const [one, two, three] = passages.map(({ passage }) => passage.id)
      const cases: readonly (readonly [Partial<PassageSearch>, readonly unknown[]])[] = [
        [{}, [three, two, one]],
        [{ tags: ['a', 'b'] }, [two, one]],
        [{ tags: ['a', 'b'], tagMatch: 'all' }, [one]],
        [{ tags: ['c'] }, []],
        [{ from: 2000 }, [three, two]],
        [{ until: 2000 }, [two, one]],
      ]
      for (const [query, expected] of cases) {
        const terms = ['heron']
        const { items } = await searchPassages(world, { agentId: agent.id, terms, ...query })
        expect(items.map(({ item }) => item.id)).toEqual(expected)
      }
    },
  },
]

async function search(
  world: World,
  agent: Agent,
  query: Partial<MessageSearch> & Pick<MessageSearch, 'terms'>,
): ReturnType<World['store']['searchMessages']> {
  return await world.store.searchMessages(world.scope, {
    agentId: agent.id,
    roles: ['user', 'assistant', 'tool'],
    from: null,
    until: null,
    excludeIds: [],
    limit: 300,
    ...query,
  })
}

async function searchPassages(
  world: World,
  query: Partial<PassageSearch> & Pick<PassageSearch, 'terms'>,
): ReturnType<World['store']['searchPassages']> {
  const common = { tags: [], tagMatch: 'any', from: null, until: null, limit: 300 } as const
  return await world.store.searchPassages(world.scope, { ...common, ...query })
}
