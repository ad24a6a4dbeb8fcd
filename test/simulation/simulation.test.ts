import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.ts'

/** How many histories a test run plays; `npm run simulate` plays more. */
const histories = 100

describe('histories in which the process dies, fails or hangs at any call to the store', () => {
  it('keep every promise', async () => {
    const broken: string[] = []
    let withFaults = 0
    for (let seed = 1; seed <= histories; seed += 1) {
      const { problems, faults } = await simulate(seed)
      if (faults.length > 0) withFaults += 1
      if (problems.length > 0)
        broken.push(`seed ${seed}: ${problems.join('; ')} (${faults.join('; ')})`)
    }
    expect(broken).toEqual([])
    expect(withFaults).toBeGreaterThan(histories * 0.9)
  }, 60_000)
})
