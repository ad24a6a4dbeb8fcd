import { z } from 'zod'
import { isTrusted } from '../../domain/fact.ts'
import { dayOf } from '../../memory/facts/tell-fact.ts'
import { readRange } from '../../memory/time-range.ts'
import { buildTimeline } from '../../memory/timeline/build-timeline.ts'
import { formatInZone } from '../../memory/zoned-time.ts'
import type { ActionTool } from '../tool.ts'
import { offsetOf, recallReturnLimit, toQuote } from './recall-results.ts'

const parameters = z.lazy(() =>
  z.object({
    query: z
      .string()
      .default('')
      .describe('What it is about, such as "Anna job"; none = everything.'),
    from: z.string().optional().describe('"2026-03-01", "last month".'),
    to: z.string().optional().describe('Inclusive.'),
    newest_first: z.boolean().default(false),
    limit: z.int().min(1).max(50).default(20),
    page: z.int().min(1).default(1),
  }),
)

/** Puts what is stored of something in the order of its dates. */
export const timeline: ActionTool<z.infer<typeof parameters>> = {
  kind: 'action',
  name: 'timeline',
  description:
    'List what was said, stored and remembered of something in the order in which it happened: what came first, what after.',
  parameters,
  tags: ['letta_core'],
  toolType: 'letta_core',
  parallel: true,
  returnLimit: recallReturnLimit,
  replay: 'read-only',
  quotesMemory: true,
  async run(input, { search, timezone, now, turnMessageIds }) {
    const { query, from, to, newest_first: newestFirst, limit, page } = input
    const { entries, hasMore, isCut, reason } = await buildTimeline(
      search,
      {
        text: query,
        ...readRange({ start: from, end: to, names: ['from', 'to'], now, timezone }),
        newestFirst,
        excludeIds: turnMessageIds,
        limit,
        offset: offsetOf({ page, limit }),
      },
      timezone,
    )
    const more = hasMore ? ` (more on page ${page + 1})` : ''
    const cut = isCut ? ' Only the best or newest matches were put in order.' : ''
    return {
      text: JSON.stringify({
        message: `${reason ?? `In order of time${more}:`}${cut}`,
        events: entries.map((entry) => ({
          date: dayOf(entry.at, timezone),
          kind: entry.kind,
          id: entry.id,
          ...(entry.role !== null && { role: entry.role }),
          ...(entry.origin !== null && !isTrusted(entry.origin) && { told_by: entry.origin }),
          ...(entry.phrase !== null && { said: formatInZone(entry.saidAt, timezone) }),
          ...toQuote(entry.text, entries.length),
        })),
      }),
    }
  },
}
