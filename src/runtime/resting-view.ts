import type { ContextWork } from '../context/compile-context.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { TenantScope } from '../domain/scope.ts'
import { isTrusted } from '../domain/fact.ts'
import { promptFacts } from '../storage/contract/turn-store.ts'
import type { Store } from '../storage/store.ts'

/** How many items are read at once. */
const pageSize = 1000

/** A conversation as its next request would be made of, apart from what will be said. `not_found` when it does not exist. */
export async function readRestingView(
  store: Store,
  scope: TenantScope,
  { conversationId, now }: { readonly conversationId: string; readonly now: number },
): Promise<ContextWork> {
  const conversation = await store.getConversation(scope, { id: conversationId })
  const { agentId } = conversation
  const [agent, blocks, told, messageCount, passageCount] = await Promise.all([
    store.getAgent(scope, { id: agentId }),
    store.listAgentBlocks(scope, { agentId }),
    store.listFacts(scope, { agentId, validAt: now, order: 'known', limit: promptFacts }),
    store.countMessages(scope, { agentId }),
    store.countPassages(scope, { agentId }),
  ])
  const facts = told.filter(({ origin }) => isTrusted(origin))
  const items: ConversationItem[] = []
  for (let fromPosition = conversation.viewFrom; ;) {
    const page = await store.listItems(scope, { conversationId, fromPosition, limit: pageSize })
    items.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) break
    fromPosition = last.position + 1
  }
  const said = items.filter(
    (item) => item.kind === 'tail' || item.message.id !== conversation.systemMessageId,
  )
  return {
    // No turn runs, so nothing is said at the tail but what changed in memory.
    turn: { stepCount: 1, options: { overrideSystem: null } },
    agent,
    conversation,
    blocks,
    facts,
    items: said,
    tailPosition: openTurnFrom(said),
    messageCount,
    passageCount,
    lastActivityAt: conversation.lastMessageAt,
  }
}

/** Where a turn begins that rests in the middle: it waits for an answer, or its conversation was paused; else the end. */
function openTurnFrom(items: readonly ConversationItem[]): number {
  const end = Number.MAX_SAFE_INTEGER
  const said = items.filter((item) => item.kind === 'message' && item.message.role !== 'summary')
  const last = said.at(-1)
  if (last?.kind !== 'message') return end
  const { role, toolCalls } = last.message
  if (role === 'user' || role === 'system') return end
  if (role === 'assistant' && toolCalls.length === 0) return end
  const input = said.findLast((item) => item.kind === 'message' && item.message.role === 'user')
  // Two places are kept free before an input.
  return input === undefined ? end : input.position - 2
}
