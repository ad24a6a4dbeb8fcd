import { z } from 'zod'
import { editAsSeen, findEditableBlock, rethinkText } from '../../memory/blocks/edit-block.ts'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit, toBlockEdit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    label: z.string(),
    new_memory: z.string().describe('The whole new value.'),
  }),
)

/** Writes a memory block anew. */
export const memoryRethink: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_rethink',
  description:
    'Write a whole memory block anew, to reorganise or condense it: what the new value leaves out is gone. For a small change use an edit that cannot lose the rest.',
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
