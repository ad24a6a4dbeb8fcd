import { z } from 'zod'
import { AppError } from '../../errors/app-error.ts'
import { passageIdPlaceholder, type MemoryTool } from '../tool.ts'
import { memoryReturnLimit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    content: z
      .string()
      .describe('The text to keep. Write it so that it can be understood on its own later.'),
    tags: z
      .array(z.string())
      .optional()
      .describe('Words to find it by in addition to its own, such as ["meeting", "project-x"].'),
  }),
)

/** Stores a text in archival memory. */
export const archivalMemoryInsert: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'archival_memory_insert',
  description:
    'Store a text in archival memory, which has no size limit and is not in view: archival_memory_search finds it again by its words, tags and date. Use it for facts, summaries and documents that are worth keeping but need not be in view all the time. Returns the identifier of the stored text.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: false,
  returnLimit: memoryReturnLimit,
  edit({ content, tags = [] }) {
    if (content.trim() === '') {
      throw new AppError(
        'invalid_argument',
        'Cannot store a text in archival memory: content is empty. Give the text to keep.',
      )
    }
    const given = tags.map((tag) => tag.trim()).filter((tag) => tag !== '')
    return {
      blocks: [],
      passages: [{ text: content, tags: [...new Set(given)], origin: 'agent' }],
      text: `Stored in archival memory as ${passageIdPlaceholder}.`,
    }
  },
}
