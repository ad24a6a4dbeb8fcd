import { z } from 'zod'
import type { Message } from '../../domain/message.ts'
import type { SearchHit } from '../../domain/search.ts'
import { searchableText } from '../../memory/search/search-entry.ts'
import { clipToCharacters } from '../../memory/clip-text.ts'
import { quoteAsData } from '../../memory/quote.ts'
import { readRange } from '../../memory/time-range.ts'
import { formatAgo, formatInZone } from '../../memory/zoned-time.ts'
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
    query: z.string().optional().describe('Words to look for; none = the newest messages.'),
    roles: z
      .array(z.enum(['assistant', 'user', 'tool']))
      .optional()
      .describe('Default: user and assistant.'),
    limit: z.int().min(1).max(50).default(5),
    page: z.int().min(1).default(1),
    start_date: z
      .string()
      .optional()
      .describe('From this day or time on: "2026-03-01", "2026-03-01T08:30".'),
    end_date: z.string().optional().describe('Up to then; a day counts whole.'),
  }),
)

/** Searches all messages the agent ever exchanged. */
export const conversationSearch: ActionTool<z.infer<typeof parameters>> = {
  kind: 'action',
  name: 'conversation_search',
  description:
    'Search everything ever said between you and the user by words (best match first), role and date. Use it whenever something is referred to that is not in view.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: true,
  returnLimit: recallReturnLimit,
  replay: 'read-only',
  quotesMemory: true,
  async run({ query, roles, limit, page, start_date: start, end_date: end }, context) {
    const { timezone, now, turnMessageIds } = context
    const range = readRange({ start, end, names: ['start_date', 'end_date'], now, timezone })
    const answer = await context.search.messages({
      text: query ?? null,
      roles: roles ?? [],
      ...range,
      excludeIds: turnMessageIds,
      limit,
      offset: offsetOf({ page, limit }),
      distinct: true,
    })
    const toResult = (hit: SearchHit<Message>): Record<string, unknown> => ({
      id: hit.item.id,
      timestamp: formatInZone(hit.item.createdAt, timezone),
      time_ago: formatAgo(hit.item.createdAt, now),
      role: hit.item.role,
      ...toSpeaker(hit.item),
      ...toQuote(searchableText(hit.item), answer.hits.length),
      relevance: toRelevance(hit),
    })
    return { text: renderAnswer(answer, { page: { page, limit }, toResult }) }
  },
}

/** How much of the name of who said it, which a client may choose, in characters. */
const nameLimit = 60

/** Who of several people said it, where a message says so; a tool's return has the name of its tool. */
function toSpeaker({ role, name }: Message): { readonly name?: string } {
  if (name === null || role === 'tool') return {}
  return { name: quoteAsData(clipToCharacters(name, nameLimit)) }
}
