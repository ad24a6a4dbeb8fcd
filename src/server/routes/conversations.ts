import { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { ConversationFields } from '../../app/services/conversations.ts'
import { AppError } from '../../errors/app-error.ts'
import {
  conversationListQuery,
  createConversationSchema,
  encodeConversation,
  updateConversationSchema,
} from '../../wire/conversation.ts'
import { identifierSchema } from '../../wire/identifier.ts'
import { optional, present } from '../../wire/optional.ts'
import { decodeQuery } from '../../wire/query.ts'
import { cancelRunsSchema } from '../../wire/run.ts'
import type { Api } from '../api.ts'
import { conversationOf } from '../conversation-path.ts'
import { readBody, readOptionalBody } from '../request-body.ts'
import { pathId, pathText, queryOf } from './path.ts'

const createQuery = z.lazy(() => z.object({ agent_id: identifierSchema('agent') }))
const placeQuery = z.lazy(() => z.object({ agent_id: z.string().optional() }))
const placeBody = z.lazy(() => z.object({ agent_id: optional(z.string()) }))

const orders = {
  created_at: 'createdAt',
  last_run_completion: 'lastRunCompletion',
  last_message_at: 'lastMessageAt',
} as const

/** Conversations: create, read, change, archive, delete, cancel, recompile. */
export function addConversationRoutes(api: Api, app: App): void {
  const { conversations, runs } = app.services
  const { bodyLimitBytes } = app.settings

  api.post('/conversations', async (context) => {
    const { agent_id: agentId } = decodeQuery(createQuery, queryOf(context))
    const body = await readOptionalBody(context, createConversationSchema, bodyLimitBytes)
    const { isolated_block_labels: isolated, ...fields } = body
    if (isolated !== undefined && isolated.length > 0) throw noIsolatedBlocks()
    const scope = context.get('scope')
    const created = await conversations.create(scope, agentId, toFields(fields))
    return context.json(encodeConversation(created, await conversations.viewIds(scope, created.id)))
  })

  api.get('/conversations', async (context) => {
    const query = decodeQuery(conversationListQuery, queryOf(context))
    const found = await conversations.list(context.get('scope'), {
      ...present({
        agentId: query.agent_id,
        summaryContains: query.summary_search,
        after: query.after,
      }),
      archived: query.archive_status,
      includeHidden: query.show_hidden_conversations,
      limit: query.limit,
      order: query.order,
      orderBy: orders[query.order_by],
    })
    return context.json(found.map((conversation) => encodeConversation(conversation, null)))
  })

  api.get('/conversations/:conversation_id', async (context) => {
    const scope = context.get('scope')
    const found = await conversations.get(scope, pathId(context, 'conversation'))
    return context.json(encodeConversation(found, await conversations.viewIds(scope, found.id)))
  })

  api.patch('/conversations/:conversation_id', async (context) => {
    const id = pathId(context, 'conversation')
    const body = await readBody(context, updateConversationSchema, bodyLimitBytes)
    const changed = await conversations.update(context.get('scope'), id, toFields(body))
    return context.json(encodeConversation(changed, null))
  })

  api.delete('/conversations/:conversation_id', async (context) => {
    const id = pathId(context, 'conversation')
    const scope = context.get('scope')
    if ((await conversations.get(scope, id)).isDefault) {
      throw new AppError(
        'invalid_argument',
        `Cannot delete conversation ${id}: it is the default one of its agent. Delete the agent instead.`,
      )
    }
    await conversations.delete(scope, id)
    return context.json(null)
  })

  api.post('/conversations/:conversation_id/cancel', async (context) => {
    const query = decodeQuery(placeQuery, queryOf(context))
    const body = await readOptionalBody(context, cancelBody, bodyLimitBytes)
    const scope = context.get('scope')
    const shownId = pathText(context, 'conversation_id')
    const conversationId = conversationOf(shownId, query.agent_id ?? body.agent_id)
    const { id } = await conversations.get(scope, conversationId)
    const place = { kind: 'conversation', conversationId: id, shownId } as const
    return context.json(await runs.cancel(scope, place, body.run_ids ?? null))
  })

  api.post('/conversations/:conversation_id/recompile', async (context) => {
    const body = await readOptionalBody(context, placeBody, bodyLimitBytes)
    const id = conversationOf(pathText(context, 'conversation_id'), body.agent_id)
    return context.json(await conversations.systemView(context.get('scope'), id))
  })
}

const cancelBody = z.lazy(() =>
  cancelRunsSchema.unwrap().extend({ agent_id: optional(z.string()) }),
)

function toFields(body: Partial<z.infer<typeof updateConversationSchema>>): ConversationFields {
  return present({
    summary: body.summary,
    model: body.model,
    modelSettings: body.model_settings,
    contextWindow: body.context_window_limit,
    hidden: body.hidden,
    archived: body.archived,
    lastMessageAt: body.last_message_at,
  })
}

function noIsolatedBlocks(): AppError {
  return new AppError(
    'not_supported',
    'Cannot isolate blocks in a conversation: isolated_block_labels is not part of this version. Leave it out.',
  )
}
