import type { Block } from '../domain/block.ts'
import { factText } from '../domain/fact.ts'
import { type FactRequest, statementAfter } from '../memory/facts/place-fact.ts'
import { describeChange } from '../memory/versions/describe-change.ts'
import type { MemoryEdit } from '../tools/tool.ts'
import type { JsonObject } from '../util/json.ts'

/** What the model reads of an edit that waits for a person. */
export const proposedText =
  'Your edit is proposed, not made: a person reviews all edits of this memory, which stays as it is until then. Do not make it again.'

/** What the model reads of an edit that has to be reviewed although others count at once. */
export const unsaidText =
  'Your edit is proposed, not made: it says more than the user said in their own words in this turn, so a person reviews it. Tell the user, and do not make it again.'

/** What the model reads of an edit that would bring a tool's words into core memory. */
export const toolWordsText =
  'Your edit is proposed, not made: its words come from a tool, so a person reviews it before it enters core memory. Tell the user, and do not make it again.'

/** Whether an edit would change anything. */
export function changesMemory(edit: MemoryEdit): boolean {
  const { blocks, newBlocks = [], detachedBlocks = [], passages } = edit
  const { edits: facts } = edit.facts ?? { edits: [] }
  const changes = [blocks, newBlocks, detachedBlocks, passages, facts]
  return changes.some((list) => list.length > 0)
}

/** An edit as a proposal holds it, with what it would do in words. */
export function toProposal(edit: MemoryEdit, blocks: readonly Block[]): JsonObject {
  const { newBlocks = [], detachedBlocks = [], passages } = edit
  return {
    blocks: edit.blocks.map((each) => ({ ...each })),
    newBlocks: newBlocks.map((each) => ({ ...each })),
    detachedBlocks: detachedBlocks.map((each) => ({ ...each })),
    passages: passages.map(({ text, tags, origin, piece }) => ({
      text,
      tags: [...tags],
      origin,
      ...(piece !== undefined && { piece: { ...piece } }),
    })),
    facts: (edit.facts?.requests ?? []).map(toJson),
    notes: notesOf(edit, blocks),
  }
}

function toJson(request: FactRequest): JsonObject {
  if (request.kind === 'close') return { ...request }
  const { statement, ...rest } = request
  const sourceMessageIds = [...statement.sourceMessageIds]
  return { ...rest, statement: { ...statement, sourceMessageIds } }
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
    ...(edit.facts?.edits ?? []).flatMap((each) => {
      const after = statementAfter(each)
      return after === null ? [] : [factText(after)]
    }),
  ].map((text) => `remembered: ${text.split('\n')[0] ?? ''}`)
  const removed = (edit.detachedBlocks ?? []).map(
    ({ blockId }) => `forgotten: the block ${blocks.find(({ id }) => id === blockId)?.label ?? ''}`,
  )
  const closed = (edit.facts?.edits ?? []).flatMap((each) =>
    each.action === 'delete' ? [`forgotten: ${factText(each.before)}`] : [],
  )
  return [...states.map(({ kind, text }) => `${kind}: ${text}`), ...added, ...removed, ...closed]
}
