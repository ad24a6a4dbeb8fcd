import { expect } from 'vitest'
import { countedUpTo, type Candidates } from '../contract/search-store.ts'
import type { Store } from '../store.ts'
import { World } from './world.ts'

/** Stores messages and chooses one as a candidate, without and with its neighbours; `onSearch` is called in between. */
export async function searchCandidates(store: Store, onSearch: () => void): Promise<void> {
  const world = new World(store)
  const agent = await world.agent()
  const other = await world.say(agent, 'crane')
  await world.say(agent, 'heron')
  const also = other.messages.map(({ id }) => id)
  const choice = { agentId: agent.id, terms: ['heron'], from: null, until: null, limit: 9 }
  const messages = { ...choice, roles: ['user', 'tool'] as const, excludeIds: [], also }
  onSearch()
  for (const neighbours of [0, 2]) {
    const found = await store.searchMessages(world.scope, { ...messages, neighbours })
    expect(found.documents).toHaveLength(2)
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
