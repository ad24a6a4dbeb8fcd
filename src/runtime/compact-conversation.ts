import { compactView } from '../compaction/compact-view.ts'
import { type ContextWork, measureContext } from '../context/compile-context.ts'
import { ItemMemory } from '../context/item-memory.ts'
import { splitView, viewContents } from '../context/summary-view.ts'
import { summaryOf } from '../domain/message.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { CompactionSettings, SummaryFacts } from '../domain/summary.ts'
import { AppError } from '../errors/app-error.ts'
import type { LeaseProof } from '../storage/contract/turn-store.ts'
import { chooseHandle } from './choose-handle.ts'
import { describeCompaction } from './compaction-subject.ts'
import { createSummariser } from './create-summariser.ts'
import { findDeadOwner, keepLease } from './lease-keeper.ts'
import { readRestingView } from './resting-view.ts'
import type { RuntimeParts } from './runtime-parts.ts'
import { storeSummary } from './store-summary.ts'
import { modelTools } from './turn-tools.ts'

/** A wish to compact a conversation now. */
export interface CompactRequest {
  readonly conversationId: string
  /** How, from what the agent has stored (`agent.extra`). */
  readonly settings: (extra: ContextWork['agent']['extra']) => CompactionSettings
  readonly signal: AbortSignal
}

/** What came of it. */
export interface CompactOutcome {
  /** The summary that now stands for the beginning of the view; null = there is none. */
  readonly summary: {
    readonly id: string
    readonly text: string
    readonly facts: SummaryFacts
  } | null
  /** Whether anything left the view. */
  readonly isChanged: boolean
  /** Messages in the view before and after, the system message included. */
  readonly messagesBefore: number
  readonly messagesAfter: number
}

/**
 * Compacts a conversation in which no turn runs here. Rejects with `not_found`, `conversation_busy` when another process runs
 * it, and the codes of unknown models; a summariser that fails is replaced by extracts.
 */
export async function compactConversation(
  parts: RuntimeParts,
  scope: TenantScope,
  request: CompactRequest,
): Promise<CompactOutcome> {
  const lease = await takeLease(parts, scope, request.conversationId)
  const lost = new AbortController()
  const keeper = keepLease(parts, scope, { lease, onLost: (error) => lost.abort(error) })
  try {
    const signal = AbortSignal.any([request.signal, lost.signal])
    return await compactUnderLease(parts, scope, { ...request, lease, signal })
  } finally {
    keeper.stop()
    await parts.store.releaseLease(scope, { lease })
  }
}

async function takeLease(
  parts: RuntimeParts,
  scope: TenantScope,
  conversationId: string,
): Promise<LeaseProof> {
  const deadOwner = await findDeadOwner(parts, scope, conversationId)
  const at = parts.clock.now()
  const lease = await parts.store.claimLease(scope, {
    conversationId,
    owner: parts.store.description.owner,
    at,
    until: at + parts.settings.leaseMs,
    ...(deadOwner === null ? {} : { deadOwner }),
  })
  if (lease !== null) return lease
  throw new AppError(
    'conversation_busy',
    `Cannot compact the conversation ${conversationId}: another process is running a turn in it. Try again when it has ended.`,
    { data: { conversation_id: conversationId } },
  )
}

async function compactUnderLease(
  parts: RuntimeParts,
  scope: TenantScope,
  request: CompactRequest & { readonly lease: LeaseProof },
): Promise<CompactOutcome> {
  const { lease, signal } = request
  const work = await readRestingView(parts.store, scope, {
    conversationId: lease.conversationId,
    now: parts.clock.now(),
  })
  const resolved = await parts.models.resolve(chooseHandle({}, work))
  const model = await parts.calibration.apply(scope, resolved)
  const { hasSummary } = viewContents(work.items)
  const tools = modelTools({ registry: parts.tools, agent: work.agent, options: {}, hasSummary })
  const itemMemory = new ItemMemory()
  const { cacheLifetimeMs } = parts.settings
  const now = parts.clock.now()
  const sources = { work, model: model.info, tools, cacheLifetimeMs, now, itemMemory }
  const context = measureContext(sources)
  const settings = request.settings(work.agent.extra)
  const { subject, summariser } = describeCompaction({
    work,
    model,
    tools,
    context,
    settings,
    trigger: 'manual',
    itemMemory,
    signal,
  })
  const compacted = await compactView(subject, createSummariser(parts, summariser))
  signal.throwIfAborted()
  const before = countView(work)
  if (compacted === null) {
    const current = splitView(work.items).summary?.message
    const part = current === undefined ? null : summaryOf(current)
    const summary = current === undefined || part === null ? null : { ...part, id: current.id }
    return { summary, isChanged: false, messagesBefore: before, messagesAfter: before }
  }
  const place = { lease, agentId: work.agent.id, runId: null, compacted }
  const { item } = await storeSummary(parts, scope, place)
  const { text, facts } = compacted
  return {
    summary: { id: item?.message.id ?? '', text, facts },
    isChanged: true,
    messagesBefore: before,
    messagesAfter: facts.messagesAfter + 1,
  }
}

/** Messages in the view with the system message. */
function countView({ items }: ContextWork): number {
  const { summary, rest } = splitView(items)
  const messages = rest.filter(({ kind }) => kind === 'message').length
  return messages + (summary === null ? 1 : 2)
}
