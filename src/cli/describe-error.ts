import { type LettaError, toLettaError } from '../../sdk/src/errors.ts'
import { PendingApprovalError } from '../../sdk/src/pending-calls.ts'
import { isAppError } from '../errors/app-error.ts'
import { isSystemError, type SystemError, systemReason } from '../errors/system-reason.ts'
import { describeRefusal } from './describe-refusal.ts'
import { CliError, exitCodes } from './cli-error.ts'

/** What is told about an error. */
export interface ErrorReport {
  /** One sentence, or a few. */
  readonly message: string
  readonly exitCode: number
}

/** The sentence and the exit code of whatever a command threw. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode }
  if (isAppError(error)) return { message: error.message, exitCode: exitCodes.failed }
  if (error instanceof PendingApprovalError) return pendingReport(error)
  if (isSystemError(error)) return { message: systemSentence(error), exitCode: exitCodes.failed }
  const failure = toLettaError(error)
  if (failure.code === 'pending_approval') return blockedReport(failure.runId)
  if (failure.code === 'aborted') return interruptedReport(failure.runId)
  const advice = adviceFor(failure)
  const text = describeRefusal(failure.message)
  const sentence = /[.!?…]$/.test(text) ? text : `${text}.`
  const message = sentence.includes('letta retry') ? sentence : sentence + advice
  return { message, exitCode: exitCodes.failed }
}

/** For what nobody on the way had better words. */
function systemSentence(error: SystemError): string {
  const subject = error.path === undefined ? '' : ` ${error.path}`
  return `Cannot ${error.syscall}${subject}: ${systemReason(error)}. Check the path and its permissions.`
}

/** What the sentence of the API, which clients match, does not say. */
function adviceFor({ code, runId }: LettaError): string {
  if (runId !== null) {
    return ' The message is stored; `letta retry` tries again, or just send the next one.'
  }
  if (code === 'unauthorized') {
    return ' Set LETTA_API_KEY to a key of that server; `letta keys create` on its machine makes one.'
  }
  return ''
}

function pendingReport({ runId, calls }: PendingApprovalError): ErrorReport {
  const shown = calls.map((call) => `${call.name}(${call.arguments})`).join(', ')
  const message =
    `The agent asks before it calls ${shown}. ` +
    `Answer with \`letta runs approve ${runId}\` or \`letta runs deny ${runId} --reason "…"\`.`
  return { message, exitCode: exitCodes.pending }
}

function blockedReport(runId: string | null): ErrorReport {
  const run = runId ?? '<run>'
  const message =
    'Cannot send the message: the agent waits for an answer to a tool call. ' +
    `Answer with \`letta runs approve ${run}\` or \`letta runs deny ${run}\`, or end it with \`letta runs cancel ${run}\`.`
  return { message, exitCode: exitCodes.pending }
}

function interruptedReport(runId: string | null): ErrorReport {
  const message =
    runId === null
      ? 'Interrupted.'
      : 'Interrupted. The message is stored; `letta retry` goes on with it.'
  return { message, exitCode: exitCodes.interrupted }
}
