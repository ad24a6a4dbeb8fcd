import { describe, expect, test } from 'vitest'
import type { Block } from '../../domain/block.ts'
import { isAppError } from '../../errors/app-error.ts'
import {
  appendText,
  findEditableBlock,
  insertText,
  replaceAllText,
  replaceOnce,
  rethinkText,
  type EditableBlock,
} from './edit-block.ts'

function block(value: string, fields: Partial<EditableBlock> = {}): EditableBlock {
  return { label: 'human', value, limit: 100, readOnly: false, ...fields }
}

/** The message of the AppError that `action` throws, with its code in front. */
function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (isAppError(error)) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('findEditableBlock()', () => {
  const blocks: readonly Pick<Block, keyof EditableBlock>[] = [
    block('x'),
    block('y', { label: 'rules', readOnly: true }),
  ]

  test('finds a block by its label', () => {
    expect(findEditableBlock(blocks, 'human').value).toBe('x')
  })

  test('lists the labels when there is none of that name', () => {
    expect(refusal(() => findEditableBlock(blocks, 'humans'))).toBe(
      'not_found: Cannot edit memory block "humans": there is no block of that label. Use one of: "human", "rules".',
    )
    expect(refusal(() => findEditableBlock([], 'human'))).toMatch(/You have no memory blocks\.$/)
  })

  test('refuses a read-only block with the sentence clients know', () => {
    expect(refusal(() => findEditableBlock(blocks, 'rules'))).toMatch(
      /^block_read_only: .*This block is read-only and cannot be edited\./,
    )
  })
})

describe('appendText()', () => {
  test('adds a line, and no blank one to an empty block', () => {
    expect(appendText(block('a'), 'b')).toBe('a\nb')
    expect(appendText(block(''), 'b')).toBe('b')
  })

  test('refuses an empty text', () => {
    expect(refusal(() => appendText(block('a'), ''))).toMatch(/^invalid_argument: .*empty/)
  })
})

describe('replaceAllText()', () => {
  test('replaces every occurrence, taking $ and tabs as they are', () => {
    expect(replaceAllText(block('x\tx'), { oldText: 'x', newText: '$&' })).toBe('$&\t$&')
  })

  test('deletes with an empty new text', () => {
    expect(replaceAllText(block('a b a'), { oldText: 'a', newText: '' })).toBe(' b ')
  })

  test('says what the closest line is when the text is not there', () => {
    const value = 'likes tea\nlives in Porto\n'
    expect(
      refusal(() => replaceAllText(block(value), { oldText: 'Lives in Lisbon', newText: 'x' })),
    ).toBe(
      'invalid_argument: Cannot edit memory block "human": Old content "Lives in Lisbon" not found in memory block "human". ' +
        'The closest text is line 2: "lives in Porto". Copy the text exactly.',
    )
  })
})

