import type { z } from 'zod'
import type { App } from '../../app/app.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { AppError } from '../../errors/app-error.ts'
import { messageListQuery } from '../../wire/conversation.ts'
import { encodeMessages } from '../../wire/message.ts'
import { refuseStreamOptions, sendAsyncSchema, sendSchema } from '../../wire/message-request.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, toPage } from '../../wire/query.ts'
import { cancelRunsSchema, encodeRun } from '../../wire/run.ts'
import type { Api, ApiContext } from '../api.ts'
import { decodeBody, readOptionalBody, readText } from '../request-body.ts'
import { sendMessages, submitMessages, type SendMode } from '../send-messages.ts'
import { pathId, queryOf } from './path.ts'

/** Messages of an agent: history, sending to its default conversation, cancelling. */
export function addAgentMessageRoutes(api: Api, app: App): void {
  const { agents, messages, runs } = app.services
  const { bodyLimitBytes } = app.settings
  const root = '/agents/:agent_id/messages'

  api.get(root, async (context) => {
    const query = decodeQuery(messageListQuery, queryOf(context))
    const scope = context.get('scope')
    const { id: agentId } = await agents.get(scope, pathId(context, 'agent'))
    const found = await messages.list(scope, {
      agentId,
      ...toConversation(agentId, query.conversation_id),
      ...toPage(query),
    })
    return context.json(
      encodeMessages(ofGroup(found, query), query.include_return_message_types ?? null),
    )
  })

  api.post(root, async (context) => await send(context, 'by-body'))
  api.post(`${root}/stream`, async (context) => await send(context, 'always'))

  async function send(context: ApiContext, streaming: 'always' | 'by-body'): Promise<Response> {
    const conversationId = defaultConversationId(pathId(context, 'agent'))
    const text = await readText(context.req.raw, bodyLimitBytes)
    const body = decodeBody(context, sendSchema, text)
    const streams = streaming === 'always' || body.streaming === true
    if (!streams) refuseStreamOptions(body)
    return await agentNotFound(
      sendMessages(app, context, {
        conversationId,
        body,
        text,
        mode: toSendMode(body, streams),
        runType: streams ? 'send_message_streaming' : 'send_message',
      }),
    )
  }

  api.post(`${root}/async`, async (context) => {
    const conversationId = defaultConversationId(pathId(context, 'agent'))
    const text = await readText(context.req.raw, bodyLimitBytes)
    const body = decodeBody(context, sendAsyncSchema, text)
    const { run } = await agentNotFound(
      submitMessages(app, context, {
        conversationId,
        body,
        text,
        mode: {
          kind: 'background',
          pings: false,
          background: true,
          callbackUrl: body.callback_url ?? null,
        },
        runType: 'send_message_async',
      }),
    )
    return context.json(encodeRun(run), 200, { 'x-letta-run-id': run.id })
  })

  api.post(`${root}/cancel`, async (context) => {
    const scope = context.get('scope')
    const body = await readOptionalBody(context, cancelRunsSchema, bodyLimitBytes)
    const { id: agentId } = await agents.get(scope, pathId(context, 'agent'))
    return context.json(await runs.cancel(scope, { kind: 'agent', agentId }, body.run_ids ?? null))
  })

  api.patch(`${root}/:message_id`, () => {
    throw new AppError(
      'method_not_allowed',
      'Message editing is no longer supported. Messages are immutable as they may be shared across multiple conversations via forking.',
    )
  })
}

/** How a request that may stream wants to be answered. */
export function toSendMode(body: z.infer<typeof sendSchema>, streams: boolean): SendMode {
  return {
    kind: streams ? (body.stream_tokens === true ? 'tokens' : 'steps') : 'response',
    pings: body.include_pings ?? true,
    background: body.background ?? false,
    callbackUrl: null,
  }
}

function toConversation(
  agentId: string,
  given: string | undefined,
): { readonly conversationId?: string } {
  const conversationId = given === 'default' ? defaultConversationId(agentId) : given
  return present({ conversationId })
}

/** Only the messages of a group, when the query names one. */
export function ofGroup<Item extends { readonly groupId: string | null }>(
  messages: readonly Item[],
  query: z.infer<typeof messageListQuery>,
): readonly Item[] {
  return query.group_id === undefined
    ? messages
    : messages.filter(({ groupId }) => groupId === query.group_id)
}

/** On routes of an agent a missing default conversation means a missing agent. */
async function agentNotFound<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') {
      throw new AppError('not_found', 'Agent not found', { cause: error })
    }
    throw error
  }
}
