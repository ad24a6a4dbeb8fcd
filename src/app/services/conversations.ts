import type { Conversation } from '../../domain/conversation.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type {
  ConversationPatch,
  ConversationQuery,
} from '../../storage/contract/conversation-store.ts'
import type { JsonObject } from '../../util/json.ts'
import type { AppParts } from '../app-parts.ts'
import type { ModelService } from './models.ts'
import { newConversation } from './new-conversation.ts'
import { compileSystemView, openingSystemView } from './system-views.ts'

/** What a request says of a conversation; absent = not given. */
export interface ConversationFields {
  readonly summary?: string
  /** A handle or a bare name, not yet resolved. */
  readonly model?: string
  readonly modelSettings?: JsonObject
  readonly contextWindow?: number
  readonly hidden?: boolean
  readonly archived?: boolean
  readonly lastMessageAt?: number
}

/** Conversations of agents. */
export interface ConversationService {
  /** Opens a conversation with a system message of its own. `not_found`, and the codes of unknown models. */
  create(scope: TenantScope, agentId: string, fields: ConversationFields): Promise<Conversation>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<Conversation>
  /** Conversations but the default ones. */
  list(scope: TenantScope, query: ConversationQuery): Promise<readonly Conversation[]>
  /** Changes what is given. `not_found`, and the codes of unknown models. */
  update(scope: TenantScope, id: string, fields: ConversationFields): Promise<Conversation>
  /** Removes a conversation; `not_found` also the second time. */
  delete(scope: TenantScope, id: string): Promise<void>
  /** The identifiers in its view, the system message first. */
  viewIds(scope: TenantScope, id: string): Promise<readonly string[]>
  /** The system message as it would be compiled now. */
  systemView(scope: TenantScope, id: string): Promise<string>
}

/** Makes the service of conversations. */
export function createConversationService(
  parts: AppParts & { readonly modelService: ModelService },
): ConversationService {
  const { store, clock, ids, modelService } = parts

  async function toSet(fields: ConversationFields): Promise<ConversationPatch['set']> {
    const { archived, model, ...rest } = fields
    return {
      ...rest,
      ...(model !== undefined && { model: await modelService.canonicalHandle(model) }),
      ...(archived !== undefined && { archivedAt: archived ? clock.now() : null }),
    }
  }

  return {
    async create(scope, agentId, fields) {
      const agent = await store.getAgent(scope, { id: agentId })
      const [set, blocks] = await Promise.all([
        toSet(fields),
        store.listAgentBlocks(scope, { agentId }),
      ])
      const id = newIdentifier(ids, 'conversation')
      const at = clock.now()
      const start = newConversation(ids, {
        id,
        agent,
        isDefault: false,
        system: openingSystemView(agent, blocks, { conversationLabel: id, compiledAt: at }),
        initial: [],
        at,
        fields: set,
      })
      return await store.createConversation(scope, start)
    },
    get: (scope, id) => store.getConversation(scope, { id }),
    list: (scope, query) => store.listConversations(scope, query),
    async update(scope, id, fields) {
      const set = await toSet(fields)
      return await store.updateConversation(scope, { id, at: clock.now(), set })
    },
    delete: (scope, id) => store.deleteConversation(scope, { id }),
    async viewIds(scope, id) {
      const views = await store.listViewMessageIds(scope, { conversationIds: [id] })
      return views[id] ?? []
    },
    async systemView(scope, id) {
      const conversation = await store.getConversation(scope, { id })
      const agent = await store.getAgent(scope, { id: conversation.agentId })
      return await compileSystemView(parts, scope, { agent, conversation })
    },
  }
}
