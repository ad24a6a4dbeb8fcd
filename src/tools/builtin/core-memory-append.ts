import { z } from 'zod'
import { appendText, findEditableBlock } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string().describe('Label of the memory block to add to.'),
    content: z.string().describe('The text to add, on a new line at the end of the block.'),
  }),
)

/** Adds a line to a memory block. */
export const coreMemoryAppend: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'core_memory_append',
  description:
    'Add text to the end of a memory block. Use it for something new that is worth having in view in every later conversation. Returns the new value of the block.',
  parameters,
  tags: ['letta_memory_core'],
  toolType: 'letta_memory_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit({ label, content }, { blocks }) {
    const block = findEditableBlock(blocks, label)
    return toBlockEdit(block, appendText(block, content))
  },
}
