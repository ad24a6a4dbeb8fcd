import { z } from 'zod'
import { editAsSeen, findEditableBlock, rethinkText } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string().describe('Label of the memory block to write anew.'),
    new_memory: z
      .string()
      .describe('The whole new value. What it leaves out of the old value is gone from the block.'),
  }),
)

/** Writes a memory block anew. */
export const memoryRethink: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_rethink',
  description:
    'Write a memory block anew as a whole, to reorganise or condense it. For a small change use memory_replace or memory_insert, which cannot lose the rest. Returns the new value of the block.',
  parameters,
  tags: ['letta_sleeptime_core'],
  toolType: 'letta_sleeptime_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit({ label, new_memory: text }, { blocks, seen = {} }) {
    const block = findEditableBlock(blocks, label)
    const value = editAsSeen(block, seen[block.id], (shown) => rethinkText(shown, text))
    return toBlockEdit(block, value)
  },
}
