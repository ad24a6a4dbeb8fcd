import { z } from 'zod'
import { editAsSeen, findEditableBlock, insertText } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string(),
    new_string: z.string().describe('Without line numbers.'),
    insert_line: z
      .int()
      .default(-1)
      .describe('After this line: 0 = at the beginning, -1 = at the end.'),
  }),
)

/** Inserts lines into a memory block. */
export const memoryInsert: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_insert',
  description:
    'Insert lines into a memory block, by default at its end: something new. To change what is there use memory_replace.',
  parameters,
  tags: ['letta_sleeptime_core'],
  toolType: 'letta_sleeptime_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit({ label, new_string: text, insert_line: line }, { blocks, seen = {} }) {
    const block = findEditableBlock(blocks, label)
    if (line === -1) return toBlockEdit(block, insertText(block, text, line))
    const value = editAsSeen(block, seen[block.id], (shown) => insertText(shown, text, line))
    return toBlockEdit(block, value)
  },
}
