import { compactView, type CompactedView, type Summariser } from '../compaction/compact-view.ts'
import { type CompiledContext, sentView } from '../context/compile-context.ts'
import { countItem } from '../context/item-tokens.ts'
import { placeItems } from '../domain/conversation-items.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { CompactionTrigger } from '../domain/summary.ts'
import { storedCompactionSettings } from '../wire/summary.ts'
import type { PreparedCall } from './ask-model.ts'
import { createSummariser } from './create-summariser.ts'
import { publishCommit } from './publish-commit.ts'
import { type ActiveTurn, throwIfGivenUp } from './turn-state.ts'

/** The part of what a request may use at which its view is compacted. */
const threshold = 0.9

/** Why a request needs a smaller view before it is sent; null = it does not. */
export function compactionTrigger({
  tokens,
  budget,
}: Pick<CompiledContext, 'tokens' | 'budget'>): CompactionTrigger | null {
  if (tokens > budget.request) return 'context_window_exceeded'
  return tokens > Math.floor(budget.request * threshold) ? 'post_step_context_check' : null
}

/**
 * Compacts the view of a turn before its next model call and stores that. Returns the turn with the new view, or the same
 * turn when nothing can or need leave the view, or when the turn is to stop or to rest meanwhile.
 *
 * A crash before the commit leaves nothing behind but an event; after it the view is the new one.
 */
export async function compactTurn(
  turn: ActiveTurn,
  call: PreparedCall,
  trigger: CompactionTrigger,
): Promise<ActiveTurn> {
  const { parts, work, itemMemory } = turn
  const { context, model } = call
  const prefix = context.prefix ?? work.conversation.prefix
  const sent = sentView({ work, model: model.info }, prefix?.builtAt ?? 0)
  const isSent = new Set<ConversationItem>(sent.items)
  const settings = storedCompactionSettings(work.agent.extra)
  const subject = {
    summary: sent.summary,
    items: work.items.filter((item) => item.kind === 'tail' || item.message.role !== 'summary'),
    turnFrom: work.tailPosition,
    sizeOf: (item: ConversationItem): number =>
      isSent.has(item) || item === sent.summary ? itemMemory.tokens(item, countItem) : 0,
    requestTokens: context.tokens,
    budget: context.budget,
    settings,
    trigger,
  }
  const write = createSummariser(parts, {
    settings,
    agent: work.agent,
    model,
    own: {
      system: context.system,
      tools: call.tools,
      sent,
      itemMemory,
      tokens: context.sizes.system + context.sizes.tools,
    },
    signal: turn.signal,
  })
  const announced: Summariser =
    write === null
      ? null
      : async (plan, earlier) => {
          await announce(turn, context, trigger)
          return await write(plan, earlier)
        }
  const compacted = await compactView(subject, announced)
  throwIfGivenUp(turn.signal)
  if (compacted === null || turn.signal.aborted) return turn
  return await commitCompaction(turn, compacted)
}

async function announce(
  { parts, hub, scope, lease, work }: ActiveTurn,
  { tokens, budget }: CompiledContext,
  trigger: CompactionTrigger,
): Promise<void> {
  const eventId = parts.ids.uuid()
  const { window: contextWindow } = budget
  const event = { type: 'compaction-started', eventId, trigger, tokens, contextWindow } as const
  const at = parts.clock.now()
  const stored = await parts.store.appendEvents(scope, {
    lease,
    runId: work.run.id,
    events: [event],
    at,
  })
  hub.publish(
    work.run.id,
    stored.map((each) => ({ event: each, message: null })),
  )
}

async function commitCompaction(
  turn: ActiveTurn,
  { text, facts, viewFrom }: CompactedView,
): Promise<ActiveTurn> {
  const { parts, scope, lease, work } = turn
  const at = parts.clock.now()
  const message: Message = {
    ...newSummaryMessage(work, { id: newIdentifier(parts.ids, 'message'), at }),
    otid: parts.ids.uuid(),
    content: [{ type: 'summary', text, facts }],
    runId: work.run.id,
    model: facts.model,
  }
  const result = await parts.store.commitCompaction(scope, {
    lease,
    summary: { message, entry: null },
    earlierId: facts.earlierId,
    viewFrom,
    runId: work.run.id,
    events: [{ type: 'message-stored', messageId: message.id, streamed: false }],
    at,
  })
  publishCommit(turn, result)
  if (facts.reason !== null) {
    parts.logger.warn(
      { runId: work.run.id, reason: facts.reason },
      'A view was compacted without a model',
    )
  }
  const kept = work.items.filter((item) => item.position >= viewFrom)
  return {
    ...turn,
    work: {
      ...work,
      items: result.item === null ? kept : placeItems(kept, [result.item]),
      conversation: { ...work.conversation, viewFrom, prefix: null },
      messageCount: work.messageCount + 1,
    },
  }
}

/** A message of role `summary` that says nothing yet. */
export function newSummaryMessage(
  place: {
    readonly agent: { readonly id: string }
    readonly conversation: { readonly id: string }
  },
  { id, at }: { readonly id: string; readonly at: number },
): Message {
  return {
    id,
    agentId: place.agent.id,
    conversationId: place.conversation.id,
    role: 'summary',
    content: [],
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: null,
    otid: '',
    senderId: null,
    groupId: null,
    runId: null,
    stepId: null,
    model: null,
    isError: false,
    searchable: false,
    createdAt: at,
    sequence: 0,
  }
}
