import { expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import type { TextOwner } from '../../storage/contract/search-store.ts'
import { LargeCounts } from './large-counts.ts'

const ownerOf = (agentId: string): TextOwner => ({ kind: 'messages', agentId })

test('the counts of large scopes are remembered, as many as there is room for', () => {
  const counts = new LargeCounts(2)
  const note = (agentId: string, texts: number): void =>
    counts.note(defaultScope, ownerOf(agentId), { texts, most: 10 })
  const of = (...agentIds: string[]): readonly number[] =>
    agentIds.map((agentId) => counts.of(defaultScope, ownerOf(agentId)))
  note('one', 11)
  note('small', 10)
  note('two', 12)
  expect(of('one', 'small', 'two')).toEqual([11, 0, 12])
  expect(counts.of({ ...defaultScope, tenantId: 'other' }, ownerOf('one'))).toBe(0)
  note('one', 13)
  note('three', 14)
  expect(of('one', 'two', 'three')).toEqual([13, 0, 14])
  note('three', 9)
  expect(of('three')).toEqual([0])
})
