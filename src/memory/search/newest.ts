import type { Passage } from '../../domain/archive.ts'
import type { Message } from '../../domain/message.ts'
import type { SpokenRange } from '../../domain/search.ts'
import type { MessageQuery, PassageQuery } from './agent-search.ts'
import { searchConstants } from './search-constants.ts'
import { isInRanges } from './query-plan.ts'
import { searchableText } from './search-entry.ts'
import type { AgentSearchOptions, SearchPlace } from './search-source.ts'

/** What is looked for among messages, and the times it speaks of. */
type RangedQuery = MessageQuery & { readonly ranges?: readonly SpokenRange[] }

/**
 * The newest searchable messages that pass the filters of `query`, by when they were said, newest first.
 *
 * Reads backwards page by page until there are enough; gives up when a whole page is older than what is wanted.
 */
export function newestMessages(
  { store, scope, agentId }: AgentSearchOptions,
  query: RangedQuery,
): Promise<readonly Message[]> {
  const excluded = new Set(query.excludeIds)
  const { conversationId, ranges } = query
  const span = spanOf(query)
  return collectNewest<Message>(
    { ...query, ...span },
    {
      read: async ({ before, limit }) => {
        const page = await store.listMessages(scope, {
          agentId,
          roles: query.roles,
          ...(span.until !== null && { until: span.until }),
          orderBy: 'createdAt',
          order: 'desc',
          limit,
          ...(before === undefined ? {} : { before }),
        })
        return page.toReversed()
      },
      accepts: (message) =>
        message.searchable &&
        searchableText(message) !== '' &&
        !excluded.has(message.id) &&
        (conversationId === undefined || message.conversationId === conversationId) &&
        (ranges === undefined || isInRanges(message.createdAt, ranges)),
    },
  )
}

/** The time that all messages that are wanted are of: within the filter, and from the first range to the last. */
function spanOf({ from, until, ranges }: RangedQuery): Pick<MessageQuery, 'from' | 'until'> {
  if (ranges === undefined) return { from, until }
  const first = Math.min(...ranges.map((range) => range.from ?? earliest))
  const last = Math.max(...ranges.map((range) => range.until ?? latest))
  const [start, end] = [Math.max(from ?? earliest, first), Math.min(until ?? latest, last)]
  return { from: start === earliest ? null : start, until: end === latest ? null : end }
}

const earliest = Number.NEGATIVE_INFINITY
const latest = Number.POSITIVE_INFINITY

/** Whose passages are meant: an agent's, or those of one archive. */
export type PassageOwner = { readonly agentId: string } | { readonly archiveId: string }

/** The newest passages that pass the filters of `query`, newest first. */
export function newestPassages(
  { store, scope }: SearchPlace,
  owner: PassageOwner,
  query: PassageQuery,
): Promise<readonly Passage[]> {
  return collectNewest<Passage>(query, {
    read: ({ before, limit }) =>
      store.listPassages(scope, {
        ...owner,
        order: 'desc',
        limit,
        ...(before === undefined ? {} : { before }),
      }),
    accepts: (passage) => matchesTags(passage.tags, query),
  })
}

/** How to read pages of items, newest first, and which items count. */
interface Pages<Item> {
  read(page: {
    readonly before: string | undefined
    readonly limit: number
  }): Promise<readonly Item[]>
  accepts(item: Item): boolean
}

/** Pages grow, as for each of an imported history all of it is put in order. */
async function collectNewest<Item extends { readonly id: string; readonly createdAt: number }>(
  query: Pick<MessageQuery, 'from' | 'until' | 'limit' | 'offset'>,
  pages: Pages<Item>,
): Promise<readonly Item[]> {
  const [first, last] = [query.from ?? earliest, query.until ?? latest]
  const wanted = (query.offset ?? 0) + query.limit + 1
  const found: Item[] = []
  let before: string | undefined
  let limit: number = searchConstants.pageSize
  while (found.length < wanted) {
    const page = await pages.read({ before, limit })
    for (const item of page) {
      if (item.createdAt < first || item.createdAt > last) continue
      if (found.length < wanted && pages.accepts(item)) found.push(item)
    }
    before = page.at(-1)?.id
    if (page.length < limit) break
    limit = Math.min(limit * 2, searchConstants.largestPage)
    if (page.every((item) => item.createdAt < first)) break
  }
  return found
}

function matchesTags(
  tags: readonly string[],
  query: Pick<PassageQuery, 'tags' | 'tagMatch'>,
): boolean {
  if (query.tags.length === 0) return true
  const has = (tag: string): boolean => tags.includes(tag)
  return query.tagMatch === 'all' ? query.tags.every(has) : query.tags.some(has)
}
