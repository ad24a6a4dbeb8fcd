import type { MemoryMode, MemoryProposal } from '../../domain/memory-change.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { AppParts } from '../app-parts.ts'
import { lintMemory, type MemoryLint } from '../../memory/lint/lint-memory.ts'
import { blameItem, diffChange, itemAt, listHistory, memoryAt } from './memory-history.ts'
import type {
  BlameEntry,
  ChangeDiff,
  DescribedChange,
  DescribedProposal,
  PastItem,
  ProposalDiff,
  RestoreRequest,
} from './memory-views.ts'
import { type AnswerReasons, explainAnswer, type WhichAnswer } from './memory-why.ts'
import { applyProposal, describeProposal } from './memory-review.ts'
import { diffProposal } from './proposal-diff.ts'
import { restoreMemory, undoChange } from './memory-undo.ts'
import { readMemory } from './read-memory.ts'
import { createQuarantine, type Quarantine } from './quarantine.ts'

/** The history of an agent's memory, and what people do with it. Every operation: `not_found` for an unknown agent. */
export interface MemoryService {
  /** What waits until a person trusts it. */
  readonly quarantine: Quarantine
  /** Changes, newest first. */
  history(
    scope: TenantScope,
    agentId: string,
    query: {
      /** A block by label or id, or a passage or fact by id. */
      readonly item?: string
      readonly runId?: string
      readonly before?: number
      readonly limit: number
    },
  ): Promise<readonly DescribedChange[]>
  /** One change line by line. `not_found`. */
  diff(scope: TenantScope, agentId: string, number: number): Promise<ChangeDiff>
  /** The lines of a block (by label or id), passage or fact (by id), each with its cause. `not_found`. */
  blame(scope: TenantScope, agentId: string, item: string): Promise<readonly BlameEntry[]>
  /** What the agent had at a time but for its archive, as it was then; or one item, named as for `blame` or by what facts are about. */
  at(
    scope: TenantScope,
    agentId: string,
    when: { readonly time: number; readonly item?: string },
  ): Promise<readonly PastItem[]>
  /** Takes a change back and keeps later ones. `not_found`; `conflict` when a later one touched the same place. */
  undo(scope: TenantScope, agentId: string, number: number): Promise<readonly DescribedChange[]>
  /** Makes an item again what it was; no change when it is. `not_found`. */
  restore(
    scope: TenantScope,
    agentId: string,
    request: RestoreRequest,
  ): Promise<readonly DescribedChange[]>
  /** Proposals, newest first. */
  proposals(
    scope: TenantScope,
    agentId: string,
    query: {
      readonly state?: MemoryProposal['state']
      readonly runId?: string
      readonly limit: number
    },
  ): Promise<readonly DescribedProposal[]>
  /** One proposal line by line, against memory as it is now. `not_found`. */
  proposal(scope: TenantScope, agentId: string, number: number): Promise<ProposalDiff>
  /** Makes a proposed edit on memory as it is now. `not_found`; `conflict` when it overlaps a later change or is settled. */
  apply(scope: TenantScope, agentId: string, number: number): Promise<readonly DescribedChange[]>
  /** Rejects a proposed edit. `not_found`, `conflict` when it is settled. */
  reject(scope: TenantScope, agentId: string, number: number): Promise<MemoryProposal>
  /** What the answer of a run rests on. `not_found`. */
  why(scope: TenantScope, agentId: string, which: WhichAnswer): Promise<AnswerReasons>
  mode(scope: TenantScope, agentId: string): Promise<MemoryMode>
  setMode(scope: TenantScope, agentId: string, mode: MemoryMode): Promise<MemoryMode>
  /** What may be wrong with an agent's memory: doubled, junk, stale, undated or full. Changes nothing. */
  lint(scope: TenantScope, agentId: string): Promise<MemoryLint>
  /** Removes the past of a block, passage or fact for good. `not_found`. */
  forgetHistory(scope: TenantScope, agentId: string, itemId: string): Promise<void>
}

/** Makes the service of the history of memory. */
export function createMemoryService(parts: AppParts): MemoryService {
  const { store, clock } = parts
  return {
    quarantine: createQuarantine(parts),
    history: (scope, agentId, query) => listHistory(parts, scope, { agentId, ...query }),
    diff: (scope, agentId, number) => diffChange(parts, scope, { agentId, number }),
    blame: (scope, agentId, item) => blameItem(parts, scope, { agentId, item }),
    at: (scope, agentId, { time, item }) =>
      item === undefined
        ? memoryAt(parts, scope, { agentId, time })
        : itemAt(parts, scope, { agentId, time, item }),
    undo: (scope, agentId, number) => undoChange(parts, scope, { agentId, number }),
    restore: (scope, agentId, request) => restoreMemory(parts, scope, { agentId, ...request }),
    async proposals(scope, agentId, query) {
      const found = await store.listProposals(scope, { agentId, ...query })
      return found.map((proposal) => ({ proposal, notes: describeProposal(proposal) }))
    },
    proposal: (scope, agentId, number) => diffProposal(parts, scope, { agentId, number }),
    apply: (scope, agentId, number) => applyProposal(parts, scope, { agentId, number }),
    reject: (scope, agentId, number) =>
      store.rejectProposal(scope, { agentId, number, at: clock.now() }),
    why: (scope, agentId, which) => explainAnswer(parts, scope, { agentId, which }),
    async mode(scope, agentId) {
      return (await store.getAgent(scope, { id: agentId })).memoryMode
    },
    async setMode(scope, agentId, memoryMode) {
      const at = clock.now()
      const patch = { id: agentId, at, updatedById: scope.userId, set: { memoryMode } }
      return (await store.updateAgent(scope, patch)).memoryMode
    },
    lint: async (scope, agentId) => lintMemory(await readMemory(parts, scope, agentId)),
    forgetHistory: (scope, agentId, itemId) => store.forgetHistory(scope, { agentId, itemId }),
  }
}
