import { z } from 'zod'
import { findEditableBlock, replaceOnce } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string(),
    old_string: z
      .string()
      .describe('Exactly as it stands in the block, blanks and line breaks too.'),
    new_string: z.string().describe('Without line numbers; empty to delete.'),
  }),
)

/** Replaces the one occurrence of a text in a memory block. */
export const memoryReplace: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_replace',
  description:
    'Replace one passage of a memory block, to correct or update it. The old text must match exactly and occur once; add the words around it when it does not.',
  parameters,
  tags: ['letta_sleeptime_core'],
  toolType: 'letta_sleeptime_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit({ label, old_string: oldText, new_string: newText }, { blocks }) {
    const block = findEditableBlock(blocks, label)
    return toBlockEdit(block, replaceOnce(block, { oldText, newText }))
  },
}
