import { z } from 'zod'
import { appendText, findEditableBlock } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string(),
    content: z.string(),
  }),
)

/** Adds a line to a memory block. */
export const coreMemoryAppend: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'core_memory_append',
  description:
    'Add a line at the end of a memory block: something new that is worth having in view in every later conversation.',
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
