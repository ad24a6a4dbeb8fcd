import { z } from 'zod'
import { summaryOf } from '../../domain/message.ts'
import { AppError } from '../../errors/app-error.ts'
import { searchableText } from '../../memory/search/search-entry.ts'
import { formatInZone } from '../../memory/zoned-time.ts'
import type { ActionTool } from '../tool.ts'
import { recallReturnLimit, toQuote } from './recall-results.ts'

const parameters = z.lazy(() =>
  z.object({
    summary_id: z.string().optional().describe('Default: the one in view.'),
    after: z.int().min(0).default(0).describe('The next_after of the page before.'),
    limit: z.int().min(1).max(50).default(20),
  }),
)

/** Shows the messages that a summary stands for. */
export const expandSummary: ActionTool<z.infer<typeof parameters>> = {
  kind: 'action',
  name: 'expand_summary',
  description:
    'Read the messages that a summary stands for, word for word and in order. For a detail that it leaves out, when you know no words for conversation_search.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: true,
  onlyWithSummary: true,
  returnLimit: recallReturnLimit,
  replay: 'read-only',
  quotesMemory: true,
  async run({ summary_id: given, after, limit }, { summaries, timezone }) {
    const summaryId = given ?? summaries.currentId
    if (summaryId === null) {
      throw new AppError(
        'not_found',
        'Cannot expand a summary: this conversation has none, all of it is in view. Name one by its id to read another.',
      )
    }
    const found = await summaries.sources({ summaryId, after, limit: limit + 1 })
    const shown = found.slice(0, limit)
    const results = shown.map(({ message }) => {
      const earlier = summaryOf(message)
      return {
        id: message.id,
        timestamp: formatInZone(message.createdAt, timezone),
        role: message.role,
        ...toQuote(earlier === null ? searchableText(message) : earlier.text, shown.length),
        ...(earlier !== null && { note: 'An earlier summary: expand it by its id.' }),
      }
    })
    const last = shown.at(-1)
    const nextAfter = found.length > limit && last !== undefined ? last.position : null
    const message = shown.length > 0 ? {} : { message: nothingThere(after) }
    return {
      text: JSON.stringify({ summary_id: summaryId, ...message, next_after: nextAfter, results }),
    }
  },
}

/** Why a page is empty: a place behind the last message, or messages that were all forgotten. */
function nothingThere(after: number): string {
  return after === 0
    ? 'Nothing is left of what this summary stands for: it was forgotten.'
    : `There is nothing after ${after}: the page before was the last one.`
}
