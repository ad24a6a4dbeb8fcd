import { type CompileInput, measureContext, requireFit } from '../context/compile-context.ts'
import { turnContents } from '../context/summary-view.ts'
import type { StopReason } from '../domain/run.ts'
import type { CompactionTrigger } from '../domain/summary.ts'
import { errorMessage, isAppError } from '../errors/app-error.ts'
import type { ModelFailure } from '../llm/model.ts'
import type { TurnWork } from '../storage/contract/turn-store.ts'
import { type Answer, type PreparedCall, askModel } from './ask-model.ts'
import { chooseHandle } from './choose-handle.ts'
import { commitFailure, commitStep } from './commit-step.ts'
import { recallForTurn } from './recall.ts'
import { compactTurn, compactionTrigger } from './compact-turn.ts'
import { dropPartial } from './drop-partial.ts'
import { endTurn } from './end-turn.ts'
import { modelTools } from './turn-tools.ts'
import {
  type ActiveTurn,
  isCancelled,
  isPaused,
  type RoundResult,
  throwIfGivenUp,
  unchanged,
} from './turn-state.ts'

/**
 * Makes one model call and commits what came of it: the message with its tool calls as intents, or the failure that
 * ends the turn. Nothing is written when the turn is to rest meanwhile; rejects as `throwIfGivenUp` does.
 */
export async function runModelStep(turn: ActiveTurn): Promise<RoundResult> {
  const prepared = await prepareCall(turn)
  if ('failure' in prepared) return await commitFailure(turn, prepared.failure)
  const stopped = await stopBeforeCall(prepared)
  if (stopped !== null) return stopped
  const answer = await askModel(prepared.turn, prepared.call)
  throwIfGivenUp(turn.signal)
  if (!isRefusedAsTooLong(prepared, answer)) return await settle(prepared, answer)
  // The provider counts more than was estimated. Nothing was shown yet, so the same step may try with less.
  await learnRefusal(prepared)
  const again = await compactAgain(prepared)
  if (again === null) return await settle(prepared, answer)
  if ('failure' in again) return await commitFailure(turn, again.failure)
  const stoppedAgain = await stopBeforeCall(again)
  if (stoppedAgain !== null) return stoppedAgain
  const second = await askModel(again.turn, again.call)
  throwIfGivenUp(turn.signal)
  return await settle(again, second)
}

/** A compaction takes its time: who was asked meanwhile to stop or to rest makes no call. Null = go on. */
async function stopBeforeCall({ turn }: Prepared): Promise<RoundResult | null> {
  if (isCancelled(turn.signal)) {
    return await endTurn(turn, { stopReason: 'cancelled', error: null })
  }
  return isPaused(turn.signal) ? unchanged(turn) : null
}

/** Commits what came of a call. */
async function settle({ turn, call }: Prepared, answer: Answer): Promise<RoundResult> {
  if (isPaused(turn.signal)) return await forgetAnswer(turn, answer)
  const cancelled = isCancelled(turn.signal)
  if (answer.reply.failure !== null && !cancelled) {
    const nothing = { ...answer, message: null, request: null, toolCalls: [] }
    return await commitStep(turn, { call, answer: nothing, stopReason: null })
  }
  if (cancelled) {
    return await commitStep(turn, { call, answer: cutShort(answer), stopReason: 'cancelled' })
  }
  return await commitStep(turn, { call, answer, stopReason: stopReasonOf(answer) })
}

/** An answer that a pause broke off is no step: the model is asked again when the pause is over. */
async function forgetAnswer(turn: ActiveTurn, answer: Answer): Promise<RoundResult> {
  if (answer.shownIds.length > 0) await dropPartial(turn, answer.shownIds)
  return unchanged(turn)
}

/** What was said before a cancel is kept and marked; the calls it would have made are not made, nor asked about. */
function cutShort(answer: Answer): Answer {
  const { message, reply } = answer
  const isEmpty = message === null || message.content.length === 0
  return {
    ...answer,
    reply: { ...reply, toolCalls: [] },
    message: isEmpty ? null : { ...message, toolCalls: [], isError: true },
    request: null,
    toolCalls: [],
  }
}

/** What keeps a call from being made at all: known before the model is asked, and the end of the turn. */
const refusals = [
  'context_window_exceeded',
  'model_ambiguous',
  'model_key_missing',
  'model_not_found',
] as const

