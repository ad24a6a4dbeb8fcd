import { expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { Deliveries } from './deliveries.ts'

it('writes down the deliveries of a moment together, and the rest when it is asked to', async () => {
  const store = await openMemoryStore()
  const written: (readonly string[])[] = []
  const markDelivered: Store['markDelivered'] = async (scope, { runIds }) => {
    written.push(runIds)
    return await store.markDelivered(scope, { runIds })
  }
  await using test = await createTestApp({ store })
  const { clock, app } = test
  const deliveries = new Deliveries({
    store: { ...store, markDelivered },
    clock,
    logger: app.logger,
  })
  deliveries.note(defaultScope, 'run-1')
  deliveries.note(defaultScope, 'run-2')
  deliveries.note(defaultScope, 'run-1')
  expect(written).toEqual([])
  await clock.advance(250)
  expect(written).toEqual([['run-1', 'run-2']])
  deliveries.note(defaultScope, 'run-3')
  await deliveries.flush()
  expect(written).toEqual([['run-1', 'run-2'], ['run-3']])
  await clock.advance(250)
  expect(written).toHaveLength(2)
})
