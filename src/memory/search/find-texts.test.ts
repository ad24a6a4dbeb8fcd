import { expect, test } from 'vitest'
import type { TextPage } from '../../storage/contract/search-store.ts'
import type { Store } from '../../storage/store.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { defaultScope } from '../../domain/scope.ts'
import { findTexts } from './find-texts.ts'
import { planQuery } from './query-plan.ts'
import { createTextMemory } from './text-memory.ts'

/** A scope with so many texts, none of which holds anything. */
interface LargeScope {
  /** How many texts it has. */
  texts: number
  /** How often it was asked how many there are. */
  reads: number
  /** How many candidates were asked for, each time. */
  readonly limits: number[]
  /** Searches it; true when all texts were scored. */
  search(): Promise<boolean>
  close(): Promise<void>
}

async function openLargeScope(): Promise<LargeScope> {
  const store = await openMemoryStore()
  const readTexts: Store['readTexts'] = () => {
    scope.reads += 1
    return Promise.resolve<TextPage>({
      version: null,
      documentCount: scope.texts,
      isContinued: false,
      texts: [],
      isCurrent: true,
      tagged: null,
    })
  }
  const place = {
    store: { ...store, readTexts },
    texts: createTextMemory(),
    scope: defaultScope,
    now: 0,
    timezone: 'UTC',
  }
  const scope: LargeScope = {
    texts: 0,
    reads: 0,
    limits: [],
    async search() {
      const { asked } = await findTexts(place, {
        owner: { kind: 'messages', agentId: 'agent-1' },
        text: 'heron',
        plan: planQuery('heron', place),
        filter: { roles: null, thread: null, from: null, until: null },
        choose({ limit }) {
          scope.limits.push(limit)
          const statistics = { documentCount: scope.texts, tokenCount: 0, documentFrequency: {} }
          return Promise.resolve({ documents: [], asked: [], statistics })
        },
      })
      return asked === null
    },
    close: () => store.close(),
  }
  return scope
}

/** How many candidates are asked for in a scope of so many texts. */
async function candidatesAmong(texts: number): Promise<readonly number[]> {
  const scope = await openLargeScope()
  scope.texts = texts
  await scope.search()
  await scope.close()
  return scope.limits
}

test('findTexts() takes fewer candidates from the index where there are very many texts', async () => {
  expect(await candidatesAmong(5_001)).toEqual([300])
  expect(await candidatesAmong(20_000)).toEqual([300])
  expect(await candidatesAmong(20_001)).toEqual([100])
})

test('findTexts() asks a large scope once how many texts it has, and again when the search tells of another number', async () => {
  const scope = await openLargeScope()
  scope.texts = 30_000
  expect(await scope.search()).toBe(false)
  expect(await scope.search()).toBe(false)
  expect([scope.reads, scope.limits]).toEqual([1, [100, 100]])
  scope.texts = 6000
  expect(await scope.search()).toBe(false)
  expect([scope.reads, scope.limits.slice(2)]).toEqual([2, [100, 300]])
  scope.texts = 0
  expect(await scope.search()).toBe(true)
  expect(await scope.search()).toBe(true)
  expect([scope.reads, scope.limits.slice(4)]).toEqual([4, [300]])
  await scope.close()
})

test('findTexts() says that texts may be left out where the index was not asked for a word that some hold', async () => {
  const scope = defaultScope
  await using store = await openMemoryStore().then((opened) => ({
    ...opened,
    [Symbol.asyncDispose]: () => opened.close(),
  }))
  const place = { store, scope, now: 0, timezone: 'UTC', completeUpTo: 0 }
  const plan = planQuery('heron weir', place)
  const [rare = '', common = ''] = plan.terms
  const read = async (asked: readonly string[], holders: number): Promise<boolean> => {
    const documentFrequency = { [rare]: 2, [common]: holders }
    const statistics = { documentCount: 90, tokenCount: 90, documentFrequency }
    const { isCut } = await findTexts(place, {
      owner: { kind: 'messages', agentId: 'agent-1' },
      text: 'heron weir',
      plan,
      filter: { roles: null, thread: null, from: null, until: null },
      choose: () => Promise.resolve({ documents: [], asked: [...asked], statistics }),
    })
    return isCut
  }
  expect(await read([rare], 80)).toBe(true)
  expect(await read([rare], 0)).toBe(false)
  expect(await read([rare, common], 80)).toBe(false)
})
