import { describe, expect, test } from 'vitest'
import type { Block } from '../../domain/block.ts'
import { sampleBlock } from '../../storage/conformance/samples.ts'
import { createToolRegistry, parseArguments } from '../registry.ts'
import type { MemoryEdit } from '../tool.ts'

const registry = createToolRegistry()

function block(label: string, value: string, fields: Partial<Block> = {}): Block {
  const id = `block-${label}`
  return sampleBlock({ id, label, value, readOnly: false, version: 3, ...fields })
}

const blocks = [
  block('human', 'likes tea\nlives in Porto'),
  block('notes/work', 'a\tb\nc\na\tb'),
  block('rules', 'x', { readOnly: true }),
  block('odd', 'keep\n<system> sign\nend'),
]

/** Calls a memory tool as the runtime does: with the JSON text of a model. */
function call(name: string, input: object): MemoryEdit {
  const tool = registry.get(name)
  if (tool?.kind !== 'memory') throw new Error(`${name} is not a memory tool`)
  const parsed = parseArguments(tool, JSON.stringify(input))
  if (!parsed.ok) throw new Error(parsed.error)
  return tool.edit(parsed.value, { blocks, now: 0 })
}

const human = { blockId: 'block-human', expectedVersion: 3 }
const nothing = { blocks: [], newBlocks: [], detachedBlocks: [], passages: [] }

describe('memory', () => {
  test.each([
    ['/memories/pets/dog', 'pets/dog'],
    ['/pets', 'pets'],
    ['pets', 'pets'],
  ])('creates a block at %s', (path, label) => {
    const edit = call('memory', { command: 'create', path, description: 'Pets', file_text: 'Bo' })
    const newBlocks = [{ label, value: 'Bo', description: 'Pets' }]
    expect(edit).toEqual({ ...nothing, newBlocks, text: expect.stringContaining(`"${label}"`) })
  })

  test.each([
    [
      'str_replace',
      { path: '/memories/human', old_string: 'tea', new_string: 'mate' },
      'likes mate\nlives in Porto',
    ],
    ['insert', { path: '/memories/human', insert_text: 'new' }, 'likes tea\nlives in Porto\nnew'],
    [
      'insert',
      { path: 'human', insert_text: 'new', insert_line: 0 },
      'new\nlikes tea\nlives in Porto',
    ],
  ])('%s edits a block with %j', (command, input, value) => {
    const edit = call('memory', { command, ...input })
    expect(edit).toMatchObject({ ...nothing, blocks: [{ ...human, value }] })
    expect(edit.text).toContain(value)
  })

  test('finds the same block by every command when its label has a slash, and expands no tab', () => {
    const path = '/memories/notes/work'
    const id = 'block-notes/work'
    const insert = call('memory', { command: 'insert', path, insert_text: 'd' })
    expect(insert.blocks).toMatchObject([{ blockId: id, value: 'a\tb\nc\na\tb\nd' }])
    const rename = call('memory', { command: 'rename', old_path: path, new_path: '/memories/w' })
    expect(rename.blocks).toEqual([{ blockId: id, expectedVersion: 3, label: 'w' }])
    const removed = call('memory', { command: 'delete', path })
    expect(removed.detachedBlocks).toEqual([{ blockId: id, expectedVersion: 3 }])
    const described = call('memory', { command: 'rename', path, description: 'Work' })
    expect(described.blocks).toEqual([{ blockId: id, expectedVersion: 3, description: 'Work' }])
  })

  test('renames and describes in one call', () => {
    const input = { old_path: 'human', new_path: 'ann', description: 'Ann' }
    const edit = call('memory', { command: 'rename', ...input })
    expect(edit.blocks).toEqual([{ ...human, label: 'ann', description: 'Ann' }])
    expect(edit.text).toMatch(/"human" is now named "ann".*\n.*is now for: Ann/)
  })

  test.each([
    [{ command: 'delete', path: 'rules' }],
    [{ command: 'rename', old_path: 'rules', new_path: 'x' }],
    [{ command: 'rename', path: 'rules', description: 'x' }],
    [{ command: 'insert', path: 'rules', insert_text: 'x' }],
    [{ command: 'str_replace', path: 'rules', old_string: 'x', new_string: 'y' }],
  ])('refuses a read-only block: %j', (input) => {
    expect(() => call('memory', input)).toThrow('This block is read-only and cannot be edited.')
  })

  test.each([
    [
      { command: 'create', path: '/memories/human', description: '' },
      /"human": a block of that label exists/,
    ],
    [
      { command: 'rename', old_path: 'human', new_path: 'rules' },
      /"rules": a block of that label exists/,
    ],
    [{ command: 'create', path: '/memories/', description: '' }, /a label is one line of 1 to 200/],
    [{ command: 'create', path: 'a\nb', description: '' }, /a label is one line of 1 to 200/],
    [{ command: 'create', path: 'x' }, /the argument description is missing/],
    [{ command: 'rename', old_path: 'human' }, /the argument new_path is missing/],
    [
      { command: 'delete', path: 'nobody' },
      /there is no block of that label\. Use one of: "human"/,
    ],
    [
      { command: 'str_replace', path: 'human', old_string: 'Lives in Lisbon', new_string: '' },
      /closest text is line 2: "lives in Porto"/,
    ],
    [
      { command: 'create', path: 'x', description: '', file_text: 'y'.repeat(100_001) },
      /100001 characters long/,
    ],
  ])('says what is wrong with %j', (input, message) => {
    expect(() => call('memory', input)).toThrow(message)
  })

  test('shows a forged tag in a description or label as text', () => {
    const path = '<value>'
    const edit = call('memory', { command: 'create', path, description: '</value>' })
    expect(edit.text.match(/<\/?\w+>/g)).toEqual(['<value>', '</value>'])
    const described = call('memory', { command: 'rename', path: 'human', description: '</value>' })
    expect(described.text).not.toContain('</value>')
  })
})

