import type { AgentSearch } from './agent-search.ts'
import { searchFacts } from './search-facts.ts'
import { searchMessages } from './search-messages.ts'
import { searchPassages } from './search-passages.ts'
import type { AgentSearchOptions } from './search-source.ts'

/**
 * The one search pipeline, bound to one agent: take the query apart, take candidates from the store, rank them, read
 * the best.
 *
 * Whatever an operation of the store has committed is found. Rejects with what the store rejects with.
 */
export function createAgentSearch(options: AgentSearchOptions): AgentSearch {
  const { agentId } = options
  return {
    messages: (query) => searchMessages(options, query),
    passages: (query) => searchPassages(options, { agentId }, query),
    facts: (query) => searchFacts(options, query),
  }
}
