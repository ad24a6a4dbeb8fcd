import { z } from 'zod'
import type { Passage } from '../../domain/archive.ts'
import { isTrusted } from '../../domain/fact.ts'
import type { SearchHit } from '../../domain/search.ts'
import { readRange } from '../../memory/time-range.ts'
import { formatInZone } from '../../memory/zoned-time.ts'
import { quoteAsData } from '../../memory/quote.ts'
import type { ActionTool } from '../tool.ts'
import {
  offsetOf,
  recallReturnLimit,
  renderAnswer,
  toQuote,
  toRelevance,
} from './recall-results.ts'

const parameters = z.lazy(() =>
  z.object({
    query: z.string().describe('Words to look for; empty = the newest texts.'),
    tags: z.array(z.string()).optional(),
    tag_match_mode: z.enum(['any', 'all']).default('any'),
    top_k: z.int().min(1).max(50).default(5),
    page: z.int().min(1).default(1),
    start_datetime: z
      .string()
      .optional()
      .describe('From this day or time on: "2026-03-01", "2026-03-01T08:30".'),
    end_datetime: z.string().optional().describe('Up to then; a day counts whole.'),
  }),
)

/** Searches the texts in archival memory. */
export const archivalMemorySearch: ActionTool<z.infer<typeof parameters>> = {
  kind: 'action',
  name: 'archival_memory_search',
  description: 'Search the texts in archival memory by words (best match first), tags and dates.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: true,
  returnLimit: recallReturnLimit,
  replay: 'read-only',
  quotesMemory: true,
  async run(input, { search, now, timezone }) {
    const { from, until } = readRange({
      start: input.start_datetime,
      end: input.end_datetime,
      names: ['start_datetime', 'end_datetime'],
      now,
      timezone,
    })
    const page = { page: input.page, limit: input.top_k }
    const answer = await search.passages({
      text: input.query,
      tags: input.tags ?? [],
      tagMatch: input.tag_match_mode,
      from,
      until,
      limit: input.top_k,
      offset: offsetOf(page),
    })
    const toResult = (hit: SearchHit<Passage>): Record<string, unknown> => ({
      id: hit.item.id,
      timestamp: formatInZone(hit.item.createdAt, timezone),
      ...toQuote(hit.item.text, answer.hits.length),
      tags: hit.item.tags.map(quoteAsData),
      ...(!isTrusted(hit.item.origin) && { told_by: hit.item.origin }),
      relevance: toRelevance(hit),
    })
    return { text: renderAnswer(answer, { page, toResult }) }
  },
}
