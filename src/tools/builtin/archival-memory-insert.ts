import { z } from 'zod'
import { AppError } from '../../errors/app-error.ts'
import { passageIdPlaceholder, type MemoryTool } from '../tool.ts'
import { memoryReturnLimit } from './block-result.ts'

const parameters = z.lazy(() =>
  z.object({
    content: z.string().describe('The text, so that it can be understood on its own.'),
    tags: z
      .array(z.string())
      .optional()
      .describe('Further words to find it by, such as ["project-x"].'),
  }),
)

/** Stores a text in archival memory. */
export const archivalMemoryInsert: MemoryTool<z.infer<typeof parameters>> = {
  kind: 'memory',
  name: 'archival_memory_insert',
  description:
    'Store a text of any length in archival memory: details and documents worth keeping that need not be in view. archival_memory_search finds it.',
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
