import { beforeAll, describe, expect, it } from 'vitest'
import { type Aftermath, findBrokenPromises } from './check-invariants.ts'
import { simulate } from './simulate.ts'

/** A history in which calls of all tools were made and nothing is wrong. */
let sound: Aftermath
beforeAll(async () => {
  // The first that has everything, as the order of calls is now.
  for (let seed = 18; seed < 200; seed += 1) {
    const { aftermath } = await simulate(seed)
    if (hasEverything(aftermath)) {
      sound = aftermath
      return
    }
  }
  throw new Error('No history has calls of all tools')
}, 120_000)

function hasEverything({ blocks, passages, letters, messages }: Aftermath): boolean {
  const edited = blocks.some(({ value }) => value.includes('subject-'))
  const sent = [...letters.keys()].some((key) => key.startsWith('send_letter'))
  const signed = [...letters.keys()].some((key) => key.startsWith('sign_letter'))
  const summed = messages.some(({ role }) => role === 'summary')
  return edited && sent && signed && summed && passages.length > 0
}

function without<Item>(items: readonly Item[], isGone: (item: Item) => boolean): readonly Item[] {
  const at = items.findIndex(isGone)
  return items.filter((_, index) => index !== at)
}

function firstRunId({ runs }: Aftermath): string {
  return runs[0]?.id ?? ''
}

const told = 'It came. What its sender said: "word of subject-9"'

/** A history with one more wait, in a run that ended well, and what it returned. */
function withWait(after: Aftermath, given: string, ...texts: readonly string[]): Aftermath {
  const run = after.runs.find(({ status }) => status === 'completed')
  const call = { callId: 'call-wait', name: 'wait' }
  const base = after.messages[0]
  if (run === undefined || base === undefined) throw new Error('No run has ended well')
  const asked = { ...base, runId: run.id, toolCalls: [{ ...call, arguments: given }] }
  const returned = texts.map((text) => ({
    ...base,
    toolReturns: [{ ...call, status: 'success' as const, text, stdout: null, stderr: null }],
  }))
  return { ...after, messages: [...after.messages, asked, ...returned] }
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
  [
    'are not in one order',
    (after) => ({
      ...after,
      items: Object.fromEntries(
        Object.entries(after.items).map(([id, list]) => [id, list.toReversed()]),
      ),
    }),
  ],
  [
    'events follow the end',
    (after) => ({
      ...after,
      events: {
        ...after.events,
        [firstRunId(after)]: (after.events[firstRunId(after)] ?? []).toReversed(),
      },
    }),
  ],
  ['ended after 0 s', (after) => withWait(after, '{"seconds":2}', 'You waited 0 seconds.')],
  ['was told 2 times', (after) => withWait(after, '{"signal":"subject-9"}', told, told)],
  ['was told 0 times', (after) => withWait(after, '{"signal":"subject-9"}', 'Nothing.')],
  [
    'began after the cancel',
    (after) => ({
      ...after,
      done: { ...after.done, cancelled: new Map(after.steps.map(({ runId }) => [runId, 1])) },
    }),
  ],
  [
    'began in a pause',
    (after) => ({
      ...after,
      done: {
        ...after.done,
        pauses: after.steps.map(({ conversationId }) => ({ conversationId, from: 1, until: null })),
      },
    }),
  ],
  ['neither in view nor summarised', (after) => ({ ...after, uncovered: ['message-1'] })],
  [
    'two summaries follow each other',
    (after) => {
      const message = { ...after.messages[0]!, role: 'summary' as const }
      const items = [8001, 8002].map(
        (position) => ({ kind: 'message', position, message }) as const,
      )
      return { ...after, items: { ...after.items, more: items } }
    },
  ],
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
