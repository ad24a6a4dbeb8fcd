import type { App } from '../../app/app.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { AppError } from '../../errors/app-error.ts'
import { contextQuery, encodeContext, encodeSentContext } from '../../wire/context.ts'
import { decodeQuery } from '../../wire/query.ts'
import type { Api } from '../api.ts'
import { conversationOf } from '../conversation-path.ts'
import { pathId, queryOf } from './path.ts'

/** What fills the window of a conversation, and what was sent last. */
export function addContextRoutes(api: Api, app: App): void {
  api.get('/agents/:agent_id/context', async (context) => {
    const { agents, contexts, conversations } = app.services
    const scope = context.get('scope')
    const query = decodeQuery(contextQuery, queryOf(context))
    const agent = await agents.get(scope, pathId(context, 'agent'))
    const conversationId =
      query.conversation_id === undefined
        ? defaultConversationId(agent.id)
        : conversationOf(query.conversation_id, agent.id)
    const { agentId } = await conversations.get(scope, conversationId)
    if (agentId !== agent.id) {
      throw new AppError(
        'not_found',
        `Cannot find the conversation ${conversationId}: it is another agent's. Check the ids.`,
      )
    }
    return query.view === 'sent'
      ? context.json(encodeSentContext(await contexts.sent(scope, conversationId)))
      : context.json(encodeContext(await contexts.overview(scope, conversationId)))
  })
}
