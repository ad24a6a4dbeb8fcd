import { compileContext } from '../context/compile-context.ts'
import type { StopReason } from '../domain/run.ts'
import { errorMessage, isAppError } from '../errors/app-error.ts'
import type { ModelFailure } from '../llm/model.ts'
import { type Answer, type PreparedCall, askModel } from './ask-model.ts'
import { chooseHandle } from './choose-handle.ts'
import { commitFailure, commitStep } from './commit-step.ts'
import { modelTools } from './turn-tools.ts'
import { type ActiveTurn, isCancelled, type RoundResult, throwIfGivenUp } from './turn-state.ts'

/**
 * Makes one model call and commits what came of it: the message with its tool calls as intents, or the failure that
 * ends the turn. Rejects with `RunGivenUp` (nothing written) when the process stops meanwhile.
 */
export async function runModelStep(turn: ActiveTurn): Promise<RoundResult> {
  const call = await prepareCall(turn)
  if ('failure' in call) return await commitFailure(turn, call.failure)
  let answer = await askModel(turn, call)
  throwIfGivenUp(turn.signal)
  const cancelled = isCancelled(turn.signal)
  if (answer.reply.failure !== null && !cancelled) {
    const nothing = { ...answer, message: null, request: null, toolCalls: [] }
    return await commitStep(turn, { call, answer: nothing, stopReason: null })
  }
  // Nobody can answer what a cancelled turn asked for.
  if (cancelled) {
    answer = { ...answer, request: null, toolCalls: answer.message?.toolCalls ?? [] }
  }
  return await commitStep(turn, { call, answer, stopReason: stopReasonOf(answer, cancelled) })
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
  const { parts, work, itemTokens } = turn
  const now = parts.clock.now()
  try {
    const model = await parts.models.resolve(chooseHandle(work.turn.options, work))
    const tools = modelTools({
      registry: parts.tools,
      agent: work.agent,
      options: work.turn.options,
    })
    const { cacheLifetimeMs } = parts.settings
    const sources = { work, model: model.info, tools, cacheLifetimeMs, now, itemTokens }
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
function stopReasonOf({ reply, request }: Answer, cancelled: boolean): StopReason | null {
  if (cancelled) return 'cancelled'
  if (request !== null) return 'requires_approval'
  if (reply.toolCalls.length > 0) return null
  return reply.finish === 'length' ? 'max_tokens_exceeded' : 'end_turn'
}
