import type { CompactedView } from '../compaction/compact-view.ts'
import { newIdentifier } from '../domain/identifier.ts'
import type { Message } from '../domain/message.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { CommitResult, LeaseProof } from '../storage/contract/turn-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** A compacted view on its way into the store. */
export interface SummaryPlace {
  readonly lease: LeaseProof
  readonly agentId: string
  /** The run whose log says so; null = nobody's. */
  readonly runId: string | null
}

/** Stores the summary of a compacted view, which moves the view; `lease_lost` when the lease is gone. */
export async function storeSummary(
  parts: Pick<RuntimeParts, 'store' | 'clock' | 'ids' | 'logger'>,
  scope: TenantScope,
  given: SummaryPlace & { readonly compacted: CompactedView },
): Promise<CommitResult> {
  const { lease, agentId, runId } = given
  const { text, facts, viewFrom } = given.compacted
  const at = parts.clock.now()
  const message: Message = {
    id: newIdentifier(parts.ids, 'message'),
    agentId,
    conversationId: lease.conversationId,
    role: 'summary',
    content: [{ type: 'summary', text, facts }],
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: null,
    otid: parts.ids.uuid(),
    senderId: null,
    groupId: null,
    runId,
    stepId: null,
    model: facts.model,
    isError: false,
    searchable: false,
    createdAt: at,
    sequence: 0,
  }
  const result = await parts.store.commitCompaction(scope, {
    lease,
    summary: { message, entry: null },
    earlierId: facts.earlierId,
    viewFrom,
    runId,
    events:
      runId === null ? [] : [{ type: 'message-stored', messageId: message.id, streamed: false }],
    at,
  })
  if (facts.reason !== null) {
    const { conversationId } = lease
    parts.logger.warn(
      { runId, conversationId, reason: facts.reason },
      'A view was compacted without a model',
    )
  }
  return result
}
