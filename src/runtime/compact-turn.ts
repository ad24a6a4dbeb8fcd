import { compactView, type CompactedView, type Summariser } from '../compaction/compact-view.ts'
import type { CompiledContext } from '../context/compile-context.ts'
import { placeItems } from '../domain/conversation-items.ts'
import type { CompactionTrigger } from '../domain/summary.ts'
import { storedCompactionSettings } from '../wire/summary.ts'
import type { PreparedCall } from './ask-model.ts'
import { describeCompaction } from './compaction-subject.ts'
import { createSummariser } from './create-summariser.ts'
import { publishCommit } from './publish-commit.ts'
import { storeSummary } from './store-summary.ts'
import { type ActiveTurn, throwIfGivenUp } from './turn-state.ts'

/** The part of what a request may use at which its view is compacted. */
const threshold = 0.9

/** Why a request needs a smaller view before it is sent; null = it does not. */
export function compactionTrigger({
  tokens,
  estimated,
  budget,
}: Pick<CompiledContext, 'tokens' | 'estimated' | 'budget'>): CompactionTrigger | null {
  if (estimated > budget.estimated) return 'context_window_exceeded'
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
  const { parts, work, itemMemory, signal } = turn
  const settings = storedCompactionSettings(work.agent.extra)
  const given = { ...call, work, itemMemory, signal, settings, trigger }
  const { subject, summariser } = describeCompaction(given)
  const write = createSummariser(parts, summariser)
  const announced: Summariser =
    write === null
      ? null
      : async (plan, earlier) => {
          await announce(turn, call.context, trigger)
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
  const stored = await parts.store.appendEvents(scope, {
    lease,
    runId: work.run.id,
    events: [event],
    at: parts.clock.now(),
  })
  hub.publish(
    work.run.id,
    stored.map((each) => ({ event: each, message: null })),
  )
}

async function commitCompaction(turn: ActiveTurn, compacted: CompactedView): Promise<ActiveTurn> {
  const { parts, scope, lease, work } = turn
  const place = { lease, agentId: work.agent.id, runId: work.run.id, compacted }
  const result = await storeSummary(parts, scope, place)
  publishCommit(turn, result)
  const { viewFrom } = compacted
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
