import type { StoreOperation } from '../store.ts'
import { acceptInput, findAccepted } from './accept.ts'
import { accessOperations } from './access.ts'
import { agentOperations } from './agents.ts'
import { approvalOperations } from './approvals.ts'
import { archiveOperations } from './archives.ts'
import { blockOperations } from './blocks.ts'
import { compactionOperations, findCompaction } from './compactions.ts'
import { conversationOperations } from './conversations.ts'
import { eventOperations, findAppended } from './events.ts'
import { factOperations } from './facts.ts'
import { forgetOperations } from './forget.ts'
import { importOperations } from './imports.ts'
import { jobOperations } from './jobs.ts'
import { leaseOperations } from './leases.ts'
import { memoryHistoryOperations } from './memory-changes.ts'
import { memoryWriteOperations } from './memory-writes.ts'
import { messageOperations } from './messages.ts'
import { listOpenWork } from './open-work.ts'
import type {
  OperationInput,
  OperationResult,
  Operations,
  OperationScope,
  Recovery,
} from './operation.ts'
import { passageOperations } from './passages.ts'
import { retryTurn } from './retry.ts'
import { runOperations } from './runs.ts'
import { scheduleOperations } from './schedules.ts'
import { searchOperations } from './search.ts'
import type { SqlConnection } from './sql-connection.ts'
import { commitStep, findCommittedStep } from './step-commit.ts'
import { tokenFactorOperations } from './token-factors.ts'
import { findCommittedTool, findEndedTurn, toolOperations } from './tool-commit.ts'
import { vectorOperations } from './vectors.ts'
import { waitingOperations } from './waiting.ts'
import { beginWork, claimWork } from './work.ts'

const operations: Operations<StoreOperation> = {
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

/** Reads that send one statement, which needs no transaction around it. */
const singleStatements: ReadonlySet<StoreOperation> = new Set([
  'countActiveKeys',
  'countAgents',
  'findKey',
  'findRunByOtid',
  'getAgent',
  'getArchive',
  'getBlock',
  'getConversation',
  'getJob',
  'getMessages',
  'getPassages',
  'getRun',
  'getSchedule',
  'getStep',
  'getTokenFactor',
  'getTurn',
  'listBlocksOfAgents',
  'listJobs',
  'listKeys',
  'listOpenWork',
  'listStopRequests',
  'listTenants',
  'listViewMessageIds',
  'nextJobAt',
  'nextWakeAt',
  'readLease',
])

/** Writes that do no harm when they are done twice by the same caller. */
const repeatables: ReadonlySet<StoreOperation> = new Set([
  'beginWork',
  'claimLease',
  'claimWork',
  'markDelivered',
  'pauseConversation',
  'pruneEvents',
  'pruneJobs',
  'putTokenFactor',
  'putVectors',
  'recordCallback',
  'releaseLease',
  'renewJob',
  'resumeConversation',
  'renewLease',
  'starRun',
  'startTools',
  'touchKey',
])

/** Writes whose answers may be lost together with that of their commit, which is sent with them. */
const recoveries: { readonly [Name in StoreOperation]?: Recovery<Name> } = {
  acceptInput: findAccepted,
  appendEvents: findAppended,
  commitCompaction: findCompaction,
  commitStep: findCommittedStep,
  commitTool: findCommittedTool,
  endTurn: findEndedTurn,
}

/** Whether an operation sends one statement only. */
export function isSingleStatement(name: StoreOperation): boolean {
  return singleStatements.has(name)
}

/** Whether an operation may be done again when nobody knows whether it was done. */
export function isRepeatable(name: StoreOperation): boolean {
  return repeatables.has(name)
}

/** What finds out whether an operation is stored when no answer came; undefined when it waits for answers before it commits. */
export function findRecovery(name: StoreOperation): Recovery<StoreOperation> | undefined {
  return recoveries[name] as Recovery<StoreOperation> | undefined
}

/** Looks for what a call stored; resolves with what it would have returned, or with null. */
export async function callRecovery(
  connection: SqlConnection,
  call: { readonly scope: unknown; readonly input: unknown },
  recover: Recovery<StoreOperation>,
): Promise<unknown> {
  return await recover(
    connection,
    call.scope as OperationScope<StoreOperation>,
    call.input as OperationInput<StoreOperation>,
  )
}

/** The one place where a call that came as data meets the operation of that name. */
export async function callOperation<Name extends StoreOperation>(
  connection: SqlConnection,
  call: { readonly name: Name; readonly scope: unknown; readonly input: unknown },
): Promise<unknown> {
  const operation: (
    connection: SqlConnection,
    scope: OperationScope<Name>,
    input: OperationInput<Name>,
  ) => Promise<OperationResult<Name>> = operations[call.name]
  return await operation(
    connection,
    call.scope as OperationScope<Name>,
    call.input as OperationInput<Name>,
  )
}
