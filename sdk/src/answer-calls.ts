import { randomUUID } from 'node:crypto'
import type { Letta } from '@letta-ai/letta-client'
import type { ApprovalCreate } from '@letta-ai/letta-client/resources/agents/messages'
import { LettaError, toLettaError } from './errors.ts'
import type { WireMessage } from './messages.ts'
import type { PendingCall } from './pending-calls.ts'
import type { FollowOptions } from './turn-options.ts'

/** Which calls to answer: those that a run ended with. */
export interface AnswerOptions extends Omit<FollowOptions, 'after'> {
  /** Something to say after the answer. Default: nothing. */
  readonly message?: string | undefined
}

/** A refusal of calls. */
export interface DenyOptions extends AnswerOptions {
  /** Why; the model reads it. */
  readonly reason?: string | undefined
}

/** What came of calls that the caller ran. */
export interface ReturnToolsOptions extends AnswerOptions {
  /** One for each call that waits. */
  readonly returns: readonly CallReturn[]
}

/** What came of one call. */
export interface CallReturn {
  readonly callId: string
  /** What the model reads. */
  readonly text: string
  /** Default: `success`. */
  readonly status?: 'success' | 'error' | undefined
}

/** An element of the wire's `approvals`. */
type Approval = NonNullable<ApprovalCreate['approvals']>[number]

/** Makes the answers for the calls that wait. */
export type Answering = (calls: readonly PendingCall[]) => readonly Approval[]

/** Answers that allow or refuse every call. */
export function decide(approve: boolean, reason?: string): Answering {
  return (calls) =>
    calls.map(({ callId }) => ({
      type: 'approval',
      tool_call_id: callId,
      approve,
      ...(reason !== undefined && { reason }),
    }))
}

/** Answers that carry what the caller's own tools returned. */
export function giveReturns(returns: readonly CallReturn[]): Answering {
  return () =>
    returns.map(({ callId, text, status = 'success' }) => ({
      type: 'tool',
      tool_call_id: callId,
      tool_return: text,
      status,
    }))
}

/** The calls that a run ended with, in the order in which they were asked about; empty when it asked for none. */
export async function listPendingCalls(
  letta: Letta,
  runId: string,
): Promise<readonly PendingCall[]> {
  const page = await letta.runs.messages.list(runId, { order: 'desc', limit: 100 })
  const requests = page.items.flatMap((message) =>
    message.message_type === 'approval_request_message' && 'tool_call' in message ? [message] : [],
  )
  const [request] = requests
  if (request === undefined) return []
  const calls = Array.isArray(request.tool_calls) ? request.tool_calls : [request.tool_call]
  return calls.map((call) => ({
    callId: call.tool_call_id ?? '',
    name: call.name ?? '',
    arguments: call.arguments ?? '',
  }))
}

/** Sends an answer to the calls a run ended with; resolves with the stream of the run it opens. */
export async function sendAnswer(
  letta: Letta,
  options: AnswerOptions & { readonly answering: Answering },
): Promise<AsyncIterable<WireMessage>> {
  const { runId, message, signal } = options
  try {
    const [run, calls] = await Promise.all([
      letta.runs.retrieve(runId),
      listPendingCalls(letta, runId),
    ])
    if (calls.length === 0) throw nothingAsked(runId)
    const approvals = [...options.answering(calls)]
    const conversationId = run.conversation_id ?? null
    return await letta.conversations.messages.create(
      conversationId ?? 'default',
      {
        ...(conversationId === null ? { agent_id: run.agent_id } : {}),
        messages: [
          { type: 'approval', approvals, otid: randomUUID() },
          ...(message === undefined ? [] : [{ role: 'user' as const, content: message }]),
        ],
        streaming: true,
        stream_tokens: true,
        include_pings: true,
        background: true,
      },
      { signal },
    )
  } catch (error) {
    throw toLettaError(error)
  }
}

function nothingAsked(runId: string): LettaError {
  return new LettaError(
    'approval_not_pending',
    `Cannot answer ${runId}: it asked for no approval. List runs to find the one that waits.`,
  )
}
