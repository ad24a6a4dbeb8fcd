import type { Passage } from '../../domain/archive.ts'
import { messageText, type Message } from '../../domain/message.ts'
import { analyseQuery, type AnalysedQuery } from '../analysis/analyse.ts'
import type {
  AgentSearch,
  MessageQuery,
  PassageQuery,
  SearchAnswer,
  SearchHit,
} from './agent-search.ts'
import { emptyReason, messageFilters, passageFilters } from './empty-reason.ts'
import { newestMessages, newestPassages } from './newest.ts'
import { rank } from './rank.ts'
import { searchConstants } from './search-constants.ts'
import type { AgentSearchOptions } from './search-source.ts'
import { statisticsWithout } from './statistics-without.ts'

/**
 * The one search pipeline, bound to one agent: analyse the query, take candidates from the store, rank them.
 *
 * Whatever an operation of the store has committed is found. Rejects with what the store rejects with.
 */
export function createAgentSearch(options: AgentSearchOptions): AgentSearch {
  return {
    messages: (query) => searchMessages(options, query),
    passages: (query) => searchPassages(options, query),
  }
}

async function searchMessages(
  options: AgentSearchOptions,
  given: MessageQuery,
): Promise<SearchAnswer<Message>> {
  const query: MessageQuery = {
    ...given,
    roles: given.roles.length === 0 ? ['user', 'assistant'] : [...new Set(given.roles)],
    excludeIds: [...new Set(given.excludeIds)],
  }
  const text = query.text ?? ''
  const analysed = toQuery(text)
  const empty = { kind: 'message', analysed, filters: messageFilters(query) } as const
  if (text.trim() === '') {
    const hits = (await newestMessages(options, query)).map(unscored)
    return answer(hits, emptyReason({ ...empty, statistics: null }))
  }
  if (analysed.terms.length === 0) return answer([], noWords)
  const candidates = await options.store.searchMessages(options.scope, {
    agentId: options.agentId,
    terms: analysed.terms,
    roles: query.roles,
    from: query.from,
    until: query.until,
    excludeIds: query.excludeIds,
    limit: searchConstants.candidateLimit,
  })
  const statistics = await statisticsWithout(options, query.excludeIds, candidates.statistics)
  const ranked = rank(analysed.terms, { items: candidates.items, statistics })
  const hits = query.distinct === true ? newestOfEachText(ranked) : ranked
  return answer(hits.slice(0, query.limit), emptyReason({ ...empty, statistics }))
}

async function searchPassages(
  options: AgentSearchOptions,
  query: PassageQuery,
): Promise<SearchAnswer<Passage>> {
  const analysed = toQuery(query.text)
  const empty = { kind: 'passage', analysed, filters: passageFilters(query) } as const
  if (query.text.trim() === '') {
    const hits = (await newestPassages(options, query)).map(unscored)
    return answer(hits, emptyReason({ ...empty, statistics: null }))
  }
  if (analysed.terms.length === 0) return answer([], noWords)
  const candidates = await options.store.searchPassages(options.scope, {
    agentId: options.agentId,
    terms: analysed.terms,
    tags: query.tags,
    tagMatch: query.tagMatch,
    from: query.from,
    until: query.until,
    limit: searchConstants.candidateLimit,
  })
  return answer(
    rank(analysed.terms, candidates).slice(0, query.limit),
    emptyReason({ ...empty, statistics: candidates.statistics }),
  )
}

const noWords = 'The query holds no letters or digits, so there is nothing to look for.'

/** Of a long text, such as a document pasted into a question, only the beginning and the end are looked for. */
function toQuery(text: string): AnalysedQuery {
  const analysed = analyseQuery(text)
  const { maxTerms } = searchConstants
  if (analysed.terms.length <= maxTerms) return analysed
  const half = maxTerms / 2
  return { ...analysed, terms: [...analysed.terms.slice(0, half), ...analysed.terms.slice(-half)] }
}

function answer<Item>(hits: readonly SearchHit<Item>[], reason: string): SearchAnswer<Item> {
  return { hits, reason: hits.length === 0 ? reason : null }
}

function unscored<Item>(item: Item): SearchHit<Item> {
  return { item, score: 0, coverage: 0 }
}

/** Keeps of hits with the same role and text only the first; equal texts score alike, so the first is the newest. */
function newestOfEachText(hits: readonly SearchHit<Message>[]): readonly SearchHit<Message>[] {
  const seen = new Set<string>()
  return hits.filter(({ item }) => {
    if (item.role === 'tool') return true
    const text = `${item.role}\n${messageText(item).trim().toLowerCase()}`
    const isNew = !seen.has(text)
    seen.add(text)
    return isNew
  })
}
