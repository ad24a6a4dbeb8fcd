import { z } from 'zod'
import { findEditableBlock, replaceAllText } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string(),
    old_content: z.string().describe('Exactly as it stands in the block.'),
    new_content: z.string().describe('Empty to delete.'),
  }),
)

/** Replaces every occurrence of a text in a memory block. */
export const coreMemoryReplace: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'core_memory_replace',
  description:
    'Replace text in a memory block, everywhere it occurs there, because it is no longer true.',
  parameters,
  tags: ['letta_memory_core'],
  toolType: 'letta_memory_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit({ label, old_content: oldText, new_content: newText }, { blocks }) {
    const block = findEditableBlock(blocks, label)
    return toBlockEdit(block, replaceAllText(block, { oldText, newText }))
  },
}
