import { expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createRecall, type Said } from '../../testing/recall-fixture.ts'
import { sampleAgent, sampleTime } from '../../testing/samples.ts'
import type { AgentSearch, MessageQuery } from './agent-search.ts'
import { createAgentSearch } from './create-agent-search.ts'

const anything = { roles: [], from: null, until: null, excludeIds: [], limit: 5 } as const

/** More than the index is asked for. */
const many = Array.from({ length: 330 }, (_, number): Said => [`A heron, number ${number}.`])

/** The search of an agent that was told all that; the index chooses unless all are to be scored. */
async function openSearch(given: { readonly completeUpTo: number }) {
  const recall = await createRecall([...many, ['The weir is low.'], ['The weir is high.']])
  const { id: agentId, timezone } = sampleAgent()
  const place = { store: recall.store, scope: defaultScope, agentId, timezone, now: sampleTime }
  const search = createAgentSearch({ ...place, ...given })
  return { search, [Symbol.asyncDispose]: () => recall[Symbol.asyncDispose]() }
}

async function read(search: AgentSearch, query: Partial<MessageQuery>): Promise<object> {
  const { hits, total, isCut, hasMore, reason } = await search.messages({
    ...anything,
    text: 'heron',
    ...query,
  })
  return { shown: hits.length, total, isCut, hasMore, reason }
}

test('an answer counts what is ranked, and says where the index chose only the best', async () => {
  await using whole = await openSearch({ completeUpTo: 1000 })
  const all = { shown: 5, total: 330, isCut: false, hasMore: true, reason: null }
  expect(await read(whole.search, {})).toEqual(all)
  expect(await read(whole.search, { offset: 330 })).toEqual({
    ...all,
    shown: 0,
    hasMore: false,
    reason: 'There are only 330 results.',
  })
  await using chosen = await openSearch({ completeUpTo: 0 })
  // What stands around those that were chosen is ranked, too.
  const best = { ...all, total: 304, isCut: true }
  expect(await read(chosen.search, {})).toEqual(best)
  expect(await read(chosen.search, { offset: 304 })).toEqual({
    ...best,
    shown: 0,
    hasMore: false,
    reason:
      'Only the 304 best are ranked, as very many match. Look for rarer words or narrow the filter.',
  })
  // Nothing is left out where the index finds fewer than it may choose.
  const few = { shown: 2, total: 2, isCut: false, hasMore: false, reason: null }
  expect(await read(chosen.search, { text: 'weir' })).toEqual(few)
})

test('an answer does not count where it would have to read all: by date alone, and of texts said again', async () => {
  await using opened = await openSearch({ completeUpTo: 1000 })
  const first = { shown: 5, total: null, isCut: false, hasMore: true, reason: null }
  expect(await read(opened.search, { text: null })).toEqual(first)
  expect(await read(opened.search, { distinct: true })).toEqual(first)
  const last = { shown: 2, total: 332, isCut: false, hasMore: false, reason: null }
  expect(await read(opened.search, { text: null, offset: 330 })).toEqual(last)
})
