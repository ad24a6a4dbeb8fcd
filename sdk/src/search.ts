import type { Letta } from '@letta-ai/letta-client'
import { LettaError, toLettaError } from './errors.ts'
import type { SearchRelevance } from './facts.ts'
import { withoutAbsent } from './request.ts'
import type { FoundMessage, FoundPassage } from './vectors.ts'

/** What to look for by words. Times may be words such as "last month"; days are those of the agent's zone. */
export interface TextSearch {
  readonly query: string
  /** Only what is of that time or later. */
  readonly from?: string | undefined
  /** Only what is of that time or earlier: a day counts whole. */
  readonly to?: string | undefined
  /** Default: 50. */
  readonly limit?: number | undefined
  /** How many of the best to pass over. Default: 0. */
  readonly offset?: number | undefined
}

/** What to look for among messages. */
export interface MessageSearch extends TextSearch {
  /** Default: user and assistant. */
  readonly roles?: readonly ('user' | 'assistant' | 'tool')[] | undefined
  /** Default: all of the agent's. */
  readonly conversationId?: string | undefined
}

/** What to look for in archival memory. */
export interface PassageSearch extends TextSearch {
  readonly tags?: readonly string[] | undefined
  /** Whether one of the tags is enough. Default: `any`. */
  readonly tagMatch?: 'any' | 'all' | undefined
}

/** What a search found, and how. */
export interface SearchPage<Found> {
  /** Best first. */
  readonly results: readonly (Found & { readonly relevance: SearchRelevance })[]
  /** Why there are none; null when there are. */
  readonly reason: string | null
  readonly has_more: boolean
  /** How many there are on all pages; null where they were not counted. */
  readonly total: number | null
  /** Whether more match than there are on all pages: of very many only the best are ranked. */
  readonly cut: boolean
  /** How they were found; null = by date alone. */
  readonly explanation: Readonly<Record<string, unknown>> | null
}

/** Search by words in what an agent said, was told and keeps. Every operation throws `LettaError`; facts have a search of their own. */
export interface AgentSearch {
  messages(search: MessageSearch): Promise<SearchPage<FoundMessage>>
  passages(search: PassageSearch): Promise<SearchPage<{ readonly passage: FoundPassage }>>
}

/** The search of one agent, through the connection of the official client. */
export function createAgentSearch(letta: Letta, agentId: string): AgentSearch {
  const post = async <Found>(
    path: string,
    { from, to, ...wanted }: TextSearch,
    others: object,
  ): Promise<Found> => {
    const dates = { start_date: from, end_date: to }
    const body = { ...wanted, ...dates, ...others, agent_id: agentId, explain: true }
    try {
      return await letta.post<Found>(path, { body: withoutAbsent(body) })
    } catch (error) {
      throw inOurNames(toLettaError(error))
    }
  }
  return {
    messages: ({ conversationId, ...search }) =>
      post('/v1/messages/search', search, { conversation_id: conversationId }),
    passages: ({ tagMatch, ...search }) =>
      post('/v1/passages/search', search, { tag_match_mode: tagMatch }),
  }
}

/** A refusal names the fields of the wire; who called knows them by other names. */
function inOurNames(error: LettaError): LettaError {
  const message = error.message
    .replace(/\bstart_date (?=")/, 'from ')
    .replace(/\bend_date (?=")/, 'to ')
  const { code, status, runId } = error
  return new LettaError(code, message, { status, runId, cause: error.cause })
}
