import { expect, test } from 'vitest'
import { cutBlock, findBlockCuts } from './block-cuts.ts'
import { createMatcher } from './matcher.ts'
import { emptySet, versionKey } from './removal-set.ts'

const noTurns = {
  turnOfRun: new Map(),
  turnOfInput: new Map(),
  conversationOf: new Map(),
  agentOf: new Map(),
  open: new Set<string>(),
}

test('cutBlock() takes words out, lines of which nothing is left, and words over line breaks', () => {
  const matcher = createMatcher(['Locker code: 4711', 'likes the harbour'])
  expect(cutBlock('Name: Ada\n- Locker code: 4711\nAge: 30', matcher, [])).toBe(
    'Name: Ada\nAge: 30',
  )
  expect(cutBlock('Ada likes the harbour a lot.', matcher, [])).toBe('Ada a lot.')
  expect(cutBlock('Ada likes\nthe harbour', matcher, [])).toBe('Ada ')
  expect(cutBlock('nothing', matcher, [])).toBe('nothing')
})

test('cutBlock() leaves what stood in the block before a change that is forgotten', () => {
  const own = { from: 2, matcher: createMatcher(['10']), kept: new Set(['Anna is 10.']) }
  const cut = cutBlock('Anna is 10.\nBen is 10.', createMatcher([]), [own])
  expect(cut).toBe('Anna is 10.\nBen is')
})

/** What is left of each version of a block whose second one brought something that is forgotten. */
async function forgetSecond(...values: readonly string[]): Promise<readonly string[]> {
  const source = {
    async *rows() {
      for (const [index, value] of values.entries()) {
        yield { block_id: 'block-1', version: index + 1, value }
      }
    },
  }
  const set = emptySet(noTurns)
  set.derivedVersions.add(versionKey('block-1', 2))
  const cuts = (await findBlockCuts(source, set)).get('block-1') ?? []
  const matcher = createMatcher(set.pieces)
  return values.map((value, index) =>
    cutBlock(
      value,
      matcher,
      cuts.filter(({ from }) => from <= index + 1),
    ),
  )
}

test.each([
  ['a later line about something else', 'Ben is 10.\nMeet at 10.', 'Ben is\nMeet at 10.'],
  ['a line that was rewritten', 'Ben is 10 and tall.', 'Ben is and tall.'],
  ['two lines that became one', 'Zoe, Ben (10)', 'Zoe, Ben ()'],
  ['a line that went and came with another', 'Ben is 10!\nMeet at 10.', 'Ben is\nMeet at'],
])('what is left of %s', async (_what, later, expected) => {
  const versions = await forgetSecond('Ben is 5.', 'Ben is 10.', later, later)
  expect(versions).toEqual(['Ben is 5.', 'Ben is', expected, expected])
})

test('a line that was brought is cut when it comes back after it was gone', async () => {
  const versions = await forgetSecond(
    'Zoe.',
    'Zoe.\nPin: 7',
    'Zoe.',
    'Zoe.\nPin: 7',
    'Zoe.\nPin: 8',
  )
  expect(versions).toEqual(['Zoe.', 'Zoe.', 'Zoe.', 'Zoe.', 'Zoe.\nPin: 8'])
})

test('an emoji and a single digit go, too', async () => {
  expect(await forgetSecond('Mood: fine', 'Mood: 🦊', 'Mood: 🦊!')).toEqual([
    'Mood: fine',
    'Mood:',
    'Mood:',
  ])
})
