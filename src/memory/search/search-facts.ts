import type { Fact } from '../../domain/fact.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import type { FactQuery } from '../../storage/contract/fact-store.ts'
import { analyseQuery, indexTokens } from '../analysis/analyse.ts'
import { splitWords } from '../analysis/split-words.ts'
import { factText } from '../../domain/fact.ts'
import type { FactSearchQuery, FoundFact } from './agent-search.ts'
import { answerWith, noWords, unrankedAnswer } from './answer.ts'
import { emptyReason, factFilters } from './empty-reason.ts'
import { findTexts } from './find-texts.ts'
import { planQuery } from './query-plan.ts'
import type { AgentSearchOptions } from './search-source.ts'

/** More facts than are looked through for what was known in the past, which no index holds. */
const manyFacts = 5000

/** Searches the facts of one agent. */
export async function searchFacts(
  place: AgentSearchOptions,
  query: FactSearchQuery,
): Promise<SearchAnswer<FoundFact>> {
  const plan = planQuery(query.text, place)
  const empty = { kind: 'fact', analysed: plan, filters: factFilters(query, place.now) } as const
  const isBlank = query.text.trim() === ''
  if (plan.terms.length === 0 && !isBlank) return unrankedAnswer(query, noWords, [])
  if (isBlank || query.knownAt !== null) {
    const reason =
      empty.filters.length === 0 && query.validAt !== null
        ? 'No fact is known that is true now.'
        : emptyReason({ ...empty, statistics: null })
    return unrankedAnswer(query, reason, await listed(place, query))
  }
  const { agentId, store, scope } = place
  const { from, until } = query
  const found = await findTexts(place, {
    owner: { kind: 'facts', agentId },
    text: query.text,
    plan,
    filter: { roles: null, thread: null, from, until },
    choose: async (choice) => await store.searchFacts(scope, { ...choice, agentId, from, until }),
  })
  return await answerWith(query, {
    plan,
    found,
    reason: emptyReason({ ...empty, statistics: found.ranking.statistics }),
    load: async (ids) => await readFacts(place, query, { ids, limit: ids.length }),
    // Whether a fact holds, and of what kind it is, is known when it is read.
    isCounted: false,
    counts: query.counts === true,
  })
}

/** Facts by what they are about; with words, only those that hold one of them, the most first. */
async function listed(
  place: AgentSearchOptions,
  query: FactSearchQuery,
): Promise<readonly FoundFact[]> {
  const wanted = new Set(analyseQuery(query.text).terms)
  const limit = wanted.size > 0 ? manyFacts : (query.offset ?? 0) + query.limit + 1
  const facts = await readFacts(place, query, { limit })
  if (wanted.size === 0) return facts
  return facts
    .map((fact) => {
      const text = `${fact.subject} ${factText(fact)}`
      const words = new Set(indexTokens(text, splitWords(text)))
      return { fact, common: words.intersection(wanted).size }
    })
    .filter(({ common }) => common > 0)
    .toSorted((left, right) => right.common - left.common)
    .map(({ fact }) => fact)
}

async function readFacts(
  { store, scope, agentId }: AgentSearchOptions,
  query: FactSearchQuery,
  which: Pick<FactQuery, 'ids' | 'limit'>,
): Promise<readonly FoundFact[]> {
  const { kind, slots, validAt, knownAt, from, until } = query
  const facts = await store.listFacts(scope, {
    agentId,
    ...which,
    ...(kind !== undefined && { kind }),
    ...(slots !== undefined && { slots }),
    ...(validAt !== null && { validAt }),
    ...(knownAt !== null && { knownAt }),
    ...(from !== null && { from }),
    ...(until !== null && { until }),
  })
  return facts.map(toFound)
}

function toFound(fact: Fact): FoundFact {
  return { ...fact, createdAt: fact.validFrom }
}
