import type { App } from '../../app/app.ts'
import type { Message } from '../../domain/message.ts'
import { AppError } from '../../errors/app-error.ts'
import { messageListQuery } from '../../wire/conversation.ts'
import { encodeMessage, encodeMessages } from '../../wire/message.ts'
import { encodeMessageHit, messageSearchSchema } from '../../wire/message-search.ts'
import { encodeAnswer } from '../../wire/search-explanation.ts'
import { searchableText } from '../../memory/search/search-entry.ts'
import { present } from '../../wire/optional.ts'
import { decodeQuery, toPage } from '../../wire/query.ts'
import type { SearchHit } from '../../domain/search.ts'
import type { JsonObject } from '../../util/json.ts'
import type { Api } from '../api.ts'
import { readBody } from '../request-body.ts'
import { tellWordsAlone } from '../words-alone.ts'
import { ofGroup } from './agent-messages.ts'
import { pathId, queryOf } from './path.ts'

/** Messages of all agents: list, one of them, search. */
export function addMessageRoutes(api: Api, app: App): void {
  const { messages } = app.services

  api.get('/messages', async (context) => {
    const query = decodeQuery(messageListQuery, queryOf(context))
    const found = await messages.list(context.get('scope'), {
      ...present({ conversationId: query.conversation_id }),
      ...toPage(query),
    })
    return context.json(
      encodeMessages(ofGroup(found, query), query.include_return_message_types ?? null),
    )
  })

  api.post('/messages/search', async (context) => {
    const body = await readBody(context, messageSearchSchema, app.settings.bodyLimitBytes)
    if (body.agent_id === undefined) throw noSearchOfAll()
    const answer = await messages.search(context.get('scope'), {
      agentId: body.agent_id,
      text: body.query,
      conversationId: body.conversation_id ?? null,
      roles: body.roles ?? [],
      offset: body.offset ?? 0,
      dates: { start: body.start_date, end: body.end_date, names: ['start_date', 'end_date'] },
      limit: body.limit ?? 50,
      ...present({
        mode: body.search_mode,
        completeUpTo: body.complete_up_to,
        vector: body.embedding,
      }),
    })
    const encode = ({ item }: SearchHit<Message>): JsonObject =>
      encodeMessageHit(item, searchableText(item).replace(/^\n/, ''))
    tellWordsAlone(context, answer)
    return context.json(encodeAnswer(answer, { encode, explain: body.explain === true }))
  })

  api.get('/messages/:message_id', async (context) => {
    const message = await messages.get(context.get('scope'), pathId(context, 'message'))
    return context.json(encodeMessage(message))
  })
}

function noSearchOfAll(): AppError {
  return new AppError(
    'not_supported',
    'Cannot search the messages of all agents at once: that is not part of this version. Name agent_id.',
  )
}
