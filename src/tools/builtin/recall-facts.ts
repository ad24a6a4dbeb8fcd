import { z } from 'zod'
import { factText } from '../../domain/fact.ts'
import type { SearchHit } from '../../domain/search.ts'
import { slotOf } from '../../memory/facts/fact-keys.ts'
import { readMoment } from '../../memory/facts/read-time.ts'
import { quoteAsData } from '../../memory/quote.ts'
import type { FoundFact } from '../../memory/search/agent-search.ts'
import { formatInZone } from '../../memory/zoned-time.ts'
import type { ActionTool } from '../tool.ts'
import { offsetOf, recallReturnLimit, renderAnswer, toRelevance } from './recall-results.ts'

const parameters = z.lazy(() =>
  z.object({
    query: z.string().optional().describe('Words to look for; none = all facts of the subject.'),
    subject: z.string().optional().describe('"user" for the user.'),
    attribute: z.string().optional(),
    as_of: z
      .string()
      .optional()
      .describe('What was true then: "2026-03-01", "last month". Default: now.'),
    known_at: z.string().optional().describe('As it was known then.'),
    history: z.boolean().default(false).describe('Former and future values too.'),
    limit: z.int().min(1).max(50).default(10),
    page: z.int().min(1).default(1),
  }),
)

/** Recalls facts, as they are or as they were. */
export const recallFacts: ActionTool<z.infer<typeof parameters>> = {
  kind: 'action',
  name: 'recall_facts',
  description:
    'Recall remembered facts: what is true now or was at a time. Contradictions are all returned, marked as contested, with their sources.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: true,
  returnLimit: recallReturnLimit,
  replay: 'read-only',
  quotesMemory: true,
  async run(input, { search, timezone, now }) {
    const { query, subject, attribute, as_of: asOf, known_at: knownAt, limit, page } = input
    const moment = (text: string | undefined, name: string): number | null =>
      text === undefined || text.trim() === '' ? null : readMoment({ text, name, now, timezone })
    const answer = await search.facts({
      text: [query, attribute === undefined ? subject : undefined]
        .filter((text) => text !== undefined)
        .join(' '),
      ...(attribute !== undefined && { slots: [slotOf(subject ?? '', attribute)] }),
      kind: 'fact',
      validAt: moment(asOf, 'as_of') ?? (input.history ? null : now),
      knownAt: moment(knownAt, 'known_at'),
      from: null,
      until: null,
      limit,
      offset: offsetOf({ page, limit }),
    })
    const toResult = (hit: SearchHit<FoundFact>): Record<string, unknown> => toEntry(hit, timezone)
    return { text: renderAnswer(answer, { page: { page, limit }, toResult }) }
  },
}

function toEntry(hit: SearchHit<FoundFact>, timezone: string): Record<string, unknown> {
  const { item } = hit
  return {
    id: item.id,
    fact: quoteAsData(factText(item)),
    since: formatInZone(item.validFrom, timezone),
    ...(item.validUntil !== null && { until: formatInZone(item.validUntil, timezone) }),
    ...(item.isContested && { contested: true }),
    origin: item.origin,
    recorded: formatInZone(item.recordedAt, timezone),
    sources: item.sourceMessageIds,
    relevance: toRelevance(hit),
  }
}
