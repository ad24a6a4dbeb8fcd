import type { App } from '../../app/app.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import { AppError } from '../../errors/app-error.ts'
import {
  compactionRequestSchema,
  encodeCompaction,
  storedCompactionSettings,
} from '../../wire/summary.ts'
import type { Api, ApiContext } from '../api.ts'
import { conversationOf } from '../conversation-path.ts'
import { readOptionalBody } from '../request-body.ts'
import { pathId, pathText } from './path.ts'

/** Compacting a conversation by hand. */
export function addCompactionRoutes(api: Api, app: App): void {
  const { bodyLimitBytes } = app.settings

  api.post('/agents/:agent_id/summarize', async (context) => {
    const body = await readOptionalBody(context, compactionRequestSchema, bodyLimitBytes)
    const { id } = await app.services.agents.get(context.get('scope'), pathId(context, 'agent'))
    return await compact(app, context, { conversationId: defaultConversationId(id), body })
  })

  api.post('/conversations/:conversation_id/compact', async (context) => {
    const body = await readOptionalBody(context, compactionRequestSchema, bodyLimitBytes)
    const conversationId = conversationOf(pathText(context, 'conversation_id'), body.agent_id)
    return await compact(app, context, { conversationId, body })
  })
}

async function compact(
  app: App,
  context: ApiContext,
  given: {
    readonly conversationId: string
    readonly body: ReturnType<(typeof compactionRequestSchema)['parse']>
  },
): Promise<Response> {
  const { conversationId, body } = given
  const outcome = await app.runtime.compact(context.get('scope'), {
    conversationId,
    settings: (extra) => storedCompactionSettings(extra, body.compaction_settings),
    signal: context.req.raw.signal,
  })
  if (outcome.messagesBefore <= 1) {
    throw new AppError(
      'invalid_argument',
      `Cannot compact the conversation ${conversationId}: nothing was said in it yet. Say something first.`,
    )
  }
  return context.json(encodeCompaction({ ...outcome, text: outcome.summary?.text ?? '' }))
}
