import { expect } from 'vitest'
import type { TextOwner, TextPage, TextRead } from '../contract/search-store.ts'
import { toTokenText } from '../engine/search-rows.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { toEntry, type World } from './world.ts'

/** What engines do when the texts of a scope are read. */
export const textCases: readonly ConformanceCase[] = [
  {
    name: 'readTexts() gives all texts of a scope with everything that scoring needs',
    async run(world) {
      const [agent, other] = [await world.agent(), await world.agent()]
      const { message } = world.message(agent, 'x')
      const entry = toEntry(['a b', 'c++', '_2b_', 'c++'], {
        speaker: ['ada'],
        dates: ['8', 'may'],
        wordCount: 7,
        isQuestion: true,
        isTemporal: true,
        listenerShare: 40,
      })
      await world.say(agent, 'x', { messages: [{ message, entry }] })
      await world.say(agent, 'second')
      await world.say(other, 'not of this agent')
      const page = await read(world, { kind: 'messages', agentId: agent.id })
      const { session: _, tokens, speaker, dates, ...stored } = entry
      expect(page).toMatchObject({
        documentCount: 2,
        isContinued: false,
        isCurrent: true,
        tagged: null,
        texts: [
          {
            ...stored,
            tokens: toTokenText(tokens),
            length: 4,
            speaker: toTokenText(speaker),
            dates: toTokenText(dates),
            dateLength: 2,
            id: message.id,
            createdAt: message.createdAt,
            role: 'user',
            thread: message.conversationId,
            place: 0,
            session: 0,
          },
          { tokens: 'second', place: 1 },
        ],
      })
      expect(page.version).toMatchObject({ documentCount: 2, removed: 0 })
    },
  },
  {
    name: 'readTexts() gives page after page, then only what came since',
    async run(world) {
      const agent = await world.agent()
      const owner: TextOwner = { kind: 'messages', agentId: agent.id }
      for (const text of ['a', 'b', 'c']) await world.say(agent, text)
      const first = await read(world, owner, { limit: 2 })
      expect(tokensOf(first)).toEqual(['a', 'b'])
      expect(first.isCurrent).toBe(false)
      const second = await read(world, owner, { limit: 2, known: first.version })
      expect(tokensOf(second)).toEqual(['c'])
      expect(second).toMatchObject({ isContinued: true, isCurrent: true })
      const again = await read(world, owner, { known: second.version })
      expect(again).toEqual({ ...second, texts: [] })
      await world.say(agent, 'd')
      const grown = await read(world, owner, { known: again.version })
      expect(tokensOf(grown)).toEqual(['d'])
      expect(grown).toMatchObject({ documentCount: 4, isContinued: true, isCurrent: true })
    },
  },
  {
    name: 'readTexts() gives everything anew once a text was removed, also when another took its place',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner: TextOwner = { kind: 'passages', agentId: agent.id }
      const passages = await world.remember(agent, 'one', 'two')
      const before = await read(world, owner)
      expect(tokensOf(before)).toEqual(['one', 'two'])
      await store.deletePassage(scope, { id: passages[1]?.id ?? '' })
      await world.remember(agent, 'three')
      const after = await read(world, owner, { known: before.version })
      expect(tokensOf(after)).toEqual(['one', 'three'])
      expect(after).toMatchObject({ documentCount: 2, isContinued: false, isCurrent: true })
    },
  },
  {
    name: 'readTexts() tells of a larger scope only how large it is',
    async run(world) {
      const agent = await world.agent()
      const owner: TextOwner = { kind: 'messages', agentId: agent.id }
      const nothing = { version: null, isContinued: false, texts: [], isCurrent: true }
      expect(await read(world, owner)).toMatchObject({ ...nothing, documentCount: 0 })
      await world.say(agent, 'a')
      await world.say(agent, 'b')
      const page = await read(world, owner, { completeUpTo: 1 })
      expect(page).toMatchObject({ ...nothing, documentCount: 2 })
    },
  },
  {
    name: 'readTexts() follows an agent to another archive and tells which passages have tags',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner: TextOwner = { kind: 'passages', agentId: agent.id }
      expect(await read(world, owner)).toMatchObject({ documentCount: 0, version: null })
      const passages = [
        world.newPassage('one', { tags: ['a', 'b'] }),
        world.newPassage('two', { tags: ['b'] }),
      ]
      const own = { agentId: agent.id, archive: world.newArchive() }
      await store.createPassages(scope, { agent: own, passages, at: world.at() })
      const ids = passages.map(({ passage }) => passage.id)
      const tagged = async (tags: string[], tagMatch: 'any' | 'all'): Promise<unknown> =>
        (await read(world, owner, { tags, tagMatch })).tagged?.toSorted()
      expect(await tagged(['a', 'b'], 'any')).toEqual(ids.toSorted())
      expect(await tagged(['a', 'b'], 'all')).toEqual([ids[0]])
      expect(await tagged(['c'], 'any')).toEqual([])
      const before = await read(world, owner)
      const archiveId = await archiveOf(world, agent.id)
      expect((await read(world, { kind: 'passages', archiveId })).version).toEqual(before.version)
      await store.detachArchive(scope, { agentId: agent.id, archiveId })
      await world.remember(agent, 'elsewhere')
      const after = await read(world, owner, { known: before.version })
      expect(tokensOf(after)).toEqual(['elsewhere'])
      expect(after.isContinued).toBe(false)
    },
  },
  {
    name: 'readTexts() refuses what does not exist',
    async run(world) {
      const owners: readonly TextOwner[] = [
        { kind: 'messages', agentId: world.id('agent') },
        { kind: 'passages', agentId: world.id('agent') },
        { kind: 'passages', archiveId: world.id('archive') },
      ]
      for (const owner of owners) await expectRefused(read(world, owner), 'not_found')
    },
  },
]

function tokensOf({ texts }: TextPage): readonly string[] {
  return texts.map(({ tokens }) => tokens)
}

async function archiveOf(world: World, agentId: string): Promise<string> {
  const [passage] = await world.store.listPassages(world.scope, { agentId, limit: 1, order: 'asc' })
  return passage?.archiveId ?? ''
}

async function read(
  world: World,
  owner: TextOwner,
  given: Partial<TextRead> = {},
): Promise<TextPage> {
  const all = { known: null, completeUpTo: 100, limit: 100, tags: [], tagMatch: 'any' } as const
  return await world.store.readTexts(world.scope, { owner, ...all, ...given })
}
