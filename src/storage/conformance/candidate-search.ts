import { expect } from 'vitest'
import { countedUpTo, type Candidates } from '../contract/search-store.ts'
import type { Store } from '../store.ts'
import { forgetWrite, removalsOf } from './forget-samples.ts'
import { toEntry, World } from './world.ts'

/** Stores messages and chooses one as a candidate, without and with its neighbours; `onSearch` is called in between. */
export async function searchCandidates(store: Store, onSearch: () => void): Promise<void> {
  const world = new World(store)
  const agent = await world.agent()
  const other = await world.say(agent, 'crane')
  await world.say(agent, 'heron')
  const returned = world.message(agent, 'heron', { role: 'tool' })
  await world.say(agent, 'heron', { messages: [returned] })
  const also = other.messages.map(({ id }) => id)
  const choice = { agentId: agent.id, terms: ['heron'], from: null, until: null, limit: 9 }
  const messages = { ...choice, roles: ['user', 'tool'] as const, excludeIds: [], also }
  onSearch()
  for (const neighbours of [0, 2]) {
    const found = await store.searchMessages(world.scope, { ...messages, neighbours })
    expect(found.documents).toHaveLength(3)
  }
}

/** What the index is made to hold, as storing so many texts would take too long. */
export interface IndexedCopies {
  /** Adds so many copies of the texts with these tokens. */
  add(tokens: string, count: number): Promise<void>
  /** Removes them without a trace. */
  remove(): Promise<void>
}

/**
 * A term is passed over while it is known to be common, and counted again after something was removed. Returns what is found
 * by two terms of which one was common.
 */
export async function searchCommonTerms(
  store: Store,
  copies: IndexedCopies,
): Promise<Pick<Candidates, 'asked' | 'statistics'>> {
  const world = new World(store)
  const agent = await world.agent()
  const [grey] = await world.remember(agent, 'grey heron')
  const [white] = await world.remember(agent, 'white heron')
  const search = async (...terms: string[]): Promise<Candidates> => {
    const filter = { tags: [], tagMatch: 'any', from: null, until: null } as const
    return await store.searchPassages(world.scope, {
      agentId: agent.id,
      terms,
      ...filter,
      limit: 3,
    })
  }
  await copies.add('grey heron', countedUpTo)
  const first = await search('white', 'heron')
  expect(first).toMatchObject({
    documents: [{ id: white?.id }],
    asked: ['white'],
    statistics: { documentFrequency: { white: 1, heron: countedUpTo } },
  })
  expect(await search('white', 'heron')).toEqual(first)
  expect(await search('heron')).toMatchObject({ documents: [{}, {}, {}], asked: ['heron'] })

  await copies.remove()
  // Nothing says so yet: it is what is remembered that answers.
  expect(await search('white', 'heron')).toEqual(first)
  const archiveId = grey?.archiveId ?? ''
  await store.deletePassage(world.scope, { archiveId, id: grey?.id ?? '', at: world.at() })
  const { documents, asked, statistics } = await search('white', 'heron')
  expect(documents.map(({ id }) => id)).toEqual([white?.id])
  return { asked, statistics }
}

/** What {@link searchCommonTerms} returns. */
export const countedAgain = {
  asked: ['white', 'heron'],
  statistics: { documentCount: 1, tokenCount: 2, documentFrequency: { white: 1, heron: 1 } },
}

/** More texts than are added to what a process holds of the index; with them it is read anew. */
export const manyTexts = 201

/**
 * One store searches again and again for the same terms while another writes to its database: it finds what came, be it much or
 * little, and nothing by words that were forgotten. Returns how many texts it finds in the end, {@link manyTexts}.
 */
export async function searchWhileWriting(reader: Store, writer: Store): Promise<number> {
  const world = new World(writer)
  const agent = await world.agent()
  const reading = new World(reader, world.scope)
  const found = async (...terms: string[]): Promise<readonly string[]> =>
    await reading.found(agent, ...terms)
  const say = async (text: string, given: { readonly role?: 'tool' } = {}): Promise<string> => {
    const message = world.message(agent, text, given)
    await world.say(agent, text, { messages: [message] })
    return message.message.id
  }
  const first = await say('heron')
  expect(await found('heron', 'egret')).toEqual([first])
  const side = await world.conversation(agent)
  const aside = await world.say(agent, 'egret', { conversationId: side.id })
  const second = aside.messages[0]?.id ?? ''
  const third = await say('heron egret', { role: 'tool' })
  expect(await found('heron', 'egret')).toEqual([third, second, first])
  expect(await found('egret')).toEqual([third, second])
  expect(await found('heron')).toEqual([third, first])

  const named = { agentIds: [agent.id], archiveIds: [], blockIds: [] }
  const owners = await writer.findForgetOwners(world.scope, named)
  const mark = await writer.readForgetMark(world.scope, owners)
  const removals = removalsOf({ messageIds: [second] })
  const entries = [{ itemId: third, entry: toEntry(['egret']) }]
  const forgetting = forgetWrite(world, { owners, mark, removals, entries })
  await writer.applyForget(world.scope, forgetting)
  expect(await found('heron', 'egret')).toEqual([third, first])
  expect(await found('heron')).toEqual([first])

  const messages = Array.from({ length: manyTexts }, () => world.message(agent, 'egret'))
  await world.say(agent, '', { messages })
  expect(await found('heron')).toEqual([first])
  const { documents, statistics } = await reader.searchMessages(world.scope, {
    agentId: agent.id,
    terms: ['egret'],
    roles: ['user', 'tool'],
    excludeIds: [third],
    from: null,
    until: null,
    limit: 999,
  })
  expect(statistics).toMatchObject({ documentFrequency: { egret: manyTexts + 1 } })
  return documents.length
}
