import type { CompiledContext } from '../context/compile-context.ts'
import { tracePrompt } from '../context/trace-prompt.ts'
import { placeItems } from '../domain/conversation-items.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { Message, ToolCall } from '../domain/message.ts'
import type {
  ApprovalWait,
  RunEventBody,
  Step,
  StopReason,
  ToolJournalEntry,
} from '../domain/run.ts'
import type { ModelFailure } from '../llm/model.ts'
import { messageEntry } from '../memory/search/search-entry.ts'
import type { NewMessage } from '../storage/contract/new-message.ts'
import type { CommitResult, StepCommit, TurnEnd } from '../storage/contract/turn-store.ts'
import type { Answer, PreparedCall } from './ask-model.ts'
import { endTurn } from './end-turn.ts'
import { publishCommit } from './publish-commit.ts'
import { endJobs } from './end-jobs.ts'
import { addUsage, createTurnEnd, describeFailure, noRunUsage } from './turn-end.ts'
import type { ActiveTurn, RoundResult } from './turn-state.ts'

/** A finished model call and what it means for the turn. */
export interface StepOutcome {
  readonly call: PreparedCall
  readonly answer: Answer
  /** Null = the turn goes on, unless the reply failed. */
  readonly stopReason: StopReason | null
}

/** Commits a finished model call: message, intents, tail item, prefix and, where it is one, the end of the turn. */
export async function commitStep(turn: ActiveTurn, outcome: StepOutcome): Promise<RoundResult> {
  const { parts, scope, lease } = turn
  const { call, answer } = outcome
  const { context } = call
  const at = parts.clock.now()
  const failure = outcome.stopReason === 'cancelled' ? null : answer.reply.failure
  const described = failure === null ? null : describeFailure(failure)
  const stopReason = described?.stopReason ?? outcome.stopReason
  const step = toStep(turn, { ...outcome, stopReason, failure, at })
  const end =
    stopReason === null
      ? null
      : await endOf(turn, { step, stopReason, error: described?.error ?? null, answer, at })
  const commit: StepCommit = {
    lease,
    step,
    message: toNewMessage(turn, answer.message),
    request: toNewMessage(turn, answer.request),
    toolCalls: toJournal(step.id, answer.toolCalls),
    tail: context.tail,
    prefix: context.prefix,
    events: [tracedPrompt(turn, outcome), ...stepEvents(answer)],
    end,
    at,
  }
  const result = await parts.store.commitStep(scope, commit)
  publishCommit(turn, result)
  await parts.calibration.learn(scope, call.model.info, {
    estimated: context.estimated,
    reported: answer.reply.usage.promptTokens,
  })
  const items = itemsAfter(turn, context, result)
  return { items, ended: end !== null, released: result.released }
}

/** How many of the things that were found and not shown a trace names. */
const tracedHits = 10

function tracedPrompt(turn: ActiveTurn, { call, answer }: StepOutcome): RunEventBody {
  const found = call.recall?.considered ?? null
  const recall =
    found === null
      ? null
      : [
          ...found.filter(({ verdict }) => verdict === 'shown'),
          ...found.filter(({ verdict }) => verdict !== 'shown').slice(0, tracedHits),
        ]
  const trace = tracePrompt(turn.work, call.context, recall)
  return { type: 'prompt-sent', stepId: answer.stepId, trace }
}

function itemsAfter(
  turn: ActiveTurn,
  context: CompiledContext,
  { item, request }: CommitResult,
): readonly ConversationItem[] {
  return placeItems(
    turn.work.items,
    [context.tail, item, request].filter((added) => added !== null),
  )
}

function stepEvents(answer: Answer): readonly RunEventBody[] {
  const stored = [answer.message, answer.request].filter((message) => message !== null)
  const storedIds = stored.map(({ id }) => id)
  return [
    ...answer.shownIds
      .filter((id) => !storedIds.includes(id))
      .map((messageId) => ({ type: 'message-dropped', messageId }) as const),
    ...storedIds.map(
      (messageId) =>
        ({
          type: 'message-stored',
          messageId,
          streamed: answer.shownIds.includes(messageId),
        }) as const,
    ),
  ]
}

function toNewMessage(turn: ActiveTurn, message: Message | null): NewMessage | null {
  if (message === null) return null
  return { message, entry: messageEntry(message, turn.work.agent) }
}

function toJournal(stepId: string, calls: readonly ToolCall[]): readonly ToolJournalEntry[] {
  return calls.map((call, index) => ({
    stepId,
    index,
    callId: call.callId,
    name: call.name,
    arguments: call.arguments,
    state: 'intended',
  }))
}

function toStep(
  turn: ActiveTurn,
  outcome: StepOutcome & { readonly failure: ModelFailure | null; readonly at: number },
): Step {
  const { work } = turn
  const { call, answer, failure, stopReason, at } = outcome
  return {
    id: answer.stepId,
    runId: work.run.id,
    turnId: work.turn.id,
    agentId: work.agent.id,
    conversationId: work.conversation.id,
    number: work.turn.stepCount + 1,
    model: call.model.handle,
    provider: call.model.info.provider,
    status: failure !== null ? 'failed' : stopReason === 'cancelled' ? 'cancelled' : 'success',
    stopReason,
    usage: answer.reply.usage,
    contextWindow: call.context.budget.window,
    modelDurationNs: (at - call.startedAt) * 1_000_000,
    error:
      failure === null
        ? null
        : { code: failure.code, message: failure.message, detail: failure.detail },
    createdAt: call.startedAt,
    completedAt: at,
  }
}

async function endOf(
  turn: ActiveTurn,
  end: Pick<TurnEnd, 'stopReason' | 'at'> & {
    readonly step: Step
    readonly error: ReturnType<typeof describeFailure>['error'] | null
    readonly answer: Answer
  },
): Promise<TurnEnd> {
  const { parts, scope, work } = turn
  const before =
    work.turn.stepCount === 0
      ? noRunUsage
      : await parts.store.getRunUsage(scope, { runId: work.run.id })
  const { firstPartAt } = end.answer
  return createTurnEnd({
    work,
    stopReason: end.stopReason,
    waitingFor: waitOf(end.answer),
    usage: addUsage(before, end.step.usage),
    error: end.error,
    timeToFirstTokenNs:
      firstPartAt === null ? null : (firstPartAt - work.run.createdAt) * 1_000_000,
    jobs: endJobs(turn, end.at),
    at: end.at,
  })
}

function waitOf({ request }: Answer): ApprovalWait | null {
  if (request === null) return null
  const callIds = request.toolCalls.map(({ callId }) => callId)
  return { kind: 'approval', messageId: request.id, callIds }
}

/** Ends a turn whose request could not be made at all. */
export async function commitFailure(turn: ActiveTurn, failure: ModelFailure): Promise<RoundResult> {
  const { parts, work } = turn
  parts.logger.warn({ runId: work.run.id, code: failure.code }, 'A model call could not be made')
  return await endTurn(turn, describeFailure(failure))
}
