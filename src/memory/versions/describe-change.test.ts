import { expect, test } from 'vitest'
import type { Block } from '../../domain/block.ts'
import type { MemoryState } from '../../domain/memory-change.ts'
import { sampleBlock, samplePassage } from '../../storage/conformance/samples.ts'
import { describeChange } from './describe-change.ts'
import { diffFields } from './diff-fields.ts'

function block(set: Partial<Block> = {}): MemoryState {
  const whole = sampleBlock({
    id: 'block-1',
    label: 'human',
    value: 'Ada',
    limit: 500,
    description: null,
    readOnly: false,
    ...set,
  })
  return { subject: 'block', version: 1, block: whole }
}

function edit(before: MemoryState, after: MemoryState): string {
  const label = after.subject === 'block' ? after.block.label : null
  return describeChange({ action: 'edit', label, subject: after.subject }, { before, after }).text
}

test('a change of what stands beside the text of a block or passage says what it was and is', () => {
  expect(edit(block(), block({ limit: 60 }))).toBe('limit of the block human: 500 → 60')
  expect(edit(block(), block({ description: 'Who they are' }))).toBe(
    'description of the block human: none → Who they are',
  )
  expect(edit(block({ readOnly: true }), block())).toBe('read-only of the block human: yes → no')
  expect(edit(block(), block({ label: 'person' }))).toBe('the block human is now person')
  expect(edit(block(), block())).toBe('about the block human')
  const passage = (tags: readonly string[]): MemoryState => {
    return {
      subject: 'passage',
      version: 1,
      passage: samplePassage({ id: 'passage-1', text: 'Herons', tags }),
    }
  }
  expect(edit(passage(['a']), passage(['a', 'b']))).toBe('tags of a text in the archive: a → a, b')
})

test('what differs besides the text is listed by its name, and nothing of an item that was not there', () => {
  const after = block({ label: 'person', limit: 60, readOnly: true })
  expect(diffFields(block(), after)).toEqual([
    { field: 'label', before: 'human', after: 'person' },
    { field: 'limit', before: '500', after: '60' },
    { field: 'read-only', before: 'no', after: 'yes' },
  ])
  expect(diffFields(block(), block())).toEqual([])
  expect(diffFields(null, block())).toEqual([])
})
