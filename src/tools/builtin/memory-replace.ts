import { z } from 'zod'
import { findEditableBlock, replaceOnce } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string().describe('Label of the memory block to change.'),
    old_string: z
      .string()
      .describe(
        'The text to replace, exactly as it stands in the block with all blanks and line breaks. It must occur exactly once.',
      ),
    new_string: z
      .string()
      .describe(
        'What to write in its place, without line number prefixes; empty deletes the old text.',
      ),
  }),
)

/** Replaces the one occurrence of a text in a memory block. */
export const memoryReplace: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_replace',
  description:
    'Replace one passage of text in a memory block. The old text must match exactly and occur once; add the words around it when it does not. Use it to correct or update what is remembered. Returns the new value of the block.',
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
