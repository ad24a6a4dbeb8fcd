import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { Message } from '../../domain/message.ts'
import type { MessageSearch, PassageSearch, SearchDocument } from '../contract/search-store.ts'
import { toTokenText } from '../engine/search-rows.ts'
import { manyTexts, searchWhileWriting } from './candidate-search.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { toEntry, type World } from './world.ts'

/** What engines do when candidates are searched. */
export const searchCases: readonly ConformanceCase[] = [
  {
    name: 'searchMessages() finds what shares a term, with what scoring needs and the statistics of the scope',
    async run(world) {
      const [agent, other] = [await world.agent(), await world.agent()]
      await world.say(agent, 'red heron red')
      const said = await world.say(agent, 'blue heron')
      await world.say(agent, 'nothing')
      await world.say(other, 'red heron')
      const found = await search(world, agent, { terms: ['red', 'heron', 'absent'] })
      expect(found.documents.map(({ tokens }) => tokens).toSorted()).toEqual([
        'blue heron',
        'red heron red',
      ])
      const blue = said.messages[0]
      expect(found.documents.find(({ id }) => id === blue?.id)).toMatchObject({
        createdAt: blue?.createdAt,
        role: 'user',
        length: 2,
        wordCount: 2,
        thread: blue?.conversationId,
        place: 1,
        session: 0,
        isEligible: true,
      })
      expect(found.asked).toEqual(['red', 'heron'])
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
      const nothing = { documents: [], statistics: { documentCount: 0, tokenCount: 0 } }
      expect(await search(world, agent, { terms: ['x'] })).toMatchObject(nothing)
      await world.say(agent, 'word')
      expect((await search(world, agent, { terms: [] })).documents).toEqual([])
      expect((await search(world, agent, { terms: [''] })).documents).toEqual([])
      expect((await search(world, agent, { terms: ['other'] })).documents).toEqual([])
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
        await world.say(agent, token, {
          messages: [{ message, entry: toEntry([token, 'common']) }],
        })
      }
      for (const token of strange) {
        const { documents, statistics } = await search(world, agent, { terms: [token] })
        const expected = [toTokenText([token, 'common']), 2]
        expect(documents.map(({ tokens, length }) => [tokens, length])).toEqual([expected])
        expect(statistics.documentFrequency).toEqual(Object.fromEntries([[token, 1]]))
      }
      const all = await search(world, agent, { terms: strange })
      expect(all.documents).toHaveLength(strange.length)
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
      const cases: readonly (readonly [
        Partial<MessageSearch>,
        readonly (Message | undefined)[],
      ])[] = [
        [{}, [answer, two, one]],
        [{ roles: ['assistant'] }, [answer]],
        [{ roles: ['user'] }, [two, one]],
        [{ roles: [] }, []],
        [{ conversationId: side.id }, [two]],
        [{ from: two?.createdAt ?? 0 }, [answer, two]],
        [{ until: two?.createdAt ?? 0 }, [two, one]],
        [{ excludeIds: [answer?.id ?? '', one?.id ?? ''] }, [two]],
        [{ conversationId: side.id, limit: 1 }, [two]],
        [{ roles: ['assistant'], limit: 1 }, [answer]],
      ]
      for (const [query, expected] of cases) {
        const { documents, statistics } = await search(world, agent, { terms: ['heron'], ...query })
        expect([query, newestFirst(documents)]).toEqual([query, expected.map((item) => item?.id)])
        expect(statistics.documentFrequency).toEqual({ heron: 3 })
      }
    },
  },
  {
    name: 'searchMessages() never finds what is stored as not searchable',
    async run(world) {
      const agent = await world.agent()
      const silent = world.message(agent, 'heron', { searchable: false })
      const withTokens = { ...silent, entry: toEntry(['heron']) }
      const untold = { ...world.message(agent, 'heron'), entry: null }
      await world.say(agent, '', { messages: [withTokens, untold] })
      expect(await world.found(agent, 'heron')).toEqual([])
    },
  },
  {
    name: 'searchMessages() counts places in each conversation and begins a part after an hour or with another label',
    async run(world) {
      const agent = await world.agent()
      const side = await world.conversation(agent)
      const hour = 3_600_000
      const tell = async (
        at: number,
        given: { readonly session?: string; readonly role?: 'tool'; readonly side?: boolean } = {},
      ): Promise<void> => {
        const { message } = world.message(agent, 'x', {
          createdAt: at,
          role: given.role ?? 'user',
          ...(given.side === true ? { conversationId: side.id } : {}),
        })
        const entry = toEntry(['x'], { session: given.session ?? null })
        await world.say(agent, 'x', {
          messages: [{ message, entry }],
          ...(given.side === true ? { conversationId: side.id } : {}),
        })
      }
      await tell(0)
      await tell(hour)
      await tell(hour, { side: true })
      await tell(hour, { role: 'tool' })
      await tell(2 * hour + 1)
      await tell(2 * hour + 2, { session: 'one' })
      await tell(9 * hour, { session: 'one' })
      await tell(9 * hour, { session: 'two' })
      await tell(9 * hour)
      const { documents } = await search(world, agent, { terms: ['x'] })
      const places = documents
        .toSorted((left, right) => left.sequence - right.sequence)
        .map(({ place, session }) => [place, session])
      expect(places).toEqual([
        [0, 0],
        [1, 0],
        [0, 0],
        [null, null],
        [2, 2],
        [3, 3],
        [4, 3],
        [5, 5],
        [6, 6],
      ])
    },
  },
  {
    name: 'searchMessages() gives the neighbours of what it chose',
    async run(world) {
      const agent = await world.agent()
      const ids: string[] = []
      for (const text of ['a', 'b', 'heron', 'c', 'd', 'e', 'f']) {
        const { messages } = await world.say(agent, text)
        ids.push(messages[0]?.id ?? '')
      }
      const found = async (query: Partial<MessageSearch>): Promise<readonly unknown[]> => {
        const { documents } = await search(world, agent, { terms: ['heron'], ...query })
        const sorted = documents.toSorted((left, right) => left.sequence - right.sequence)
        return sorted.map(({ id, isEligible }) => [ids.indexOf(id), isEligible])
      }
      expect(await found({ neighbours: 2 })).toEqual([0, 1, 2, 3, 4].map((at) => [at, true]))
      const excludeIds = [ids[3] ?? '']
      expect(await found({ neighbours: 1, excludeIds })).toEqual([
        [1, true],
        [2, true],
      ])
      expect(await found({})).toEqual([[2, true]])
      expect(await found({ from: 9e12, neighbours: 2 })).toEqual([])
      const also = [ids[6] ?? '', ids[2] ?? '', world.id('message')]
      expect(await found({ also })).toEqual([
        [2, true],
        [6, true],
      ])
      expect(await found({ also, excludeIds: [ids[6] ?? ''] })).toEqual([[2, true]])
      expect(await found({ also, terms: ['nowhere'], until: 0 })).toEqual([
        [2, false],
        [6, false],
      ])
    },
  },
  {
    name: 'searchMessages() finds what came since the last time, and nothing by words that were forgotten',
    async run({ store }) {
      expect(await searchWhileWriting(store, store)).toBe(manyTexts)
    },
  },
  {
    name: 'searchMessages() finds by speaker and dates and tells them apart from a text’s own words',
    async run(world) {
      const agent = await world.agent()
      const { message } = world.message(agent, 'x')
      const entry = toEntry(['own'], {
        speaker: ['ada'],
        dates: ['monday', '8', 'may'],
        wordCount: 3,
        isQuestion: true,
        isTemporal: true,
        listenerShare: 40,
      })
      await world.say(agent, 'x', { messages: [{ message, entry }] })
      for (const terms of [['ada'], ['may'], ['own', 'ada', 'may']]) {
        const { documents, statistics } = await search(world, agent, { terms })
        expect(documents).toMatchObject([
          {
            tokens: 'own',
            speaker: 'ada',
            dates: 'monday 8 may',
            length: 1,
            dateLength: 3,
            wordCount: 3,
            isQuestion: true,
            isTemporal: true,
            listenerShare: 40,
          },
        ])
        expect(statistics.documentFrequency[terms[0] ?? '']).toBe(1)
      }
    },
  },
  {
    name: 'searchMessages() takes a query of many words',
    async run(world) {
      const agent = await world.agent()
      await world.say(agent, 'needle')
      const terms = Array.from({ length: 700 }, (_, index) => `word${index}`)
      expect((await search(world, agent, { terms: [...terms, 'needle'] })).documents).toHaveLength(
        1,
      )
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
      expect(byAgent.documents).toMatchObject([
        { id: passage?.id, role: null, tokens: 'grey heron', length: 2, thread: '', place: 0 },
      ])
      const archiveId = passage?.archiveId ?? ''
      expect(await searchPassages(world, { archiveId, terms })).toEqual(byAgent)
      const without = await world.agent()
      expect(await searchPassages(world, { agentId: without.id, terms })).toEqual({
        documents: [],
        asked: [],
        statistics: { documentCount: 0, tokenCount: 0, documentFrequency: { heron: 0 } },
      })
      const unknown = { archiveId: world.id('archive'), terms }
      await expectRefused(searchPassages(world, unknown), 'not_found')
      const added = await world.remember(agent, 'heron again')
      const afterwards = await searchPassages(world, { agentId: agent.id, terms })
      expect(newestFirst(afterwards.documents)).toContain(added[0]?.id)
      await store.detachArchive(scope, { agentId: agent.id, archiveId })
      expect((await searchPassages(world, { agentId: agent.id, terms })).documents).toEqual([])
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
        const { documents } = await searchPassages(world, { agentId: agent.id, terms, ...query })
        expect(newestFirst(documents)).toEqual(expected)
      }
    },
  },
]

function newestFirst(documents: readonly SearchDocument[]): readonly string[] {
  return documents.toSorted((left, right) => right.sequence - left.sequence).map(({ id }) => id)
}

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
