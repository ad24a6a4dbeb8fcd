import { expect, test } from 'vitest'
import type { Candidates, TextPage } from '../../storage/contract/search-store.ts'
import type { Store } from '../../storage/store.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { defaultScope } from '../../domain/scope.ts'
import { findTexts } from './find-texts.ts'
import { planQuery } from './query-plan.ts'

const nothing: Candidates = {
  documents: [],
  asked: [],
  statistics: { documentCount: 0, tokenCount: 0, documentFrequency: {} },
}

/** How many candidates are asked for in a scope of so many texts. */
async function candidatesAmong(documentCount: number): Promise<number | undefined> {
  const store = await openMemoryStore()
  const readTexts: Store['readTexts'] = () =>
    Promise.resolve<TextPage>({
      version: null,
      documentCount,
      isContinued: false,
      texts: [],
      isCurrent: true,
      tagged: null,
    })
  const asked: number[] = []
  const place = { store: { ...store, readTexts }, scope: defaultScope, now: 0, timezone: 'UTC' }
  await findTexts(place, {
    owner: { kind: 'messages', agentId: 'agent-1' },
    text: 'heron',
    plan: planQuery('heron', place),
    filter: { roles: null, thread: null, from: null, until: null },
    choose({ limit }) {
      asked.push(limit)
      return Promise.resolve(nothing)
    },
  })
  await store.close()
  return asked[0]
}

test('findTexts() takes fewer candidates from the index where there are very many texts', async () => {
  expect(await candidatesAmong(5_001)).toBe(300)
  expect(await candidatesAmong(20_000)).toBe(300)
  expect(await candidatesAmong(20_001)).toBe(100)
})