describe('replaceOnce()', () => {
  test('replaces the one occurrence, also across lines', () => {
    expect(replaceOnce(block('a\nb\nc'), { oldText: 'a\nb', newText: '$&$1' })).toBe('$&$1\nc')
  })

  test('names the lines when the text occurs more than once', () => {
    expect(
      refusal(() => replaceOnce(block('tea\ncoffee\ntea tea'), { oldText: 'tea', newText: 'x' })),
    ).toMatch(/"tea" appears 3 times, in lines 1, 3\. Give more/)
  })

  test('shows blanks in the closest text when only they differ', () => {
    expect(refusal(() => replaceOnce(block('a\tb'), { oldText: 'a b', newText: 'x' }))).toContain(
      'The closest text is line 1: "a\\tb"',
    )
  })

  test('of several lines, says at which one the block goes on otherwise', () => {
    const value = 'Tea: green\nLives in Porto\nA dog, Bo\nTea: green\nNo sugar'
    const hint = (oldText: string): string =>
      refusal(() => replaceOnce(block(value), { oldText, newText: 'x' })).split(' did not ')[1] ??
      ''
    expect(hint('green\nLives in Lisbon\nA dog')).toBe(
      'appear verbatim in it. The block has the text up to line 1, but line 2 is "Lives in Porto" where you gave "Lives in Lisbon". Copy the text exactly.',
    )
    expect(hint('Tea: green\nLives in Porto\nA cat')).toContain(
      'up to line 2, but line 3 is "A dog, Bo" where you gave "A cat".',
    )
    expect(hint('Tea: green\nA dog, Bo')).toContain(
      'up to line 1, but line 2 is "Lives in Porto" where you gave "A dog, Bo".',
    )
    expect(hint('Tea: green\nNo sugar\nNo milk')).toContain(
      'The block has the text up to line 5, where it ends; you gave "No milk" next.',
    )
    expect(hint('Tea: black\nLives in Porto')).toContain('The closest text is line 1: "Tea: green"')
    expect(hint('\nLives in Rome\nA dog, Bo')).toContain(
      'The closest text is line 2: "Lives in Porto"',
    )
  })

  test('says so when the block is empty or nothing is alike', () => {
    expect(refusal(() => replaceOnce(block(''), { oldText: 'a', newText: 'x' }))).toMatch(
      /The block is empty\.$/,
    )
    expect(refusal(() => replaceOnce(block('qq'), { oldText: 'zz', newText: 'x' }))).toMatch(
      /did not appear verbatim.*It begins with "qq"\.$/,
    )
  })

  test('refuses an empty old text and one equal to the new', () => {
    expect(refusal(() => replaceOnce(block('a'), { oldText: '', newText: 'x' }))).toMatch(
      /is empty/,
    )
    expect(refusal(() => replaceOnce(block('a'), { oldText: 'a', newText: 'a' }))).toMatch(
      /are equal/,
    )
  })

  test('finds text that was copied from the prompt with its tags quoted', () => {
    const value = 'keep </value> here'
    expect(
      replaceOnce(block(value), { oldText: '&lt;/value> here', newText: '&lt;/value> there' }),
    ).toBe('keep </value> there')
  })

  test.each(['1→ a', '  12→a', 'x\n3→ y'])('refuses the line number prefix in %j', (text) => {
    expect(refusal(() => replaceOnce(block('a'), { oldText: text, newText: 'x' }))).toMatch(
      /line number prefix/,
    )
    expect(refusal(() => replaceOnce(block('a'), { oldText: 'a', newText: text }))).toMatch(
      /line number prefix/,
    )
    expect(refusal(() => insertText(block('a'), text, -1))).toMatch(/line number prefix/)
    expect(refusal(() => rethinkText(block('a'), text))).toMatch(/line number prefix/)
  })
})

describe('insertText()', () => {
  test.each([
    [0, 'new\na\nb'],
    [1, 'a\nnew\nb'],
    [2, 'a\nb\nnew'],
    [-1, 'a\nb\nnew'],
  ])('inserts after line %d', (line, expected) => {
    expect(insertText(block('a\nb'), 'new', line)).toBe(expected)
  })

  test('inserts into an empty block', () => {
    expect(insertText(block(''), 'new', -1)).toBe('new')
    expect(insertText(block(''), 'new', 0)).toBe('new')
  })

  test.each([3, -2])('refuses line %d and names the range', (line) => {
    expect(refusal(() => insertText(block('a\nb'), 'new', line))).toMatch(
      /It has 2 lines: use 0 .* 1 to 2 /,
    )
  })
})

describe('limits', () => {
  test('count code points and allow a value of exactly the limit', () => {
    expect(rethinkText(block('', { limit: 3 }), '🦊🦊🦊')).toBe('🦊🦊🦊')
  })

  test('refuse a longer value with the numbers and what to do, for every kind of edit', () => {
    const small = block('12345', { limit: 8 })
    const expected =
      /^block_limit_exceeded: .*would be 9 characters long, 1 more than its limit of 8 \(it has 5 now\)\. Write less/
    expect(refusal(() => appendText(small, 'abc'))).toMatch(expected)
    expect(refusal(() => insertText(small, 'abc', 0))).toMatch(expected)
    expect(refusal(() => replaceOnce(small, { oldText: '5', newText: 'abcde' }))).toMatch(expected)
    expect(refusal(() => replaceAllText(small, { oldText: '5', newText: 'abcde' }))).toMatch(
      expected,
    )
    expect(refusal(() => rethinkText(small, '123456789'))).toMatch(expected)
  })

  test('let a value that is already too long be made shorter step by step', () => {
    const long = block('1234567890', { limit: 5 })
    expect(replaceOnce(long, { oldText: '90', newText: '' })).toBe('12345678')
    expect(refusal(() => appendText(long, 'x'))).toMatch(/^block_limit_exceeded/)
  })
})
