import { describe, expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { openStore } from '../storage/open-store.ts'
import { trackCalls } from './track-calls.ts'

describe('trackCalls()', () => {
  it('is settled only when a call, and the one that follows it, have ended', async () => {
    const store = await openStore({ location: ':memory:' })
    const slow = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let calls = 0
    const tracked = trackCalls({
      ...store,
      async listKeys(scope) {
        await slow[calls++]?.promise
        return await store.listKeys(scope)
      },
    })
    const seen: string[] = []
    const work = tracked.store
      .listKeys(defaultScope)
      .then(() => seen.push('first'))
      .then(() => tracked.store.listKeys(defaultScope))
      .then(() => seen.push('second'))
    const settled = tracked.settled().then(() => seen.push('settled'))
    for (const { resolve } of slow) {
      await new Promise((next) => setImmediate(next))
      resolve()
    }
    await Promise.all([work, settled])
    expect(seen).toEqual(['first', 'second', 'settled'])
    await tracked.store.close()
  })
})
