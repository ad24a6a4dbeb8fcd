import type { ConversationItem } from '../domain/conversation.ts'
import type { TenantScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import type { LeaseProof, TurnWork } from '../storage/contract/turn-store.ts'
import { advanceTurn } from './advance-turn.ts'
import type { EventHub } from './event-hub.ts'
import type { ItemCache } from './item-cache.ts'
import { claimConversation, keepLease } from './lease-keeper.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { RunControls } from './run-controls.ts'
import { type ActiveTurn, RunGivenUp } from './turn-state.ts'

/** What a runner works with. */
export interface RunnerContext {
  readonly parts: RuntimeParts
  readonly hub: EventHub
  readonly cache: ItemCache
  readonly controls: RunControls
  /** Aborts with `RunGivenUp` when the process stops. */
  readonly stopping: AbortSignal
}

/**
 * Carries on everything that is open in one conversation, one turn after the other, under its lease.
 *
 * @returns the number of turns that ended here. Rejects with `RunGivenUp` when the process stops, with `lease_lost` when
 * another process took over, or with a storage error; what was not committed is done again by whoever comes next.
 */
export async function runConversation(
  context: RunnerContext,
  scope: TenantScope,
  conversationId: string,
): Promise<number> {
  const { parts, stopping } = context
  const lease = await claimConversation(parts, scope, {
    conversationId,
    signal: stopping,
    isNeeded: () => hasOpenRun(parts, scope, conversationId),
    onWaiting: () => context.hub.handOver(conversationId),
  })
  if (lease === null) return 0
  const lost = new AbortController()
  const keeper = keepLease(parts, scope, { lease, onLost: (error) => lost.abort(error) })
  try {
    return await runUnderLease(context, { scope, lease, lost: lost.signal })
  } catch (error) {
    context.cache.forget(conversationId)
    throw error
  } finally {
    keeper.stop()
    await releaseQuietly(parts, scope, lease)
  }
}

interface Holding {
  readonly scope: TenantScope
  readonly lease: LeaseProof
  /** Aborts when the lease cannot be renewed. */
  readonly lost: AbortSignal
}

async function runUnderLease(context: RunnerContext, holding: Holding): Promise<number> {
  const { parts, cache, hub, controls, stopping } = context
  const { scope, lease, lost } = holding
  let ended = 0
  while (true) {
    if (stopping.aborted) throw new RunGivenUp()
    const known = cache.get(lease.conversationId, lease.fence)
    const work = await parts.store.beginWork(scope, {
      lease,
      at: parts.clock.now(),
      itemsAfter: known.at(-1)?.position ?? 0,
    })
    if (work === null) return ended
    hub.open(work.run.id, lease.conversationId)
    const control = controls.enter(work.run.id, [stopping, lost])
    const turn: ActiveTurn = {
      parts,
      hub,
      scope,
      lease,
      work: { ...work, items: joinItems(known, work) },
      signal: control.signal,
    }
    try {
      const round = await advanceTurn(turn)
      cache.put(lease.conversationId, lease.fence, round.items)
      if (round.ended) ended += 1
    } finally {
      control.leave()
    }
  }
}

/** The whole view: what was known and what was read, without what an earlier cut left out. */
function joinItems(
  known: readonly ConversationItem[],
  work: TurnWork,
): readonly ConversationItem[] {
  const { viewFrom } = work.conversation
  if (known.length === 0) return work.items
  const first = known[0]?.position ?? 0
  const kept = first >= viewFrom ? known : known.filter((item) => item.position >= viewFrom)
  return [...kept, ...work.items]
}

async function hasOpenRun(
  parts: RuntimeParts,
  scope: TenantScope,
  conversationId: string,
): Promise<boolean> {
  const runs = await parts.store.listRuns(scope, {
    filter: { conversationId, statuses: ['created', 'running'] },
    page: { limit: 1, order: 'asc' },
  })
  return runs.length > 0
}

async function releaseQuietly(
  parts: RuntimeParts,
  scope: TenantScope,
  lease: LeaseProof,
): Promise<void> {
  try {
    await parts.store.releaseLease(scope, { lease })
  } catch (error) {
    // The lease ends by itself; whatever kept it from being given back was or will be reported by the next operation.
    if (!isAppError(error, 'storage_closed')) {
      parts.logger.warn(
        { err: error, conversationId: lease.conversationId },
        'Cannot give a lease back',
      )
    }
  }
}
