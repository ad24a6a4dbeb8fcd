import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { SearchableRole } from '../../memory/search/agent-search.ts'
import { createAgentSearch } from '../../memory/search/create-agent-search.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import { type GivenDates, readRange } from '../../memory/time-range.ts'
import type { MessageListQuery } from '../../storage/contract/conversation-store.ts'
import { present } from '../../wire/optional.ts'
import type { AppParts } from '../app-parts.ts'
import { type SearchMode, toModeParts } from './search-mode.ts'
import { withSystemViews } from './system-views.ts'

/** What to look for among the messages of one agent. */
export interface MessageSearchQuery {
  readonly agentId: string
  readonly text: string
  readonly conversationId: string | null
  /** Only messages of these roles; empty = user and assistant. */
  readonly roles: readonly SearchableRole[]
  /** Only what was said at this time, read in the zone of the agent. */
  readonly dates: GivenDates
  readonly limit: number
  /** How many of the best to pass over. */
  readonly offset: number
  /** By what to find. Default: `hybrid`. */
  readonly mode?: SearchMode
  /** The query's vector of the agent's embedding model. Default: the model's endpoint makes it. */
  readonly vector?: readonly number[]
  /** Up to how many messages all are scored. Default: `searchConstants.completeUpTo`. */
  readonly completeUpTo?: number
}

/** Reading and finding messages; they are written by turns alone. */
export interface MessageService {
  /** Messages oldest first: with `desc` the newest, with `asc` the oldest `limit`. `not_found` for an unknown cursor. */
  list(scope: TenantScope, query: MessageListQuery): Promise<readonly Message[]>
  /** One message; `not_found`. */
  get(scope: TenantScope, id: string): Promise<Message>
  /**
   * Messages, best first. `not_found` when there is no such agent; `validation_failed` as
   * {@link readRange}; by a mode it rejects as {@link toModeParts} does.
   */
  search(scope: TenantScope, query: MessageSearchQuery): Promise<SearchAnswer<Message>>
}

/** Makes the service of messages. System messages that open a conversation are shown as they would be compiled now. */
export function createMessageService(parts: AppParts): MessageService {
  const { store, clock, texts, embedders } = parts
  return {
    async list(scope, query) {
      return await withSystemViews(parts, scope, await store.listMessages(scope, query))
    },
    async get(scope, id) {
      const found = await withSystemViews(
        parts,
        scope,
        await store.getMessages(scope, { ids: [id] }),
      )
      const [message] = found
      if (message !== undefined) return message
      throw new AppError('not_found', `Message not found with id=${id}`)
    },
    async search(scope, query) {
      const { agentId, completeUpTo, conversationId } = query
      const { timezone, embedding } = await store.getAgent(scope, { id: agentId })
      const now = clock.now()
      const range = readRange({ ...query.dates, now, timezone })
      const { mode = 'hybrid', vector } = query
      const { text, dense } = await toModeParts(
        { mode, text: query.text, ...present({ vector }) },
        { embedders, model: embedding },
      )
      const place = {
        store,
        texts,
        scope,
        agentId,
        timezone,
        now,
        ...present({ dense, completeUpTo }),
      }
      const answer = await createAgentSearch(place).messages({
        text,
        roles: query.roles,
        ...range,
        excludeIds: [],
        limit: query.limit,
        offset: query.offset,
        ...(conversationId === null ? {} : { conversationId }),
      })
      if (mode !== 'vector' || answer.reason === null) return answer
      return {
        ...answer,
        reason: `No message that passes the filter has a vector of ${embedding}.`,
      }
    },
  }
}
