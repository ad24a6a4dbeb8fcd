import type { App } from '../../app/app.ts'
import {
  encodePause,
  encodeSignal,
  encodeState,
  pauseQuery,
  pauseSchema,
  resumeSchema,
  signalSchema,
} from '../../wire/pause.ts'
import { decodeQuery } from '../../wire/query.ts'
import type { Api, ApiContext } from '../api.ts'
import { conversationOf } from '../conversation-path.ts'
import { readBody, readOptionalBody } from '../request-body.ts'
import { pathText, queryOf } from './path.ts'

/** Pausing and resuming conversations, and signals for the turns that wait in them. */
export function addConversationPauseRoutes(api: Api, app: App): void {
  const { runtime } = app
  const { bodyLimitBytes } = app.settings
  const root = '/conversations/:conversation_id'

  api.get(`${root}/pause`, async (context) => {
    const { agent_id: agentId } = decodeQuery(pauseQuery, queryOf(context))
    const { conversationId } = placeOf(context, { agent_id: agentId })
    const found = await app.services.conversations.get(context.get('scope'), conversationId)
    return context.json(encodeState(found))
  })

  api.post(`${root}/pause`, async (context) => {
    const body = await readOptionalBody(context, pauseSchema, bodyLimitBytes)
    const request = { ...placeOf(context, body), now: body.now ?? false }
    return context.json(encodePause(await runtime.pause(context.get('scope'), request)))
  })

  api.post(`${root}/resume`, async (context) => {
    const body = await readOptionalBody(context, resumeSchema, bodyLimitBytes)
    const resumed = await runtime.resume(context.get('scope'), placeOf(context, body))
    return context.json(encodeState(resumed))
  })

  api.post(`${root}/signal`, async (context) => {
    const body = await readBody(context, signalSchema, bodyLimitBytes)
    const outcome = await runtime.signal(context.get('scope'), {
      ...placeOf(context, body),
      name: body.name,
      payload: body.payload ?? null,
      id: body.id ?? null,
    })
    return context.json(encodeSignal(outcome))
  })
}

function placeOf(
  context: ApiContext,
  body: { readonly agent_id?: string | undefined },
): { readonly conversationId: string } {
  return { conversationId: conversationOf(pathText(context, 'conversation_id'), body.agent_id) }
}
