import type { StoreOperation } from '../store.ts'
import { acceptInput } from './accept.ts'
import { accessOperations } from './access.ts'
import { agentOperations } from './agents.ts'
import { approvalOperations } from './approvals.ts'
import { archiveOperations } from './archives.ts'
import { blockOperations } from './blocks.ts'
import { compactionOperations } from './compactions.ts'
import { conversationOperations } from './conversations.ts'
import { eventOperations } from './events.ts'
import { factOperations } from './facts.ts'
import { forgetOperations } from './forget.ts'
import { importOperations } from './imports.ts'
import { jobOperations } from './jobs.ts'
import { leaseOperations } from './leases.ts'
import { memoryHistoryOperations } from './memory-changes.ts'
import { memoryWriteOperations } from './memory-writes.ts'
import { messageOperations } from './messages.ts'
import { listOpenWork } from './open-work.ts'
import type { Operations } from './operation.ts'
import { passageOperations } from './passages.ts'
import { retryTurn } from './retry.ts'
import { runOperations } from './runs.ts'
import { scheduleOperations } from './schedules.ts'
import { searchOperations } from './search.ts'
import { commitStep } from './step-commit.ts'
import { tokenFactorOperations } from './token-factors.ts'
import { toolOperations } from './tool-commit.ts'
import { vectorOperations } from './vectors.ts'
import { waitingOperations } from './waiting.ts'
import { beginWork, claimWork } from './work.ts'

/** Every operation of the store. */
export const operations: Operations<StoreOperation> = {
  ...accessOperations,
  ...agentOperations,
  ...blockOperations,
  ...conversationOperations,
  ...messageOperations,
  ...importOperations,
  acceptInput,
  ...leaseOperations,
  beginWork,
  claimWork,
  commitStep,
  ...toolOperations,
  ...compactionOperations,
  retryTurn,
  listOpenWork,
  ...waitingOperations,
  ...approvalOperations,
  ...runOperations,
  ...eventOperations,
  ...archiveOperations,
  ...passageOperations,
  ...memoryHistoryOperations,
  ...memoryWriteOperations,
  ...factOperations,
  ...forgetOperations,
  ...searchOperations,
  ...vectorOperations,
  ...jobOperations,
  ...scheduleOperations,
  ...tokenFactorOperations,
}
