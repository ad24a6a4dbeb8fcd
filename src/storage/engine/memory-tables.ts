import type { MemoryChange, MemoryProposal } from '../../domain/memory-change.ts'
import { Table } from './table.ts'

/** The table of changes of memory. */
export const memoryChangeTable = new Table<MemoryChange>({
  name: 'memory_changes',
  columns: {
    number: 'integer',
    subject: 'text',
    itemId: 'text',
    ownerId: 'text',
    label: 'text',
    action: 'text',
    version: 'integer',
    beforeHash: 'text',
    afterHash: 'text',
    agentId: 'text',
    runId: 'text',
    undoes: 'integer',
    position: 'integer',
    actor: 'json',
    reason: 'text',
    sourceMessageIds: 'json',
    createdAt: 'integer',
  },
})

/** The table of edits that wait for a review, or did. */
export const memoryProposalTable = new Table<MemoryProposal>({
  name: 'memory_proposals',
  columns: {
    number: 'integer',
    agentId: 'text',
    runId: 'text',
    state: 'text',
    edit: 'json',
    actor: 'json',
    reason: 'text',
    sourceMessageIds: 'json',
    createdAt: 'integer',
    settledAt: 'integer',
    settledById: 'text',
  },
})
