import { beforeAll, describe, expect, it } from 'vitest'
import { type Aftermath, findBrokenPromises } from './check-invariants.ts'
import { simulate } from './simulate.ts'

/** A history in which calls of all tools were made and nothing is wrong. */
let sound: Aftermath
beforeAll(async () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const { aftermath } = await simulate(seed)
    if (hasEverything(aftermath)) {
      sound = aftermath
      return
    }
  }
  throw new Error('No history has calls of all tools')
})

function hasEverything({ blocks, passages, letters }: Aftermath): boolean {
  const edited = blocks.some(({ value }) => value.includes('subject-'))
  const sent = [...letters.keys()].some((key) => key.startsWith('send_letter'))
  const signed = [...letters.keys()].some((key) => key.startsWith('sign_letter'))
  return edited && sent && signed && passages.length > 0
}

function without<Item>(items: readonly Item[], isGone: (item: Item) => boolean): readonly Item[] {
  const at = items.findIndex(isGone)
  return items.filter((_, index) => index !== at)
}

function firstRunId({ runs }: Aftermath): string {
  return runs[0]?.id ?? ''
}

const breakages: readonly (readonly [string, (after: Aftermath) => Aftermath])[] = [
  [
    'is lost',
    (after) => ({ ...after, messages: without(after.messages, ({ role }) => role === 'user') }),
  ],
  [
    'is stored 2 times',
    (after) => ({ ...after, messages: [...after.messages, ...after.messages] }),
  ],
  [
    'is left running',
    (after) => ({
      ...after,
      runs: after.runs.map((run) => ({ ...run, status: 'running' as const })),
    }),
  ],
  [
    'has 0 ends',
    (after) => ({
      ...after,
      events: {
        ...after.events,
        [firstRunId(after)]: (after.events[firstRunId(after)] ?? []).slice(0, -1),
      },
    }),
  ],
  [
    'without gaps',
    (after) => ({
      ...after,
      events: {
        ...after.events,
        [firstRunId(after)]: (after.events[firstRunId(after)] ?? []).slice(1),
      },
    }),
  ],
  [
    'has 0 returns',
    (after) => ({ ...after, messages: without(after.messages, ({ role }) => role === 'tool') }),
  ],
  ['is in memory 0 times', (after) => ({ ...after, blocks: [] })],
  ['is in memory 0 times', (after) => ({ ...after, passages: [] })],
  [
    'is in memory 2 times',
    (after) => ({
      ...after,
      blocks: after.blocks.map((block) => ({ ...block, value: `${block.value}\n${block.value}` })),
    }),
  ],
  [
    'took effect',
    (after) => ({
      ...after,
      letters: new Map([...after.letters].map(([key, count]) => [key, count + 9])),
    }),
  ],
  [
    'and allowed 0 times',
    (after) => ({
      ...after,
      messages: after.messages.map((message) => ({ ...message, approvals: [] })),
    }),
  ],
  [
    'the turn turn-1 has',
    (after) => ({ ...after, runs: after.runs.map((run) => ({ ...run, turnId: 'turn-1' })) }),
  ],
  ['is said to be done', (after) => ({ ...after, letters: new Map() })],
  ['has 0 places', (after) => ({ ...after, items: {} })],
  ['not found by search', (after) => ({ ...after, notFound: ['an otid'] })],
]

describe('findBrokenPromises()', () => {
  it('finds nothing in a sound history', () => {
    expect(findBrokenPromises(sound)).toEqual([])
  })

  it.each(breakages)('notices what %s', (problem, damage) => {
    expect(findBrokenPromises(damage(sound)).join('\n')).toContain(problem)
  })
})
