import { z } from 'zod'
import type { MemoryTool } from '../tool.ts'
import { memoryReturnLimit } from './block-result.ts'

const parameters = z.lazy(() => z.object({}))

/** Says that an agent is done with its edits; changes nothing. */
export const memoryFinishEdits: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'memory_finish_edits',
  description: 'Say that all edits of memory are done. Call it last, once.',
  parameters,
  tags: ['letta_sleeptime_core'],
  toolType: 'letta_sleeptime_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit: () => ({ blocks: [], passages: [], text: 'Edits of memory are finished.' }),
}
