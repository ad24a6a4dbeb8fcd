import type { Passage } from '../../domain/archive.ts'
import type { Message } from '../../domain/message.ts'
import type { SpokenRange } from '../../domain/search.ts'
import type { MessageQuery, PassageQuery } from './agent-search.ts'
import { searchConstants } from './search-constants.ts'
import { isInRanges } from './query-plan.ts'
import { searchableText } from './search-entry.ts'
import type { AgentSearchOptions, SearchPlace } from './search-source.ts'

/**
 * The newest searchable messages that pass the filters of `query`, newest first.
 *
 * Reads backwards page by page until there are enough; gives up when a whole page is older than `query.from`.
 */
export function newestMessages(
  { store, scope, agentId }: AgentSearchOptions,
  query: MessageQuery & { readonly ranges?: readonly SpokenRange[] },
): Promise<readonly Message[]> {
  const excluded = new Set(query.excludeIds)
  const { conversationId, ranges } = query
  return collectNewest<Message>(query, {
    read: async (before) => {
      const page = await store.listMessages(scope, {
        agentId,
        roles: query.roles,
        order: 'desc',
        limit: searchConstants.pageSize,
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
  })
}

/** Whose passages are meant: an agent's, or those of one archive. */
export type PassageOwner = { readonly agentId: string } | { readonly archiveId: string }

/** The newest passages that pass the filters of `query`, newest first. */
export function newestPassages(
  { store, scope }: SearchPlace,
  owner: PassageOwner,
  query: PassageQuery,
): Promise<readonly Passage[]> {
  return collectNewest<Passage>(query, {
    read: (before) =>
      store.listPassages(scope, {
        ...owner,
        order: 'desc',
        limit: searchConstants.pageSize,
        ...(before === undefined ? {} : { before }),
      }),
    accepts: (passage) => matchesTags(passage.tags, query),
  })
}

/** How to read pages of items, newest first, and which items count. */
interface Pages<Item> {
  read(before: string | undefined): Promise<readonly Item[]>
  accepts(item: Item): boolean
}

async function collectNewest<Item extends { readonly id: string; readonly createdAt: number }>(
  query: Pick<MessageQuery, 'from' | 'until' | 'limit' | 'offset'>,
  pages: Pages<Item>,
): Promise<readonly Item[]> {
  const { from, until } = query
  const limit = (query.offset ?? 0) + query.limit + 1
  const earliest = from ?? Number.NEGATIVE_INFINITY
  const latest = until ?? Number.POSITIVE_INFINITY
  const found: Item[] = []
  let before: string | undefined
  while (found.length < limit) {
    const page = await pages.read(before)
    for (const item of page) {
      if (item.createdAt < earliest || item.createdAt > latest) continue
      if (found.length < limit && pages.accepts(item)) found.push(item)
    }
    before = page.at(-1)?.id
    if (page.length < searchConstants.pageSize) break
    if (page.every((item) => item.createdAt < earliest)) break
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
