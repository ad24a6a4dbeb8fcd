import { expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createRecall, type Said } from '../../testing/recall-fixture.ts'
import { sampleAgent, sampleTime } from '../../testing/samples.ts'
import { newestMessages } from './newest.ts'
import type { SearchSource } from './search-source.ts'

const count = 1550

test('newestMessages() reads further back in ever larger pages, each message once', async () => {
  const said = Array.from({ length: count }, (_, number): Said => [`Plank ${number}.`])
  await using recall = await createRecall(said)
  const limits: number[] = []
  const store: SearchSource = {
    ...recall.store,
    listMessages(scope, query) {
      limits.push(query.limit)
      return recall.store.listMessages(scope, query)
    },
  }
  const { id: agentId, timezone } = sampleAgent()
  const place = { store, scope: defaultScope, agentId, timezone, now: sampleTime }
  const everything = {
    text: null,
    roles: ['user'],
    from: null,
    until: null,
    excludeIds: [],
  } as const
  const found = await newestMessages(place, { ...everything, offset: count - 10, limit: 10 })
  expect(found.map(({ id }) => id)).toEqual(recall.messages.map(({ id }) => id).toReversed())
  expect(limits).toEqual([100, 200, 400, 800, 1600])
})
