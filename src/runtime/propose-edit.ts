import type { Block } from '../domain/block.ts'
import { describeChange } from '../memory/versions/describe-change.ts'
import type { MemoryEdit } from '../tools/tool.ts'
import type { JsonObject } from '../util/json.ts'

/** What the model reads of an edit that waits for a person. */
export const proposedText =
  'Your edit is proposed, not made: a person reviews all edits of this memory, which stays as it is until then. Do not make it again.'

/** Whether an edit would change anything. */
export function changesMemory(edit: MemoryEdit): boolean {
  const { blocks, newBlocks = [], detachedBlocks = [], passages } = edit
  return blocks.length + newBlocks.length + detachedBlocks.length + passages.length > 0
}

/** An edit as a proposal holds it, with what it would do in words. */
export function toProposal(edit: MemoryEdit, blocks: readonly Block[]): JsonObject {
  const { newBlocks = [], detachedBlocks = [], passages } = edit
  return {
    blocks: edit.blocks.map((each) => ({ ...each })),
    newBlocks: newBlocks.map((each) => ({ ...each })),
    detachedBlocks: detachedBlocks.map((each) => ({ ...each })),
    passages: passages.map((each) => ({ ...each, tags: [...each.tags] })),
    notes: notesOf(edit, blocks),
  }
}

function notesOf(edit: MemoryEdit, blocks: readonly Block[]): string[] {
  const states = edit.blocks.flatMap(({ blockId, expectedVersion: _version, ...set }) => {
    const block = blocks.find(({ id }) => id === blockId)
    if (block === undefined) return []
    const before = { subject: 'block', version: block.version, block } as const
    const after = { ...before, block: { ...block, ...set } }
    return [describeChange({ action: 'edit', label: after.block.label }, { before, after })]
  })
  const added = [
    ...(edit.newBlocks ?? []).map(({ label, value }) => `${label}: ${value}`),
    ...edit.passages.map(({ text }) => text),
  ].map((text) => `remembered: ${text.split('\n')[0] ?? ''}`)
  const removed = (edit.detachedBlocks ?? []).map(
    ({ blockId }) => `forgotten: the block ${blocks.find(({ id }) => id === blockId)?.label ?? ''}`,
  )
  return [...states.map(({ kind, text }) => `${kind}: ${text}`), ...added, ...removed]
}
