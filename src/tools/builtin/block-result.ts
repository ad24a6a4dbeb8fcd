import type { Block } from '../../domain/block.ts'
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

/** Label and value of a block in one text, the value quoted so that it cannot pose as anything else. */
export function describeBlockValue(label: string, value: string): string {
  return [
    `Memory block ${quoteAsData(JSON.stringify(label))} is now:`,
    '<value>',
    quoteAsData(value),
    '</value>',
  ].join('\n')
}
