import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { followSignals } from './follow-signals.ts'

describe('followSignals()', () => {
  it('aborts with the first that does, for its reason', () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const { signal } = followSignals([one.signal, other.signal])
    expect(signal.aborted).toBe(false)
    other.abort('enough')
    one.abort('too late')
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough'])
  })

  it('has aborted when one of them has, for the reason of the first in order', () => {
    const signals = [new AbortController().signal, AbortSignal.abort('a'), AbortSignal.abort('b')]
    expect(followSignals(signals).signal.reason).toBe('a')
  })

  it('leaves nothing behind with them', () => {
    const others = [new AbortController(), new AbortController()]
    const following = followSignals(others.map(({ signal }) => signal))
    following.leave()
    expect(others.flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([])
    others[0]?.abort('later')
    expect(following.signal.aborted).toBe(false)
  })
})
