import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.ts'

/** How many histories a test run plays; `npm run simulate` plays more. */
const histories = 300
/** How many of them one test plays. */
const perTest = 10

describe('histories in which the process dies, fails, hangs or is late at any call', () => {
  for (let first = 1; first <= histories; first += perTest) {
    it(`keep every promise, from seed ${first} on`, async () => {
      const broken: string[] = []
      let withFaults = 0
      for (let seed = first; seed < first + perTest; seed += 1) {
        const { problems, faults } = await simulate(seed)
        if (faults.length > 0) withFaults += 1
        if (problems.length > 0)
          broken.push(`seed ${seed}: ${problems.join('; ')} (${faults.join('; ')})`)
      }
      expect(broken).toEqual([])
      expect(withFaults).toBeGreaterThan(perTest * 0.8)
    }, 180_000)
  }
})
