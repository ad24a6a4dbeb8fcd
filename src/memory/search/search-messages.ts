import { messageText, type Message } from '../../domain/message.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import type { MessageQuery } from './agent-search.ts'
import { emptyReason, messageFilters } from './empty-reason.ts'
import { findTexts } from './find-texts.ts'
import { answerWith, noWords, unrankedAnswer } from './answer.ts'
import { newestMessages } from './newest.ts'
import { planQuery } from './query-plan.ts'
import type { AgentSearchOptions } from './search-source.ts'
import { statisticsWithout } from './statistics-without.ts'

/** Searches the messages of one agent. */
export async function searchMessages(
  place: AgentSearchOptions,
  given: MessageQuery,
): Promise<SearchAnswer<Message>> {
  const query: MessageQuery = {
    ...given,
    roles: given.roles.length === 0 ? ['user', 'assistant'] : [...new Set(given.roles)],
    excludeIds: [...new Set(given.excludeIds)],
  }
  const text = query.text ?? ''
  const plan = planQuery(text, place)
  const empty = { kind: 'message', analysed: plan, filters: messageFilters(query) } as const
  const byVector = place.dense?.vector !== undefined
  if (text.trim() === '' && !byVector) {
    const reason = emptyReason({ ...empty, statistics: null })
    return unrankedAnswer(query, reason, await newestMessages(place, query))
  }
  if (plan.terms.length === 0 && !byVector) return unrankedAnswer(query, noWords, [])
  if (plan.asksRangeOnly && !byVector) {
    const found = await newestMessages(place, { ...query, ranges: plan.ranges })
    const phrases = plan.ranges.map(({ phrase }) => phrase).join(', ')
    return unrankedAnswer(query, `Nothing was said at the time asked for (${phrases}).`, found)
  }
  const { conversationId, roles, from, until, excludeIds } = query
  const filter = { roles: new Set<string>(roles), thread: conversationId ?? null, from, until }
  const found = await findTexts(place, {
    owner: { kind: 'messages', agentId: place.agentId },
    text,
    plan,
    filter,
    excludeIds,
    near: (wanted) =>
      place.store.searchMessageVectors(place.scope, {
        ...wanted,
        agentId: place.agentId,
        roles,
        ...(conversationId !== undefined && { conversationId }),
        from,
        until,
        excludeIds,
      }),
    choose: async (choice) => {
      const candidates = await place.store.searchMessages(place.scope, {
        ...choice,
        agentId: place.agentId,
        roles,
        ...(conversationId === undefined ? {} : { conversationId }),
        from,
        until,
        excludeIds,
      })
      const statistics = await statisticsWithout(place, excludeIds, candidates.statistics)
      return { ...candidates, statistics }
    },
  })
  return await answerWith(query, {
    plan,
    found,
    reason: emptyReason({ ...empty, statistics: found.ranking.statistics }),
    load: (ids) => place.store.getMessages(place.scope, { ids }),
    ...(query.distinct === true ? { keyOf: textKey, isCounted: false } : { isCounted: true }),
  })
}

/** What messages with the same role and text have in common. */
function textKey(message: Message): string {
  if (message.role === 'tool') return message.id
  return `${message.role}\n${messageText(message).trim().toLowerCase()}`
}
