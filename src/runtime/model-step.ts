import { compileContext } from '../context/compile-context.ts'
import type { StopReason } from '../domain/run.ts'
import { errorMessage, isAppError } from '../errors/app-error.ts'
import type { ModelFailure } from '../llm/model.ts'
import { type Answer, type PreparedCall, askModel } from './ask-model.ts'
import { chooseHandle } from './choose-handle.ts'
import { commitFailure, commitStep } from './commit-step.ts'
import { dropPartial } from './drop-partial.ts'
import { modelTools } from './turn-tools.ts'
import {
  type ActiveTurn,
  isCancelled,
  isPaused,
  type RoundResult,
  throwIfGivenUp,
} from './turn-state.ts'

/**
 * Makes one model call and commits what came of it: the message with its tool calls as intents, or the failure that
 * ends the turn. Nothing is written when the turn is to rest meanwhile; rejects as `throwIfGivenUp` does.
 */
export async function runModelStep(turn: ActiveTurn): Promise<RoundResult> {
  const call = await prepareCall(turn)
  if ('failure' in call) return await commitFailure(turn, call.failure)
  const answer = await askModel(turn, call)
  throwIfGivenUp(turn.signal)
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
  return { items: turn.work.items, ended: false }
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

async function prepareCall(
  turn: ActiveTurn,
): Promise<PreparedCall | { readonly failure: ModelFailure }> {
  const { parts, work, itemMemory } = turn
  const now = parts.clock.now()
  try {
    const model = await parts.models.resolve(chooseHandle(work.turn.options, work))
    const tools = modelTools({
      registry: parts.tools,
      agent: work.agent,
      options: work.turn.options,
    })
    const { cacheLifetimeMs } = parts.settings
    const sources = { work, model: model.info, tools, cacheLifetimeMs, now, itemMemory }
    const context = compileContext(sources)
    return { model, tools, context, startedAt: now }
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
  return reply.finish === 'length' ? 'max_tokens_exceeded' : 'end_turn'
}
