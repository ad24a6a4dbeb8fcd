import type { Agent } from '../../domain/agent.ts'
import type { CallAnswer } from '../../domain/approval.ts'
import type { Message } from '../../domain/message.ts'
import type { ApprovalAnswer, ApprovalCancel } from '../contract/approval-store.ts'
import type { CommitResult, LeaseProof, StepCommit, TurnWork } from '../contract/turn-store.ts'
import { sampleRun } from './samples.ts'
import { emptyUsage, type World } from './world.ts'

/** The tools a step calls, and for how many of its last calls it waits. */
interface AskedCalls {
  readonly tools?: readonly string[]
  readonly waiting?: number
}

/** A turn that waits for an answer. */
export interface Asked {
  readonly agent: Agent
  readonly work: TurnWork
  readonly step: StepCommit
  /** The message that asks. */
  readonly request: Message
  readonly callIds: readonly string[]
  readonly committed: CommitResult
}

/** Begins a turn whose step calls these tools and waits for an answer to some of them, the last one unless said. */
export async function askFor(world: World, agent: Agent, calls: AskedCalls = {}): Promise<Asked> {
  return await askIn(world, agent, { ...calls, ...(await world.start(agent, 'go')) })
}

/** As {@link askFor}, in a turn that has begun. */
export async function askIn(
  world: World,
  agent: Agent,
  begun: AskedCalls & { readonly lease: LeaseProof; readonly work: TurnWork },
): Promise<Asked> {
  const { tools = ['mine'], waiting = 1, lease, work } = begun
  const commit = world.stepCommit(lease, work, { tools })
  const calls = commit.message?.message.toolCalls ?? []
  const own = {
    conversationId: work.turn.conversationId,
    runId: work.run.id,
    stepId: commit.step.id,
  }
  const request = world.message(agent, '', {
    ...own,
    role: 'approval',
    content: [],
    toolCalls: calls.slice(-waiting),
  })
  const message = world.message(agent, 'I ask.', {
    ...own,
    role: 'assistant',
    toolCalls: calls.slice(0, -waiting),
  })
  const callIds = calls.slice(-waiting).map(({ callId }) => callId)
  const waitingFor = { kind: 'approval', messageId: request.message.id, callIds } as const
  const end = world.end(work, {
    stopReason: 'requires_approval',
    waitingFor,
    events: [
      { type: 'run-ended', stopReason: 'requires_approval', usage: emptyUsage, error: null },
    ],
  })
  const step: StepCommit = { ...commit, message, request, end }
  const committed = await world.store.commitStep(world.scope, step)
  await world.store.releaseLease(world.scope, { lease })
  return { agent, work, step, request: request.message, callIds, committed }
}

/** An answer to everything asked, which allows it unless said. */
export function answerOf(
  world: World,
  asked: Asked,
  given: Partial<ApprovalAnswer> = {},
): ApprovalAnswer {
  const { turn } = asked.work
  const ids = { agentId: turn.agentId, conversationId: turn.conversationId }
  const at = world.at()
  const run = sampleRun({ id: world.id('run'), turnId: turn.id, ...ids, createdAt: at })
  const answers: readonly CallAnswer[] =
    given.answers ??
    asked.callIds.map((callId) => ({ kind: 'approval', callId, approve: true, reason: null }))
  const message = world.message(asked.agent, '', {
    role: 'approval',
    conversationId: turn.conversationId,
    content: [],
    approvals: answers,
    runId: run.id,
    stepId: asked.step.step.id,
  })
  return {
    conversationId: turn.conversationId,
    answers,
    message,
    followUps: [],
    run,
    options: {},
    clientOtids: [],
    requestHash: null,
    retryOf: null,
    at,
    ...given,
  }
}

/** The cancelling of everything asked. */
export function cancelOf(
  world: World,
  asked: Asked,
  given: Partial<ApprovalCancel> = {},
): ApprovalCancel {
  const { toolMessage } = world.toolCommit(asked.step, 0)
  const returns = asked.step.toolCalls.map(() => ({
    status: 'error' as const,
    text: 'Cancelled.',
    stdout: null,
    stderr: null,
  }))
  if (toolMessage === null) throw new Error('There is no message for the returns')
  return {
    runId: asked.work.run.id,
    messageId: asked.request.id,
    answer: answerOf(world, asked).message,
    toolMessage,
    returns,
    at: world.at(),
    ...given,
  }
}
