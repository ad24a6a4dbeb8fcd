import type { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { Message } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import { messageListQuery } from '../../wire/conversation.ts'
import { encodeMessages } from '../../wire/message.ts'
import { conversationSendSchema, refuseStreamOptions } from '../../wire/message-request.ts'
import { decodeQuery, toPage } from '../../wire/query.ts'
import { retrieveStreamSchema } from '../../wire/run.ts'
import type { Api } from '../api.ts'
import { conversationOf } from '../conversation-path.ts'
import { decodeBody, readOptionalBody, readText } from '../request-body.ts'
import { sendMessages } from '../send-messages.ts'
import { resumeStream } from '../resume-stream.ts'
import { ofGroup, toSendMode } from './agent-messages.ts'
import { pathText, queryOf } from './path.ts'

/** Messages of a conversation: history, sending, and attaching to the stream of a run. */
export function addConversationMessageRoutes(api: Api, app: App): void {
  const { conversations, runs } = app.services
  const { bodyLimitBytes } = app.settings
  const root = '/conversations/:conversation_id'

  api.get(`${root}/messages`, async (context) => {
    const query = decodeQuery(messageListQuery, queryOf(context))
    const scope = context.get('scope')
    const given = pathText(context, 'conversation_id')
    const { id } = await conversations.get(scope, conversationOf(given, query.agent_id))
    const found = await listMessages(app, scope, {
      id,
      query,
      isOwnList: given.startsWith('conv-'),
    })
    return context.json(
      encodeMessages(ofGroup(found, query), query.include_return_message_types ?? null),
    )
  })

  api.post(`${root}/messages`, async (context) => {
    const text = await readText(context.req.raw, bodyLimitBytes)
    const body = decodeBody(context, conversationSendSchema, text)
    const conversationId = conversationOf(pathText(context, 'conversation_id'), body.agent_id)
    const streams = body.streaming ?? true
    if (!streams) refuseStreamOptions(body)
    return await sendMessages(app, context, {
      conversationId,
      body,
      text,
      mode: toSendMode(body, streams),
      runType: 'send_conversation_message',
    })
  })

  api.post(`${root}/stream`, async (context) => {
    const reference = await readOptionalBody(context, retrieveStreamSchema, bodyLimitBytes)
    const scope = context.get('scope')
    const conversationId = conversationOf(pathText(context, 'conversation_id'), reference.agent_id)
    await conversations.get(scope, conversationId)
    const run = await runs.resolve(scope, {
      conversationId,
      runId: reference.run_id ?? null,
      otid: reference.otid ?? null,
    })
    return await resumeStream(app, context, {
      run,
      startingAfter: reference.starting_after,
      pings: reference.include_pings ?? true,
      withIds: false,
    })
  })
}

interface MessageList {
  readonly id: string
  readonly query: z.infer<typeof messageListQuery>
  /** Whether the conversation was named by its own identifier: then `desc` really is newest first. */
  readonly isOwnList: boolean
}

async function listMessages(
  app: App,
  scope: TenantScope,
  { id, query, isOwnList }: MessageList,
): Promise<readonly Message[]> {
  const page = { conversationId: id, limit: query.limit, order: query.order }
  const { messages } = app.services
  const found = await messages
    .list(scope, { ...page, ...toPage(query) })
    .catch((error: unknown) => {
      // The original ignores cursors it does not know here, and only here.
      if (isOwnList && isUnknownCursor(error)) return messages.list(scope, page)
      throw error
    })
  return isOwnList && query.order === 'desc' ? found.toReversed() : found
}

function isUnknownCursor(error: unknown): boolean {
  return error instanceof AppError && error.code === 'not_found'
}