describe('memory_apply_patch', () => {
  test('changes the named block by hunks, ignoring line numbers and names of files', () => {
    const patch =
      '--- a\n+++ b\n@@ -1,2 +1,2 @@\n-likes tea\n+likes mate\n lives in Porto\n@@\n+has a dog\n'
    const edit = call('memory_apply_patch', { label: 'human', patch })
    const value = 'likes mate\nlives in Porto\nhas a dog'
    expect(edit.blocks).toEqual([{ ...human, value }])
    expect(edit.text).toContain(value)
  })

  test('finds lines as the model was shown them, with tags quoted, and stores them as they are', () => {
    const patch = ' keep\n-&lt;system> sign\n+&lt;system> mark\n+&lt;b>'
    const edit = call('memory_apply_patch', { label: 'odd', patch })
    expect(edit.blocks[0]?.value).toBe('keep\n<system> mark\n<b>\nend')
  })

  test('can remove a line that begins with two dashes', () => {
    const patch = '@@\n-likes tea\n+-- tea --\n@@\n--- tea --\n+tea'
    const edit = call('memory_apply_patch', { label: 'human', patch })
    expect(edit.blocks[0]?.value).toBe('tea\nlives in Porto')
  })

  test('creates, updates with a move and deletes several blocks at once', () => {
    const patch = [
      '*** Begin Patch',
      '*** Add Block: pets',
      'Description: Pets',
      '+Bo',
      '+Mia',
      '*** Update Block: human',
      '*** Move to: ann',
      '@@',
      '-likes tea',
      '+likes mate',
      '*** Delete Block: notes/work',
      '*** End Patch',
    ].join('\n')
    expect(call('memory_apply_patch', { label: 'human', patch })).toMatchObject({
      blocks: [{ ...human, label: 'ann', value: 'likes mate\nlives in Porto' }],
      newBlocks: [{ label: 'pets', description: 'Pets', value: 'Bo\nMia' }],
      detachedBlocks: [{ blockId: 'block-notes/work', expectedVersion: 3 }],
    })
  })

  test('leaves alone a block that a patch creates and deletes, or changes and changes back', () => {
    const patch =
      '*** Add Block: x\n+a\n*** Delete Block: x\n*** Update Block: human\n-likes tea\n+x\n@@\n-x\n+likes tea'
    expect(call('memory_apply_patch', { label: 'human', patch })).toMatchObject(nothing)
  })

  test.each([
    [
      '-likes coffee\n+x',
      /the lines "likes coffee" of the patch are not in it\. The closest text is line 1: "likes tea"/,
    ],
    ['*** Update Block: notes/work\n-a\tb\n+x', /are in it 2 times, at lines 1, 3/],
    ['*** Update Block: rules\n-x\n+y', /This block is read-only/],
    ['*** Delete Block: rules', /This block is read-only/],
    ['*** Add Block: human\n+x', /a block of that label exists/],
    ['*** Add Block: y\nx', /line 2 of a new block does not begin with "\+"/],
    ['*** Move to: y', /line 1 moves no block/],
    ['*** Update Block:\n+x', /line 1 names no block/],
    ['*** Update Block: human', /changes nothing in "human"/],
    ['?likes tea', /line 1 begins with "\?"/],
    ['', /it changes nothing/],
    ['+1→ x', /line number prefix/],
    [`+${'y'.repeat(5001)}`, /more than its limit of 5000/],
  ])('refuses %j', (patch, message) => {
    expect(() => call('memory_apply_patch', { label: 'human', patch })).toThrow(message)
  })
})
