import type { ConversationItem } from '../domain/conversation.ts'
import type { RunError } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import { AppError, errorMessage, isAppError } from '../errors/app-error.ts'
import type { KnownItems, LeaseProof, TurnWork } from '../storage/contract/turn-store.ts'
import { advanceTurn } from './advance-turn.ts'
import { endTurn } from './end-turn.ts'
import { dropOpenPartials } from './drop-partial.ts'
import type { EditQueue } from './edit-queue.ts'
import type { EventHub } from './event-hub.ts'
import type { CachedView, ItemCache } from './item-cache.ts'
import { type ClaimedWork, claimConversation, keepLease } from './lease-keeper.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import type { RunControls } from './run-controls.ts'
import type { StopWatch } from './stop-watch.ts'
import type { TurnSlots, TurnTaker } from './turn-slots.ts'
import { type RoundResult, RunGivenUp } from './turn-state.ts'

/** What a runner works with. */
export interface RunnerContext {
  readonly parts: RuntimeParts
  readonly hub: EventHub
  readonly edits: EditQueue
  readonly cache: ItemCache
  readonly controls: RunControls
  /** Hears what other processes ask of the runs here. */
  readonly stopWatch: StopWatch
  /** What each runner has one of while it does more than wait for another process. */
  readonly slots: TurnSlots
  /** Aborts with `RunGivenUp` when the process stops. */
  readonly stopping: AbortSignal
}

/** What a runner begins with. */
export interface RunnerStart {
  readonly conversationId: string
  /** What this process remembers of the view. */
  readonly cached: CachedView | null
  /** The work that was claimed already; null = it is still to be claimed. */
  readonly claimed: ClaimedWork | null
  /** Who runs it. Where nobody here waits for that, it is left to another process that has it. */
  readonly taker: TurnTaker
}

/** A start from what this process remembers of a conversation. */
export function startOf(
  { cache }: RunnerContext,
  conversationId: string,
  taker: TurnTaker,
): RunnerStart {
  return { conversationId, cached: cache.get(conversationId), claimed: null, taker }
}

/** What is known of the view at a start, for the claim of its work. */
export function knownItems({ cached }: RunnerStart): KnownItems | null {
  return cached === null ? null : { fence: cached.fence, through: lastPosition(cached.items) }
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
  start: RunnerStart,
): Promise<number> {
  const { parts, hub, cache, slots, stopping } = context
  const { conversationId, cached, taker } = start
  const claim =
    start.claimed ??
    (await claimConversation(parts, scope, {
      conversationId,
      known: knownItems(start),
      signal: stopping,
      whileHeld: async (wait) => {
        hub.handOver(conversationId)
        if (taker.urgency === 'offered') return false
        await slots.without(taker, wait)
        return true
      },
    }))
  if (claim === null) return 0
  const { lease } = claim
  const lost = new AbortController()
  const keeper = keepLease(parts, scope, { lease, onLost: (error) => lost.abort(error) })
  try {
    const items = joinItems(claim.continues ? (cached?.items ?? []) : [], claim.work)
    return await runUnderLease(context, {
      scope,
      lease,
      lost: lost.signal,
      first: { ...claim.work, items },
      continues: claim.continues,
    })
  } catch (error) {
    cache.forget(conversationId)
    await releaseQuietly(parts, scope, lease)
    throw error
  } finally {
    keeper.stop()
  }
}

interface Holding {
  readonly scope: TenantScope
  readonly lease: LeaseProof
  /** Aborts when the lease cannot be renewed. */
  readonly lost: AbortSignal
  /** The work the lease was taken for, with the whole view. */
  readonly first: TurnWork
  /** Whether this process gave the lease back last, with everything stored that it had shown. */
  readonly continues: boolean
}

/** Runs round after round until nothing is open; the store has then taken the lease back. */
async function runUnderLease(context: RunnerContext, holding: Holding): Promise<number> {
  const { parts, hub } = context
  const { scope, lease, first } = holding
  const release = context.stopWatch.hold()
  let ended = 0
  let work: TurnWork | null = first
  try {
    if (!holding.continues) await dropOpenPartials({ parts, hub, scope, lease, work: first })
    while (work !== null) {
      if (context.stopping.aborted) throw new RunGivenUp()
      const round = await runRound(context, holding, work)
      const { agent, blocks, conversation } = work
      const place = { agent, blocks, conversation }
      const { fence } = lease
      context.cache.put(lease.conversationId, { fence, items: round.items, place })
      if (round.ended) {
        ended += 1
        context.controls.forget(work.run.id)
      }
      work = round.released ? null : await nextWork(context, { scope, lease, items: round.items })
    }
  } finally {
    if (work !== null) context.controls.forget(work.run.id)
    release()
  }
  return ended
}

async function runRound(
  context: RunnerContext,
  { scope, lease, lost }: Holding,
  work: TurnWork,
): Promise<RoundResult> {
  const { parts, hub, edits, cache, controls, stopping } = context
  hub.open(work.run.id, lease.conversationId)
  if (work.turn.stopRequest !== null) controls.stop(work.run.id, work.turn.stopRequest)
  const control = controls.enter(work.run.id, [stopping, lost])
  const itemMemory = cache.memory
  const turn = { parts, hub, edits, scope, lease, work, itemMemory, signal: control.signal }
  try {
    return await advanceTurn(turn)
  } catch (error) {
    if (isForTheNextRunner(error)) throw error
    parts.logger.error({ err: error, runId: work.run.id }, 'A turn met a state it does not expect')
    return await endTurn(turn, { stopReason: 'error', error: describeDefect(error) })
  } finally {
    control.leave()
  }
}

/** Whether a turn stays open for whoever holds the lease next: it was given up, taken over, or could not be stored. */
function isForTheNextRunner(error: unknown): boolean {
  if (error instanceof RunGivenUp || isAppError(error, 'lease_lost')) return true
  return error instanceof AppError && error.code.startsWith('storage_')
}

/** A defect as the wire shows it; every run ends, and one that met a defect ends with it. */
function describeDefect(error: unknown): RunError {
  return {
    errorType: 'internal_error',
    message: 'An unknown error occurred with the LLM streaming request.',
    detail: errorMessage(error),
  }
}

async function nextWork(
  { parts }: RunnerContext,
  known: {
    readonly scope: TenantScope
    readonly lease: LeaseProof
    readonly items: readonly ConversationItem[]
  },
): Promise<TurnWork | null> {
  const work = await parts.store.beginWork(known.scope, {
    lease: known.lease,
    at: parts.clock.now(),
    itemsAfter: lastPosition(known.items),
  })
  return work === null ? null : { ...work, items: joinItems(known.items, work) }
}

/** The whole view: what was known and what was read, without what an earlier cut left out. */
function joinItems(
  known: readonly ConversationItem[],
  { conversation, items }: TurnWork,
): readonly ConversationItem[] {
  const { viewFrom } = conversation
  const first = known[0]?.position ?? 0
  const kept = first >= viewFrom ? known : known.filter((item) => item.position >= viewFrom)
  return kept.concat(items)
}

function lastPosition(items: readonly ConversationItem[]): number {
  return items.at(-1)?.position ?? 0
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
