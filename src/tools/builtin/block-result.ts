import type { Block } from '../../domain/block.ts'
import { changesOfDraft, type MemoryDraft } from '../../memory/blocks/memory-draft.ts'
import { quoteAsData } from '../../memory/quote.ts'
import type { MemoryEdit } from '../tool.ts'

/**
 * The longest return of a memory tool in characters: the new value of a block has to fit, since it is how the model
 * sees its own edit.
 */
export const memoryReturnLimit = 1_000_000

/** An edit of one block, with a text that shows the model its new value. */
export function toBlockEdit(
  block: Pick<Block, 'id' | 'label' | 'version'>,
  value: string,
): MemoryEdit {
  return {
    blocks: [{ blockId: block.id, expectedVersion: block.version, value }],
    passages: [],
    text: describeBlockValue(block.label, value),
  }
}

/** Everything a draft changes, with a text that shows the model what its blocks are now. */
export function toDraftEdit(draft: MemoryDraft): MemoryEdit {
  const { edited, created, detached } = changesOfDraft(draft)
  const texts = [
    ...edited.map(({ block, set }) => describeBlockChange(block, { label: block.label, ...set })),
    ...created.map(({ label, value }) => describeBlockValue(label, value)),
    ...detached.map(
      ({ label }) =>
        `Memory block ${quoteAsData(JSON.stringify(label))} is no longer in view. Its text stays stored and can be brought back.`,
    ),
  ]
  return {
    blocks: edited.map(({ block, set }) => ({
      blockId: block.id,
      expectedVersion: block.version,
      ...set,
    })),
    newBlocks: created.map(({ label, value, description }) => ({ label, value, description })),
    detachedBlocks: detached.map(({ id, version }) => ({ blockId: id, expectedVersion: version })),
    passages: [],
    text: texts.length === 0 ? 'Memory is as it was: nothing had to be changed.' : texts.join('\n'),
  }
}

function describeBlockChange(
  block: Pick<Block, 'label' | 'value'>,
  now: { readonly label: string; readonly value?: string; readonly description?: string },
): string {
  const label = quoteAsData(JSON.stringify(now.label))
  const lines = [
    ...(now.label === block.label
      ? []
      : [`Memory block ${quoteAsData(JSON.stringify(block.label))} is now named ${label}.`]),
    ...(now.description === undefined
      ? []
      : [`Memory block ${label} is now for: ${quoteAsData(now.description)}`]),
    ...(now.value === undefined ? [] : [describeBlockValue(now.label, now.value)]),
  ]
  return lines.join('\n')
}

/** Label and value of a block in one text, the value quoted so that it cannot pose as anything else. */
export function describeBlockValue(label: string, value: string): string {
  return [
    `Memory block ${quoteAsData(JSON.stringify(label))} is now:`,
    '<value>',
    quoteAsData(value),
    '</value>',
  ].join('\n')
}