/** A call that is ready to be made, and the turn with the view it is made of. */
interface Prepared {
  readonly turn: ActiveTurn
  readonly call: PreparedCall
  /** Whether the view was compacted for this step; it is at most once. */
  readonly isCompacted: boolean
}

interface NotPrepared {
  readonly failure: ModelFailure
}

async function prepareCall(turn: ActiveTurn): Promise<Prepared | NotPrepared> {
  const { parts, work } = turn
  return await refusedAsFailure(async () => {
    const resolved = await parts.models.resolve(chooseHandle(work.turn.options, work))
    const model = await parts.calibration.apply(turn.scope, resolved)
    const startedAt = parts.clock.now()
    const measured = await measureCall(turn, { model, startedAt })
    const trigger = compactionTrigger(measured.context)
    if (trigger === null) return { turn, call: proven(measured), isCompacted: false }
    return await compacted(turn, measured, trigger)
  })
}

/** The call with a view that was compacted if it could be. */
async function compacted(
  turn: ActiveTurn,
  call: PreparedCall,
  trigger: CompactionTrigger,
): Promise<Prepared> {
  const after = await compactTurn(turn, call, trigger)
  if (after === turn) return { turn, call: proven(call), isCompacted: false }
  // What was shown before may have left the view with its turn.
  const startedAt = turn.parts.clock.now()
  const measured = await measureCall(after, { model: call.model, startedAt })
  return { turn: after, call: proven(measured), isCompacted: true }
}

/** The request of a call as it would be sent, with what was looked up for it. */
async function measureCall(
  turn: ActiveTurn,
  { model, startedAt }: Pick<PreparedCall, 'model' | 'startedAt'>,
): Promise<PreparedCall> {
  const { parts, work } = turn
  const { hasSummary } = turnContents(work, turn.itemMemory)
  const { options } = work.turn
  const tools = modelTools({ registry: parts.tools, agent: work.agent, options, hasSummary })
  const call = { model, tools, startedAt }
  const input = contextInput(turn, call)
  const recall = await recallForTurn(turn.parts, turn.scope, input)
  const context = measureContext({ ...input, recall: recall?.extract ?? null })
  return { ...call, recall, context }
}

function contextInput(
  { parts, work, itemMemory }: ActiveTurn,
  { model, tools, startedAt }: Pick<PreparedCall, 'model' | 'tools' | 'startedAt'>,
): CompileInput & { readonly work: TurnWork } {
  const { cacheLifetimeMs } = parts.settings
  return { work, model: model.info, tools, cacheLifetimeMs, now: startedAt, itemMemory }
}

/** @throws AppError `context_window_exceeded`. */
function proven(call: PreparedCall): PreparedCall {
  requireFit(call.context)
  return call
}

function isRefusedAsTooLong({ isCompacted }: Prepared, { reply, firstPartAt }: Answer): boolean {
  return reply.failure?.code === 'context_window_exceeded' && firstPartAt === null && !isCompacted
}

/** A request that was refused as too long fills the window at least. */
async function learnRefusal({ turn, call: { model, context } }: Prepared): Promise<void> {
  const { estimated, budget } = context
  const report = { estimated, reported: budget.window }
  await turn.parts.calibration.learn(turn.scope, model.info, report)
}

/** The call once more with a smaller view; null = there is none. */
async function compactAgain({ turn, call }: Prepared): Promise<Prepared | NotPrepared | null> {
  const again = await refusedAsFailure(() => compacted(turn, call, 'context_window_exceeded'))
  return 'failure' in again || again.isCompacted ? again : null
}

async function refusedAsFailure(prepare: () => Promise<Prepared>): Promise<Prepared | NotPrepared> {
  try {
    return await prepare()
  } catch (error) {
    const code = refusals.find((refusal) => isAppError(error, refusal))
    if (code === undefined) throw error
    const message = errorMessage(error)
    return { failure: { code, message, detail: '', retryable: false, retryAfterMs: null } }
  }
}

/** Null = the turn goes on. */
function stopReasonOf({ reply, request }: Answer): StopReason | null {
  if (request !== null) return 'requires_approval'
  if (reply.toolCalls.length > 0) return null
  switch (reply.finish) {
    case 'length':
      return 'max_tokens_exceeded'
    case 'content-filter':
      return 'invalid_llm_response'
    default:
      return 'end_turn'
  }
}
